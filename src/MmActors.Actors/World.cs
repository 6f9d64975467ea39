using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Actors.Reclaim;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Swap;
using MmActors.Model.Units;
using MmActors.Runtime;
using MmActors.Runtime.Checkpoints;

namespace MmActors.Actors;

/// <summary>One simulated machine with its tasks, ready to run on a host.</summary>
public sealed class World
{
    private readonly IRunHost _host;
    private readonly IActorRef _simulation;

    [NotInCheckpoint]
    private AuditCounts? _counts;

    /// <summary>Creates the machine and its actors; nothing runs until <see cref="RunUntil"/>.</summary>
    /// <param name="host">The host, freshly started or reset.</param>
    /// <param name="spec">What the world is made of.</param>
    public World(IRunHost host, WorldSpec spec)
    {
        _host = host;
        var folios = new FolioTable((int)(spec.Memory.Pages & ~(Geometry.PtesPerTable - 1L)), spec.Swap is not null)
        {
            Faults = spec.Faults,
            Planted = spec.Planted,
        };
        Events = new KernelEventStream { IsOrdered = !host.IsConcurrent };
        IKernelEventSink events = host.IsConcurrent ? new OneAtATime(Events) : Events;
        Context = new WorldContext(spec.Thp, spec.Switches, spec.Machine, folios, spec.Seed, events)
        {
            HasSwap = spec.Swap is not null,
            Vm = spec.Vm,
            Uptime = spec.Uptime,
            PassStarts = spec.PassStarts,
            KeepsResults = spec.KeepsResults,
            IsLogged = spec.IsLogged,
            Forgets = spec.Population is not null,
        };
        var node = new MemoryNode(
            folios, spec.Machine.Cpus, spec.Thp.KhugepagedRuns, Context.Vmstat, spec.Cgroups, spec.Vm);
        node.HoldForKernel(spec.KernelPages);
        node.FillCpuLists(spec.CpuFreePages);
        Context.GroupOf = path => node.FindMemcg(path)?.Id ?? throw new ArgumentException($"no memory cgroup '{path}'");
        Report = new WorldReport(node)
        {
            Swap = spec.Swap is { } swap ? new SwapDevice((int)swap.Size.Pages, swap.Kind == SwapKind.Ram) : null,
        };
        if (Report.Swap is { } device)
        {
            var room = new SwapRoom(device, node.Memcgs);
            node.SwapHasRoom = () => device.FreeSlots > 0;
            Context.SwapRoom = room.Of;
        }

        _simulation = host.System.ActorOf(Props.Create<SimulationActor>(Context, spec, Report), "simulation");
    }

    /// <summary>The event stream.</summary>
    public KernelEventStream Events { get; }

    /// <summary>Results, to be read while nothing runs.</summary>
    public WorldReport Report { get; }

    /// <summary>What the world's actors share.</summary>
    public WorldContext Context { get; }

    /// <summary>Sends SIGKILL to a task, if it runs: to be called between two steps.</summary>
    /// <param name="mm">Number of its address space.</param>
    public void Kill(int mm) => _simulation.Tell(new KillTask(mm), ActorRefs.NoSender);

    /// <summary>Runs up to and including a simulated time.</summary>
    public RunOutcome RunUntil(TimeSpan time, CancellationToken cancel = default) => _host.Kernel.RunUntil(time, cancel);

    /// <summary>Brings every task's figures up to the present moment and audits the world (architecture.md section 5).</summary>
    /// <exception cref="InvariantException">An invariant does not hold.</exception>
    public void Finish()
    {
        _simulation.Tell(new CollectFinal(), ActorRefs.NoSender);
        _host.Kernel.RunUntil(_host.Kernel.Now);
        Audit();
    }

    /// <summary>The full audit: page conservation, references, LRU membership, contents, counters.</summary>
    public void Audit() => WorldAudit.Check(Report.Node, Report.Spaces, Report.Swap, _counts ??= new AuditCounts());

    /// <summary>About as many bytes as <see cref="Reserve"/> takes: 27 for a page, 22 for a swap slot, and the ends of arrays.</summary>
    public long ReservedBytes => (32L * Report.Node.Folios.Pages) + (24L * (Report.Swap?.Slots ?? 0));

    /// <summary>Takes from the system now what a long run may come to need for its pages and swap slots, and what an audit needs,
    /// so that the memory of the process follows the number of tasks and not the length of the run. Changes no result.</summary>
    public void Reserve()
    {
        Report.Node.Reserve();
        Report.Swap?.Reserve();
        (_counts ??= new AuditCounts()).Reserve(Math.Max(Report.Node.Folios.Pages, Report.Swap?.Slots ?? 0));
    }
}
