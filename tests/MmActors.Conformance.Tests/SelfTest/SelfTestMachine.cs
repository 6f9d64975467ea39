using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>The machine of the self-test (selftest-cases.md, environment): one process image as recorded, swap on a RAM
/// disk, khugepaged every 16 ms.</summary>
internal sealed record SelfTestMachine
{
    /// <summary>The program whose end ends the run.</summary>
    public const string Task = "ksft";

    private const string LastSnap = "(last)";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>sysfs as the self-test sets it.</summary>
    public static ThpSettings Environment { get; } = new()
    {
        Enabled = ThpEnabled.Madvise,
        Defrag = ThpDefrag.Always,
        UseZeroPage = false,
        AllocSleepMillisecs = 10,
        ScanSleepMillisecs = 10,
    };

    /// <summary>sysfs at boot.</summary>
    public ThpSettings Thp { get; init; } = Environment;

    /// <summary>Kernel behaviour.</summary>
    public required KernelSwitches Switches { get; init; }

    /// <summary>Costs and CPUs.</summary>
    public MachinePreset Preset { get; init; } = PresetLoader.LoadMachine("native", ScenarioCatalog.Shipped);

    /// <summary>Memory in MiB.</summary>
    public int Mebibytes { get; init; } = 512;

    /// <summary>A RAM disk of 256 MiB to swap to.</summary>
    public bool HasSwap { get; init; } = true;

    /// <summary>Memory cgroup the task runs in; empty for the root.</summary>
    public string Group { get; init; } = "";

    /// <summary>What is done to the machine at the snapshots of these names, while everything stands still.</summary>
    public ImmutableArray<(string Snap, Action<World> Act)> Interferences { get; init; } = [];

    /// <summary>A machine with one of the shipped kernels.</summary>
    public static SelfTestMachine With(string kernel) => new() { Switches = Kernel(kernel) };

    /// <summary>Behaviour of a shipped kernel.</summary>
    public static KernelSwitches Kernel(string name) => PresetLoader.LoadKernel(name, ScenarioCatalog.Shipped).Switches;

    /// <summary>Runs the script to its end; the processes still live, so the audit looks at their pages too.</summary>
    public SelfTestRun Run(SelfTestScript script, params ReadOnlySpan<(string Name, SelfTestScript Script)> others)
    {
        script.Snap(LastSnap).Sleep((int)Limit.TotalMilliseconds);
        List<TaskSpec> tasks = [Spec(Task, script)];
        foreach ((string name, SelfTestScript program) in others)
        {
            tasks.Add(Spec(name, program.Sleep((int)Limit.TotalMilliseconds)));
        }

        using SimHost host = SimHost.Start(new SimSettings { Seed = 1 });
        var world = new World(host, Spec([.. tasks]));
        var log = new Log();
        world.Events.Attach(log);
        int interfered = 0;
        for (TimeSpan now = TimeSpan.Zero; !HasSnap(world, LastSnap); now += TimeSpan.FromMilliseconds(interfered < Interferences.Length ? 5 : 50))
        {
            Assert.True(now < Limit, "the script does not end");
            RunOutcome outcome = world.RunUntil(now);
            Assert.True(outcome == RunOutcome.HorizonReached, $"{outcome} at {now}: {world.Report.Tasks[0].Fault ?? log.Events[^1].ToString()}");
            if (interfered < Interferences.Length && HasSnap(world, Interferences[interfered].Snap))
            {
                Interferences[interfered++].Act(world);
            }
        }

        world.Finish();
        return new SelfTestRun(world, log.Events);
    }

    private static bool HasSnap(World world, string name) => world.Report.Snaps.Any(snap => snap.Name == name);

    private TaskSpec Spec(string name, SelfTestScript script) =>
        new(name, TimeSpan.Zero, ProcessImage.Recorded, script.Steps, 0) { Cgroup = Group };

    private WorldSpec Spec(ImmutableArray<TaskSpec> tasks) => new()
    {
        Memory = ByteSize.FromMebibytes(Mebibytes),
        Thp = Thp,
        Switches = Switches,
        Machine = Preset,
        Tasks = tasks,
        Cgroups = Group.Length == 0 ? [] : [new CgroupSpec(Group, new MemcgLimits())],
        Swap = HasSwap ? new SwapSpec(ByteSize.FromMebibytes(256), SwapKind.Ram) : null,
        TimelineInterval = TimeSpan.Zero,
        Seed = 1,
    };

    private sealed class Log : IKernelEventSink
    {
        public List<KernelEvent> Events { get; } = [];

        public void Emit(in KernelEvent kernelEvent) => Events.Add(kernelEvent);
    }
}
