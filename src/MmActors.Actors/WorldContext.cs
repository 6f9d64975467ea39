using System.Collections.Immutable;
using Akka.Actor;
using MmActors.Actors.Reclaim;
using MmActors.Model.Events;
using MmActors.Model.Injection;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;
using MmActors.Model.Settings;

namespace MmActors.Actors;

/// <summary>What every actor of one world shares: the kernel's global settings and counters, the page array, the event
/// stream, and the addresses of the kernel's own actors.</summary>
public sealed class WorldContext
{
    private ThpSettings _thp;
    private VmSettings _vm = new();
    private int _origins;

    /// <summary>Creates the context of a world at boot.</summary>
    public WorldContext(
        ThpSettings thp, KernelSwitches switches, MachinePreset machine, FolioTable folios, ulong seed, IKernelEventSink events)
    {
        _thp = thp;
        Switches = switches;
        Machine = machine;
        Folios = folios;
        Seed = seed;
        Events = events;
        Charge = ScanCharge.For(switches.Charging);
        Lazyfree = LazyfreePolicy.For(switches.Lazyfree);
    }

    /// <summary>sysfs settings now; a knob write replaces the whole value.</summary>
    public ThpSettings Thp
    {
        get => Volatile.Read(ref _thp);
        set => Volatile.Write(ref _thp, value);
    }

    /// <summary>Kernel behaviour.</summary>
    public KernelSwitches Switches { get; }

    /// <summary>VR-1's policy.</summary>
    public IScanCharge Charge { get; }

    /// <summary>VR-2's and VR-3's policy.</summary>
    public ILazyfreePolicy Lazyfree { get; }

    /// <summary>Costs and CPUs.</summary>
    public MachinePreset Machine { get; }

    /// <summary>The page array of the node.</summary>
    public FolioTable Folios { get; }

    /// <summary>Whether it goes wrong this time.</summary>
    internal bool Strikes(FaultPoint point) => Folios.Faults is { } faults && faults.Strikes(point);

    /// <summary>Event counters.</summary>
    public VmStat Vmstat { get; } = new();

    /// <summary>Number of a memory cgroup by its path; the groups of a world never change.</summary>
    public Func<string, int> GroupOf { get; set; } = static _ => 0;

    /// <summary>How long the machine had run when the simulation began.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Seed of the run's random streams.</summary>
    public ulong Seed { get; }

    /// <summary>Whether somebody reads the log; asked before a line is made.</summary>
    public bool IsLogged { get; init; }

    /// <summary>The event stream.</summary>
    public IKernelEventSink Events { get; }

    /// <summary>Numbers an operation that begins, for whatever is done on its behalf; not where nobody follows the steps.</summary>
    internal Origin NewOrigin(OriginKind kind, int by) =>
        Events.FollowsSteps ? new Origin(kind, by, Interlocked.Increment(ref _origins)) : default;

    /// <summary>The memory node.</summary>
    public IActorRef Node { get; set; } = ActorRefs.Nobody;

    /// <summary>The thread that collapses ranges.</summary>
    public IActorRef Khugepaged { get; set; } = ActorRefs.Nobody;

    /// <summary>/proc/sys/vm now.</summary>
    public VmSettings Vm
    {
        get => Volatile.Read(ref _vm);
        set => Volatile.Write(ref _vm, value);
    }

    /// <summary>Whether a swap device is configured, used or not.</summary>
    public bool HasSwap { get; init; }

    /// <summary>When khugepaged's passes begin, if they follow a recording (<see cref="WorldSpec.PassStarts"/>).</summary>
    public ImmutableArray<TimeSpan>? PassStarts { get; init; }

    /// <summary>Whether tasks keep the results of their steps (<see cref="WorldSpec.KeepsResults"/>).</summary>
    public bool KeepsResults { get; init; }

    /// <summary>Whether what has exited is forgotten (<see cref="WorldSpec.Population"/>).</summary>
    public bool Forgets { get; init; }

    /// <summary>Swap slots a group may still use (RC-16a, RC-63); kept by the device and the groups, read as an atomic
    /// counter.</summary>
    public Func<int, long> SwapRoom { get; set; } = static _ => 0;

    /// <summary>Who may map a page.</summary>
    public RmapFamilies Families { get; } = new();

    /// <summary>The swap device; Nobody without one.</summary>
    public IActorRef Swap { get; set; } = ActorRefs.Nobody;

    /// <summary>The node's background reclaim.</summary>
    public IActorRef Kswapd { get; set; } = ActorRefs.Nobody;

    /// <summary>The deferred split queue.</summary>
    public IActorRef Shrinker { get; set; } = ActorRefs.Nobody;

    /// <summary>The run's root.</summary>
    public IActorRef Simulation { get; set; } = ActorRefs.Nobody;

    /// <summary>A simulated duration from a cost in nanoseconds, in the clock's 100 ns ticks, rounded to nearest.</summary>
    public static TimeSpan Nanoseconds(double nanoseconds) => TimeSpan.FromTicks((long)((nanoseconds / 100) + 0.5));
}
