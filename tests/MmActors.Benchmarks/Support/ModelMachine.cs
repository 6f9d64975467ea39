using MmActors.Model.AddressSpaces;
using MmActors.Model.Costs;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Benchmarks.Support;

/// <summary>A node and one address space without actors: what the model's benchmarks work on. The area begins at
/// <see cref="FirstRange"/> and is as large as the node.</summary>
internal sealed class ModelMachine
{
    /// <summary>Start of the area.</summary>
    public const long FirstRange = 0x1000_0000_0000;

    private readonly RandomStream _random = new(1, "benchmark");

    /// <summary>A machine with room for this many mapped 2 MiB ranges and some free memory left.</summary>
    public ModelMachine(int ranges)
    {
        Folios = new FolioTable((ranges + Spare(ranges)) * Geometry.PtesPerTable);
        Node = new MemoryNode(Folios, cpus: 1, khugepagedMayRun: true, Vmstat);
        Mm = new Mm(1, Folios, Vmstat);
        Vma = Mm.Vmas.Insert(new Vma
        {
            Start = FirstRange,
            End = Address(ranges),
            Flags = VmaFlags.Write | VmaFlags.HugePage,
        });
    }

    public FolioTable Folios { get; }

    public VmStat Vmstat { get; } = new();

    public MemoryNode Node { get; }

    public Mm Mm { get; }

    public Vma Vma { get; }

    public ThpSettings Thp { get; } = new();

    /// <summary>Start of the range with this number.</summary>
    public static long Address(int range) => FirstRange + ((long)range << Geometry.PmdShift);

    public PteTable Table(int range) => Mm.Directory.Find(Address(range)).Table!;

    /// <summary>Write-faults every page of a range: allocation, mapping, LRU.</summary>
    public void Populate(int range)
    {
        var pages = new PageBuffer();
        if (!Node.TryAllocatePages(pages.Reserve(Geometry.PtesPerTable)))
        {
            throw new InvalidOperationException("the benchmark's machine is too small");
        }

        Map(range, pages);
    }

    /// <summary>Populates ranges with pages in random order, as after a long uptime.</summary>
    public void PopulateScattered(int ranges)
    {
        var all = new int[ranges * Geometry.PtesPerTable];
        if (!Node.TryAllocatePages(all))
        {
            throw new InvalidOperationException("the benchmark's machine is too small");
        }

        for (int index = all.Length - 1; index > 0; index--)
        {
            int other = _random.NextBelow(index + 1);
            (all[index], all[other]) = (all[other], all[index]);
        }

        for (int range = 0; range < ranges; range++)
        {
            var pages = new PageBuffer();
            all.AsSpan(range * Geometry.PtesPerTable, Geometry.PtesPerTable).CopyTo(pages.Reserve(Geometry.PtesPerTable));
            Map(range, pages);
        }
    }

    /// <summary>Maps a fresh order-9 folio.</summary>
    public int PopulateHuge(int range)
    {
        var work = new NodeWork();
        int head = AllocateHuge();
        Faults.ApplyHuge(Mm, Address(range), head, populate: false, Thp, work);
        work.Execute(Node, 0);
        return head;
    }

    public int AllocateHuge() => Node.TryAllocateHuge(out int head)
        ? head : throw new InvalidOperationException("the benchmark's machine is too small");

    /// <summary>Unmaps a range and frees what nobody else maps.</summary>
    public void Zap(int range)
    {
        var work = new NodeWork();
        Zapping.Zap(Mm, Address(range), Bits512.All, work);
        Zapping.FreeTable(Mm, Address(range));
        work.Execute(Node, 0);
    }

    private void Map(int range, PageBuffer pages)
    {
        var work = new NodeWork();
        var access = new Access(Address(range), Bits512.All, IsWrite: true, 0, WholePages: false);
        Faults.ApplyPages(Mm, access, Bits512.All, pages, populate: false, work);
        work.Execute(Node, 0);
        Node.Drain(0);
    }

    private static int Spare(int ranges) => 64 + (ranges / 16);
}
