using MmActors.Model.AddressSpaces;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.AddressSpaces;

/// <summary>One address space on a node of its own, or shared with those forked from it, driven step by step without actors. Ranges are
/// numbered from <see cref="Base"/>; a page is its index in the range.</summary>
internal sealed class Space
{
    public const long Base = 0x1000_0000_0000;
    private static int _lastId;

    public Space(int pages = 65_536)
    {
        Vmstat = new VmStat();
        Node = new MemoryNode(new FolioTable(pages), cpus: 1, khugepagedMayRun: true, Vmstat);
        Mm = new Mm(Interlocked.Increment(ref _lastId), Node.Folios, Vmstat);
    }

    private Space(Space parent)
    {
        (Vmstat, Node, Thp) = (parent.Vmstat, parent.Node, parent.Thp);
        Mm = new Mm(Interlocked.Increment(ref _lastId), Node.Folios, Vmstat);
        Forking.Copy(parent.Mm, Mm, new NodeWork());
    }

    public VmStat Vmstat { get; }

    public MemoryNode Node { get; }

    public Mm Mm { get; }

    public ThpSettings Thp { get; set; } = new();

    public FolioTable Folios => Node.Folios;

    public static long Range(int index) => Base + ((long)index << Geometry.PmdShift);

    public ref PmdEntry Entry(int range = 0) => ref Mm.Directory.Find(Range(range));

    public PteTable Table(int range = 0) => Entry(range).Table!;

    /// <summary>Maps ranges; small pages unless advised.</summary>
    public Space Map(int ranges, VmaFlags extra = VmaFlags.None)
    {
        Mm.Vmas.Insert(new Vma { Start = Base, End = Range(ranges), Flags = VmaFlags.Write | extra });
        return this;
    }

    public Space Write(Bits512 pages, byte value, int range = 0, bool whole = false)
    {
        Touch(new Access(Range(range), pages, true, value, whole));
        return this;
    }

    public Space Fill(byte value = 1, int range = 0) => Write(Bits512.All, value, range, whole: true);

    public Space Read(Bits512 pages, int range = 0)
    {
        Touch(new Access(Range(range), pages, false, 0, false));
        return this;
    }

    public Space Free(Bits512 pages, int range = 0)
    {
        Node.Drain(0);
        Execute(work => MadviseFree.Apply(Mm, Range(range), pages, work));
        return this;
    }

    public Space DontNeed(Bits512 pages, int range = 0)
    {
        Execute(work => Zapping.Zap(Mm, Range(range), pages, work));
        return this;
    }

    public Space Drain()
    {
        Node.DrainAll();
        return this;
    }

    public Space Fork() => new(this);

    /// <summary>Collapses a range as khugepaged does, scan included.</summary>
    public ScanResult Collapse(int range = 0, bool isKhugepaged = true, LazyfreeHandling lazyfree = LazyfreeHandling.Collapse)
    {
        Node.DrainAll();
        ScanLimits limits = Limits(isKhugepaged, lazyfree);
        ScanResult scanned = RangeScanner.Scan(Folios, Table(range), limits).Result;
        if (scanned != ScanResult.Succeed)
        {
            return scanned;
        }

        Assert.True(Node.TryAllocateHuge(out int head));
        Collapse collapse = Model.Khugepaged.Collapse.Detach(Mm, Range(range));
        ScanResult isolated = ScanResult.Fail;
        Execute(work => isolated = collapse.Isolate(limits, work).Result);
        if (isolated == ScanResult.Succeed)
        {
            Execute(work => collapse.Install(Mm.Vmas.Find(Range(range))!, head, Thp, work));
        }
        else
        {
            Node.ReturnHuge(head);
        }

        return isolated;
    }

    public ScanLimits Limits(bool isKhugepaged = true, LazyfreeHandling lazyfree = LazyfreeHandling.Collapse, bool exact = false) => new()
    {
        IsKhugepaged = isKhugepaged,
        MaxNone = isKhugepaged ? Thp.MaxPtesNone : 512,
        MaxSwap = isKhugepaged ? Thp.MaxPtesSwap : 512,
        MaxShared = isKhugepaged ? Thp.MaxPtesShared : 512,
        SkipLazyfree = isKhugepaged && lazyfree != LazyfreeHandling.Collapse,
        RequireWritable = true,
        ExactShared = exact,
    };

    public RangeScan Scan(int range = 0, LazyfreeHandling lazyfree = LazyfreeHandling.Collapse)
    {
        ScanLimits limits = Limits(lazyfree: lazyfree);
        RangeScan scan = RangeScanner.Scan(Folios, Table(range), limits);
        Assert.Equal(RangeScanner.ScanStepByStep(Folios, Table(range), limits), scan);
        return scan;
    }

    public byte Content(int page, int range = 0) => ContentAudit.ReadChecked(Mm, Range(range), page);

    /// <summary>The full audit over this and further spaces of the same node.</summary>
    public void Audit(params Space[] others) => WorldAudit.Check(Node, [Mm, .. others.Select(static other => other.Mm)]);

    public void Execute(Action<NodeWork> change)
    {
        var work = new NodeWork();
        change(work);
        work.Execute(Node, 0);
    }

    public void Touch(Access access, bool populate = false)
    {
        bool hugeTried = false;
        while (UserAccess.Apply(Mm, access) is { IsEmpty: false } left)
        {
            access = access with { Pages = left };
            FaultPlan plan = Faults.Plan(Mm, access, left, Thp, hugeTried);
            Assert.NotEqual(FaultNeed.Segfault, plan.Need);
            if (plan.Need == FaultNeed.Nothing)
            {
                Assert.True(Faults.ApplyWithoutMemory(Mm, access, left, Thp) > 0);
            }
            else if (plan.Need == FaultNeed.HugePage)
            {
                hugeTried = true;
                Assert.True(Node.TryAllocateHuge(out int head));
                Execute(work => Assert.True(Faults.ApplyHuge(Mm, access.Range, head, populate, Thp, work)));
            }
            else
            {
                ServeWithPages(access, left, plan.PageCount, populate);
            }
        }
    }

    private void ServeWithPages(Access access, Bits512 left, int count, bool populate)
    {
        var pages = new PageBuffer();
        Assert.True(Node.TryAllocatePages(pages.Reserve(count)));
        Execute(work => Assert.True(Faults.ApplyPages(Mm, access, left, pages, populate, work) > 0));
        Node.Return(pages.Pages);
    }
}
