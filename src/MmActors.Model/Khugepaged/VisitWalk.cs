using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Model.Khugepaged;

/// <summary>Where the VMA iteration of a VISIT got to (KH-14).</summary>
public enum WalkOutcome
{
    /// <summary>A range to look at.</summary>
    Range,
    /// <summary>No area left.</summary>
    EndOfMm,
    /// <summary>The mm is exiting or THP-disabled.</summary>
    Closed,
}

/// <summary>One step of the iteration.</summary>
/// <param name="Outcome">What was found.</param>
/// <param name="Address">Start of the range, for <see cref="WalkOutcome.Range"/>.</param>
/// <param name="SkippedVmas">Areas stepped over; each costs 1 (KH-17a).</param>
public readonly record struct WalkStep(WalkOutcome Outcome, long Address, int SkippedVmas);

/// <summary>The VMA iteration of a VISIT (KH-14). Stateless: the cursor address says where it stands.</summary>
public static class VisitWalk
{
    /// <summary>Finds the next range at or after the cursor address.</summary>
    /// <param name="mm">The address space; its lock is held.</param>
    /// <param name="address">Where the cursor stands.</param>
    /// <param name="settings">The sysfs settings now.</param>
    /// <param name="isWithinVisit">The VISIT has looked at a range before: an area it is in the middle of is not tested
    /// again (KH-14.4), so a settings change takes effect at the next area.</param>
    public static WalkStep Next(Mm mm, long address, ThpSettings settings, bool isWithinVisit)
    {
        int skipped = 0;
        for (int index = mm.Vmas.IndexAbove(address); index < mm.Vmas.Areas.Count; index++)
        {
            Vma vma = mm.Vmas.Areas[index];
            bool resumesInside = address > vma.HugeStart && address < vma.HugeEnd;
            if (mm.IsClosedToKhugepaged)
            {
                CoverageMarks.Hit(CoverageMark.VisitClosedInside);
                return new WalkStep(WalkOutcome.Closed, address, resumesInside ? skipped : skipped + 1);
            }

            if (!(isWithinVisit && resumesInside) && !Eligibility.IsEligible(mm, vma, settings, ignoreSysfs: false))
            {
                CoverageMarks.Hit(CoverageMark.VisitIneligibleSkipped);
                skipped++;
                continue;
            }

            if (address > vma.HugeEnd)
            {
                CoverageMarks.Hit(CoverageMark.VisitAreaPassed);
                skipped++;
                continue;
            }

            long next = Math.Max(address, vma.HugeStart);
            if (next < vma.HugeEnd)
            {
                return new WalkStep(WalkOutcome.Range, Geometry.PmdFloor(next), skipped);
            }
        }

        CoverageMarks.Hit(CoverageMark.VisitRanOff);
        return new WalkStep(WalkOutcome.EndOfMm, address, skipped);
    }
}
