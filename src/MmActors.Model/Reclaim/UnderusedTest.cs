using MmActors.Model.Coverage;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Reclaim;

/// <summary>thp_underused: whether a PMD THP wastes enough zero pages to be split (DS-16).</summary>
public static class UnderusedTest
{
    /// <summary>Whether the THP has more than <paramref name="maxPtesNone"/> zero pages; strict, where khugepaged's own
    /// limit is inclusive. 511 switches the test off.</summary>
    /// <param name="contentTags">Content of the 512 pages in order; 0 is the zero page.</param>
    /// <param name="maxPtesNone">khugepaged/max_ptes_none, 0…511.</param>
    /// <param name="examined">Pages compared until the answer was certain: the cost of the test (DS-18).</param>
    /// <exception cref="InvariantException">The content is not that of 512 pages.</exception>
    public static bool IsUnderused(ReadOnlySpan<byte> contentTags, int maxPtesNone, out int examined)
    {
        const int pages = Geometry.PtesPerTable;
        if (contentTags.Length != pages)
        {
            throw new InvariantException($"the underused test was given {contentTags.Length} pages of a PMD THP");
        }

        examined = 0;
        if (maxPtesNone == pages - 1)
        {
            CoverageMarks.Hit(ReclaimMark.EntryTestOff);
            return false;
        }

        Bits512 zeros = Bits512.WhereEqual(contentTags, ContentTag.Zero);
        int decidesYes = zeros.NthSet(maxPtesNone);
        int decidesNo = (~zeros).NthSet(pages - maxPtesNone - 1);
        CoverageMarks.HitIf(decidesYes > decidesNo, ReclaimMark.EntryUsed);
        examined = Math.Min(decidesYes, decidesNo) + 1;
        return decidesYes < decidesNo;
    }
}
