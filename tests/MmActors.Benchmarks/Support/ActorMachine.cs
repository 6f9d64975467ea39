using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Benchmarks.Support;

/// <summary>A whole world with one task that maps one area and advises it for huge pages. Between mapping and advice
/// the benchmark fills the area through the model, so that what khugepaged then meets costs no simulated faults.</summary>
internal sealed class ActorMachine : IDisposable
{
    private static readonly TimeSpan Mapped = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Advised = TimeSpan.FromSeconds(1);

    private readonly SimHost _host = SimHost.Start(new SimSettings { Seed = 1 });
    private readonly Traversal _traversal;
    private readonly long _start;

    /// <summary>Builds the world and maps the area.</summary>
    /// <param name="area">Size of the area, whole 2 MiB ranges.</param>
    /// <param name="memory">Size of the machine.</param>
    /// <param name="thp">sysfs settings.</param>
    public ActorMachine(ByteSize area, ByteSize memory, ThpSettings thp)
    {
        ImmutableArray<Step> program =
        [
            new MapStep("area", area, Populate: false, Droppable: false, FixedOffset: default(ByteSize)),
            new UntilStep(Advised),
            new MadviseStep("area", RegionSpan.All, Advice.HugePage),
            new SleepStep(TimeSpan.FromDays(3650)),
        ];
        World = new World(_host, new WorldSpec
        {
            Memory = memory,
            Thp = thp,
            Switches = Behaviour.Old,
            Machine = Behaviour.Machine,
            Tasks = [new TaskSpec("task", TimeSpan.Zero, Behaviour.NoImage, program, 0)],
            TimelineInterval = TimeSpan.Zero,
            Seed = 1,
        });
        _traversal = new Traversal(_host.Kernel);
        World.Events.Attach(_traversal);
        World.RunUntil(Mapped);
        _start = Mm.Vmas.Areas[0].Start;
        Ranges = (int)(area.Bytes >> Geometry.PmdShift);
    }

    public World World { get; }

    public int Ranges { get; }

    /// <summary>Simulated duration of khugepaged's first traversal of its list.</summary>
    public TimeSpan TraversalTime => _traversal.End - _traversal.Begin;

    /// <summary>Messages handled so far.</summary>
    public long Steps => _host.Kernel.Steps;

    private Mm Mm => World.Report.Spaces[0];

    /// <summary>Maps 512 base pages in every range of the area; old ones were never accessed since.</summary>
    public void Populate(bool old)
    {
        MemoryNode node = World.Report.Node;
        for (int range = 0; range < Ranges; range++)
        {
            var pages = new PageBuffer();
            if (!node.TryAllocatePages(pages.Reserve(Geometry.PtesPerTable)))
            {
                throw new InvalidOperationException("the machine has less memory than its area");
            }

            long address = _start + ((long)range << Geometry.PmdShift);
            var work = new NodeWork();
            var access = new Access(address, Bits512.All, IsWrite: true, 0, WholePages: false);
            Faults.ApplyPages(Mm, access, Bits512.All, pages, populate: false, work);
            work.Execute(node, 0);
            if (old)
            {
                Mm.Directory.Find(address).Table!.Young = Bits512.None;
            }
        }

        node.DrainAll();
    }

    /// <summary>Lets khugepaged go over the whole list once; it begins when the task gives its advice.</summary>
    public void RunFullScan() => World.RunUntil(TimeSpan.FromDays(365));

    public void Dispose() => _host.Dispose();

    /// <summary>Notes when the first traversal began and ended, and ends the run with it.</summary>
    private sealed class Traversal(SimKernel kernel) : IKernelEventSink
    {
        public TimeSpan Begin { get; private set; }

        public TimeSpan End { get; private set; }

        public void Emit(in KernelEvent kernelEvent)
        {
            if (kernelEvent.Kind == KernelEventKind.PassBegin && Begin == default)
            {
                Begin = kernelEvent.Time;
            }
            else if (kernelEvent is { Kind: KernelEventKind.Visit, Writable: true })
            {
                End = kernelEvent.Time;
                kernel.RequestStop();
            }
        }
    }
}
