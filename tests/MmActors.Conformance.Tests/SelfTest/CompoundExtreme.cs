using MmActors.Actors;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>ST-10: 512 PTEs that map subpages of 512 different order-9 folios. As in the self-test every huge page comes from
/// a fault and loses its other 511 pages by real calls. Only the moves of the last one are not calls: the step language has
/// no mremap, because of a folio moved in part rmap would have to know two places. So each huge page gets a range of its
/// own, keeps its i-th page, and <see cref="MovePages"/> does what mremap would: it moves the i-th PTE of range i + 1 to the
/// i-th of range 0, with its bits, and tells the folio where its mapping is now.</summary>
internal static class CompoundExtreme
{
    private const int Pages = Geometry.PtesPerTable;

    /// <summary>What a machine must do for <see cref="Append"/>.</summary>
    public static (string Snap, Action<World> Act) Move(Procedure procedure) => (Built(procedure), MovePages);

    /// <summary>The case by one of the procedures; needs 1 GiB of memory and <see cref="Move"/>.</summary>
    public static void Append(SelfTestScript script, Procedure procedure)
    {
        script.Map(1 + Pages).Advise(Advice.NoHugePage);
        for (int page = 0; page < Pages; page++)
        {
            int first = (1 + page) * Pages;
            script.Advise(Advice.HugePage, first, first + Pages).Write(first, first + Pages, value: (byte)((page % byte.MaxValue) + 1))
                .Advise(Advice.NoHugePage, first, first + Pages);
            script = page == 0 ? script : script.Advise(Advice.DontNeed, first, first + page);
            script = page == Pages - 1 ? script : script.Advise(Advice.DontNeed, first + page + 1, first + Pages);
        }

        script.Snap(Built(procedure)).Sleep(20).UnmapBehind(Pages).Count().Fill(0, Pages)
            .Try(procedure, $"extreme {procedure}").Count().Unmap();
    }

    private static string Built(Procedure procedure) => $"512 huge pages for {procedure}";

    private static void MovePages(World world)
    {
        Mm mm = world.Report.Spaces[0];
        long start = mm.Vmas.Areas.Single(static area => area.End - area.Start > Geometry.PmdSize).Start;
        var target = new PteTable();
        mm.CountTable(1);
        mm.Directory.Ensure(start) = new PmdEntry { State = PmdState.Table, Table = target };
        for (int page = 0; page < Pages; page++)
        {
            PteTable source = mm.Directory.Find(start + ((1L + page) << Geometry.PmdShift)).Table!;
            int pfn = source.Pfns[page];
            target.MapPage(page, pfn, source.Young.Has(page), source.Dirty.Has(page), source.Writable.Has(page));
            target.LastWritten[page] = source.LastWritten[page];
            source.LastWritten[page] = 0;
            source.ClearPte(page);
            mm.Folios.SetMapping(mm.Folios.Head(pfn), mm.Family, start);
        }
    }
}
