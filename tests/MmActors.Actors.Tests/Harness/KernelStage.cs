using Akka.Actor;
using Akka.TestKit;
using MmActors.Actors.Protocol;
using MmActors.Actors.Reclaim;
using MmActors.Actors.Tasks;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Swap;
using MmActors.Model.Units;
using MmActors.TestSupport;

namespace MmActors.Actors.Tests.Harness;

/// <summary>A small machine on the deterministic kernel: node, split queue, khugepaged and address spaces are the real
/// actors, the user tasks are played by probes, and the test stops the clock inside any window it likes.</summary>
public abstract class KernelStage : SimTestKit
{
    private readonly List<Mm> _spaces = [];
    private WorldContext? _context;
    private int _programs;
    private int _collapsesReturned;
    private int _writers;
    private TestProbe? _writer;

    /// <summary>What the machine's actors share.</summary>
    protected WorldContext Machine => _context ?? throw new InvalidOperationException("boot first");

    /// <summary>The memory node.</summary>
    protected MemoryNode Node { get; private set; } = null!;

    /// <summary>The swap device, if there is one.</summary>
    protected SwapDevice? Swap { get; private set; }

    /// <summary>The page array.</summary>
    protected FolioTable Folios => Node.Folios;

    /// <summary>Everything that happened.</summary>
    protected EventLog Events { get; } = new();

    /// <summary>khugepaged's sysfs counters.</summary>
    protected KhugepagedCounters Counters { get; } = new();

    /// <summary>The deferred split queue.</summary>
    protected DeferredSplitQueues SplitQueue { get; } = new();

    /// <summary>A vmstat counter now.</summary>
    protected long Stat(VmCounter counter) => Machine.Vmstat[counter];

    /// <summary>Starts the machine. With <paramref name="thread"/> false nobody answers for khugepaged: a probe plays it.</summary>
    /// <param name="switches">Kernel behaviour.</param>
    /// <param name="thp">sysfs settings; the defaults when null.</param>
    /// <param name="mebibytes">Memory.</param>
    /// <param name="thread">Whether khugepaged runs.</param>
    /// <param name="swap">A swap device, or none.</param>
    /// <param name="groups">Memory cgroups besides the root.</param>
    protected void Boot(
        KernelSwitches switches, ThpSettings? thp = null, int mebibytes = 256, bool thread = true, SwapDevice? swap = null,
        params CgroupSpec[] groups)
    {
        var folios = new FolioTable(mebibytes * 256, swap is not null);
        Swap = swap;
        _context = new WorldContext(thp ?? new ThpSettings(), switches, RoundMachine.Preset, folios, 1, Events)
        {
            HasSwap = swap is not null,
            SwapRoom = _ => swap?.FreeSlots ?? 0,
        };
        Node = new MemoryNode(folios, RoundMachine.Preset.Cpus, true, _context.Vmstat, groups)
        {
            SwapHasRoom = () => swap?.FreeSlots > 0,
        };
        _context.GroupOf = path => Node.FindMemcg(path)!.Id;
        _context.Kswapd = Sys.ActorOf(Props.Create<KswapdActor>(_context), "kswapd");
        _context.Swap = swap is null
            ? CreateTestProbe("no-swap").Ref : Sys.ActorOf(Props.Create<SwapDeviceActor>(_context, swap), "swap");
        _context.Shrinker = Sys.ActorOf(Props.Create<DeferredSplitShrinkerActor>(_context, SplitQueue), "shrinker");
        _context.Node = Sys.ActorOf(Props.Create<MemoryNodeActor>(_context, Node), "node");
        _context.Khugepaged = thread
            ? Sys.ActorOf(Props.Create<KhugepagedActor>(_context, Counters), "khugepaged")
            : CreateTestProbe("mm-list").Ref;
    }

    /// <summary>Creates a process; image areas only when asked for (KH-17a).</summary>
    protected Process Start(string name = "task", int vmasBelow = 0, int vmasAbove = 0, int cpu = 0)
    {
        var mm = new Mm(_spaces.Count + 1, Folios, Machine.Vmstat) { Swap = Swap };
        mm.AddImage(vmasBelow, vmasAbove);
        _spaces.Add(mm);
        return new Process(mm, Sys.ActorOf(Props.Create<AddressSpaceActor>(Machine, mm, name), "mm-" + name), CreateTestProbe(name), cpu,
            () => AdvanceBy(TimeSpan.FromMicroseconds(10)));
    }

