using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Actors;

/// <summary>One simulated machine with its tasks, ready to run on a host.</summary>
public sealed class World
{
    private readonly SimHost _host;
    private readonly IActorRef _simulation;

    /// <summary>Creates the machine and its actors; nothing runs until <see cref="RunUntil"/>.</summary>
    /// <param name="host">The host, freshly started or reset.</param>
    /// <param name="spec">What the world is made of.</param>
    public World(SimHost host, WorldSpec spec)
    {
        _host = host;
        var folios = new FolioTable((int)(spec.Memory.Pages & ~(Geometry.PtesPerTable - 1L)));
        Context = new WorldContext(spec.Thp, spec.Switches, spec.Machine, folios, spec.Seed, Events);
        Report = new WorldReport(new MemoryNode(folios, spec.Machine.Cpus, spec.Thp.KhugepagedRuns, Context.Vmstat));
        _simulation = host.System.ActorOf(Props.Create<SimulationActor>(Context, spec, Report), "simulation");
    }

    /// <summary>The event stream.</summary>
    public KernelEventStream Events { get; } = new();

    /// <summary>Results, to be read while nothing runs.</summary>
    public WorldReport Report { get; }

    /// <summary>What the world's actors share.</summary>
    public WorldContext Context { get; }

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
    public void Audit() => WorldAudit.Check(Report.Node, Report.Spaces);
}
