using CsCheck;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.AddressSpaces;

/// <summary>Splitting and merging of areas against flags kept page by page.</summary>
public class VmaListTests
{
    private const int Pages = 40;
    private const long Page = Geometry.PageSize;
    private static readonly VmaFlags[] Changes = [VmaFlags.Write, VmaFlags.HugePage, VmaFlags.NoHugePage];

    private static readonly Gen<(int Kind, int Start, int Length, int Flag)[]> Operations =
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, Pages - 1], Gen.Int[1, 12], Gen.Int[0, 2]).Array[0, 40];

    [Fact]
    public void Areas_agree_with_flags_per_page() => Operations.Sample(operations =>
    {
        var list = new VmaList();
        var oracle = new VmaFlags?[Pages];
        foreach ((int kind, int start, int length, int flag) in operations)
        {
            int end = Math.Min(start + length, Pages);
            Apply(list, oracle, kind, start, end, Changes[flag]);
            AssertSame(list, oracle);
        }
    });

    [Fact]
    public void Areas_of_the_image_never_merge()
    {
        var mm = new Mm(1, new Model.Memory.FolioTable(512), new Model.Memory.VmStat());
        mm.AddImage(7, 3);
        Assert.Equal(10, mm.Vmas.Areas.Count);
    }

    [Fact] // the merged area has an anon_vma when one part had
    public void A_merged_area_keeps_the_anon_vma()
    {
        var list = new VmaList();
        list.Insert(new Vma { Start = 0, End = Page, Flags = VmaFlags.Write, HasAnonVma = true });
        Vma merged = list.Insert(new Vma { Start = Page, End = 2 * Page, Flags = VmaFlags.Write });
        Assert.True(merged.HasAnonVma);
        Assert.Equal((0L, 2 * Page), (merged.Start, merged.End));
    }

    private static void Apply(VmaList list, VmaFlags?[] oracle, int kind, int start, int end, VmaFlags flag)
    {
        Span<VmaFlags?> window = oracle.AsSpan(start, end - start);
        if (kind == 0)
        {
            if (!window.ContainsAnyExcept((VmaFlags?)null))
            {
                list.Insert(new Vma { Start = start * Page, End = end * Page, Flags = flag });
                window.Fill(flag);
            }
        }
        else if (kind == 1)
        {
            list.Remove(start * Page, end * Page);
            window.Clear();
        }
        else
        {
            bool whole = list.Change(start * Page, end * Page, flags => flags ^ flag);
            Assert.Equal(!window.Contains(null), whole);
            foreach (ref VmaFlags? page in window)
            {
                page ^= flag;
            }
        }
    }

    private static void AssertSame(VmaList list, VmaFlags?[] oracle)
    {
        long last = 0;
        foreach (Vma vma in list.Areas)
        {
            Assert.True(vma.Start >= last && vma.End > vma.Start);
            last = vma.End;
        }

        for (int page = 0; page < Pages; page++)
        {
            Assert.Equal(oracle[page], list.Find(page * Page)?.Flags);
            int above = Enumerable.Range(page, Pages - page).FirstOrDefault(p => oracle[p] is not null, -1);
            Assert.Equal(above < 0 ? null : list.Find(above * Page), list.FindAbove(page * Page));
        }
    }
}