    /// <summary>fork; the child is played by a probe of its own.</summary>
    protected Process Fork(Process parent, string name = "child", int cpu = 1)
    {
        Process child = Start(name, cpu: cpu);
        parent.Call(new ForkInto(child.Mm, child.Space, parent.Cpu));
        return child;
    }

    /// <summary>Stores to pages of a range that a huge page will serve: zeroing it takes its time (KH-8a).</summary>
    protected void WriteHuge(Process task, long range, int first, int end)
    {
        task.Post(task.Store(range, first, end));
        Assert.True(task.IsWaiting);
        AdvanceBy(RoundMachine.HugeFault);
        task.Answer();
    }

    /// <summary>Writes a sysfs knob as the simulation's root does, and wakes the thread when the kernel would.</summary>
    protected void WriteKnob(string knob, string value)
    {
        KnobWrite write = ThpKnobs.Write(Machine.Thp, knob, value);
        Assert.True(write.Accepted, write.Error);
        Machine.Thp = write.Settings;
        if (ThpKnobs.WakesKhugepaged(knob))
        {
            Machine.Khugepaged.Tell(new WakeKhugepaged());
        }
    }

    /// <summary>MADV_HUGEPAGE, which registers the mm: on a quiet machine a pass begins now (KH-7). When it is
    /// registered already, the sleep is cut short (KH-1).</summary>
    protected void AdviseHuge(Process process, long start, int ranges = 1)
    {
        bool sleeps = process.Mm.IsRegistered;
        process.Advise(Advice.HugePage, start, ranges);
        if (sleeps)
        {
            Machine.Khugepaged.Tell(new WakeKhugepaged());
        }
    }

    /// <summary>Lets the real task actor run a program on the process's first region, and sleep after it.</summary>
    protected TaskReport RunProgram(Process process, params Step[] steps)
    {
        Vma area = process.Mm.Vmas.Find(Process.Range(0)) ?? throw new InvalidOperationException("nothing is mapped");
        string name = $"program-{++_programs}";
        var report = new TaskReport { Name = name, Mm = process.Mm.Id, HasMemory = true };
        var program = new StartChild(name, [.. steps, new SleepStep(TimeSpan.FromDays(365))], [("region", area.Start, area.End - area.Start)]);
        IActorRef task = Sys.ActorOf(Props.Create<UserTaskActor>(Machine, program, report, process.Space, process.Cpu, ProcessImage.Recorded, false), name);
        task.Tell(new UserTaskActor.Run());
        return report;
    }

    /// <summary>MADV_COLLAPSE by the real task actor, on ranges of the process's first region; returns its errno.</summary>
    protected Errno Collapse(Process process, int ranges = 1)
    {
        BeginCollapse(process, ranges);
        return AwaitCollapse();
    }

    /// <summary>Begins MADV_COLLAPSE; C1 of its first range lasts from now on.</summary>
    protected void BeginCollapse(Process process, int ranges = 1) => RunProgram(
        process, new MadviseStep("region", new RegionSpan(default, ByteSize.FromMebibytes(2 * ranges)), Advice.Collapse));

    /// <summary>Lets MADV_COLLAPSE return.</summary>
    protected Errno AwaitCollapse()
    {
        for (int step = 0; Events.All.Count(IsCollapseReturn) == _collapsesReturned; step++)
        {
            Assert.True(step < 10_000, "MADV_COLLAPSE does not return");
            AdvanceBy(TimeSpan.FromMilliseconds(1));
        }

        _collapsesReturned++;
        return (Errno)Events.All.Last(IsCollapseReturn).Amount;
    }

    /// <summary>A task on CPU 1 writes memory.reclaim of the root group with swappiness=200, or what else is given.</summary>
    protected void BeginReclaim(long pages, int? swappiness = 200) => BeginWrite(new ReclaimMemory(0, pages, swappiness));

    /// <summary>A task on CPU 1 writes 2 to drop_caches.</summary>
    protected void BeginDropCaches() => BeginWrite(new DropSlab());

    /// <summary>Lets the write return.</summary>
    protected MemcgWritten AwaitWrite()
    {
        for (int step = 0; !_writer!.HasMessages; step++)
        {
            Assert.True(step < 10_000, "the write does not return");
            AdvanceBy(TimeSpan.FromMicroseconds(100));
        }

        return _writer.ExpectMsg<MemcgWritten>();
    }

    private void BeginWrite(object request)
    {
        string name = $"writer-{++_writers}";
        IActorRef context = Sys.ActorOf(Props.Create<DirectReclaimActor>(Machine, 1, Reclaimer.Direct, 0), name);
        _writer = CreateTestProbe(name + "-task");
        _writer.Send(context, request);
    }

    /// <summary>Advances to a point of the pass that began last.</summary>
    protected void AdvanceInPass(TimeSpan sincePassBegin) => AdvanceTo(Events.Last(KernelEventKind.PassBegin).Time + sincePassBegin);

    /// <summary>Lets the running pass end; the 10 s sleep after it does not begin to matter.</summary>
    protected void FinishPass()
    {
        int passes = Events.Of(KernelEventKind.PassBegin).Count;
        for (int step = 0; Events.Of(KernelEventKind.PassEnd).Count < passes; step++)
        {
            Assert.True(step < 10_000, "the pass does not end");
            AdvanceBy(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Lets so many further passes happen, each at once (KH-1).</summary>
    protected void RunPasses(int passes)
    {
        for (int pass = 0; pass < passes; pass++)
        {
            Machine.Khugepaged.Tell(new WakeKhugepaged());
            FinishPass();
        }
    }

    private static bool IsCollapseReturn(KernelEvent line) =>
        line.Kind == KernelEventKind.Madvise && line.Extra == (long)Advice.Collapse;

    /// <summary>lru_add_drain_all.</summary>
    protected void DrainBatches() => Machine.Node.Tell(new DrainAll(), TestActor);

    /// <summary>The full audit at rest: conservation, references, lists, contents; nothing isolated or on its way.</summary>
    protected void AssertSound()
    {
        DrainBatches();
        WorldAudit.Check(Node, _spaces, Swap);
        Assert.Equal(0, Node.IsolatedPages);
        Assert.Equal(0, Node.InFlightPages);
        for (int pfn = 0; pfn < Folios.Pages; pfn += Folios.FolioPages(pfn))
        {
            FolioFlags flags = Folios.Flags(pfn);
            if (FolioTable.FreePages(Folios.Word(pfn)) is > 0 and var free)
            {
                pfn += free - 1;
                continue;
            }

            Assert.True(Folios.RefcountSuitable(pfn), $"pfn {pfn} keeps a reference");
            Assert.Equal(FolioFlags.None, flags & FolioFlags.Locked);
            Assert.True((flags & (FolioFlags.Lru | FolioFlags.Unevictable)) != 0, $"pfn {pfn} is on no list and no page table");
        }
    }

    /// <summary>One attempt that failed at the given place: the trace lines of KH-32 in order, all with this status;
    /// thp_collapse_alloc counts it (KH-31), pages_collapsed does not; and the world is sound.</summary>
    protected void AssertFailedAttempt(ScanResult expected, bool atIsolate)
    {
        KernelEventKind[] kinds = atIsolate
            ? [KernelEventKind.CollapseIsolate, KernelEventKind.CollapseHugePage, KernelEventKind.ScanPmd]
            : [KernelEventKind.CollapseHugePage, KernelEventKind.ScanPmd];
        Assert.Equal(kinds.Select(kind => (kind, expected)), Events.CollapseLines.Select(static line => (line.Kind, line.Status)));
        Assert.Equal(1, Stat(VmCounter.ThpCollapseAlloc));
        Assert.Equal(0, Counters.PagesCollapsed);
        AssertSound();
    }

    /// <summary>One attempt that succeeded (KH-32), with its isolate line.</summary>
    protected KernelEvent AssertCollapsed(Process process, long range)
    {
        Assert.Equal(
            [KernelEventKind.CollapseIsolate, KernelEventKind.CollapseHugePage, KernelEventKind.ScanPmd],
            Events.CollapseLines.Where(line => line.Address == range).Select(static line => line.Kind));
        Assert.All(Events.CollapseLines.Where(line => line.Address == range), static line => Assert.Equal(ScanResult.Succeed, line.Status));
        Assert.Equal(PmdState.Huge, process.State(range));
        AssertSound();
        return Events.CollapseLines.First(line => line.Address == range);
    }
}
