using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MmActors.Actors;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>A random world: what runs in it and in which order its actors take turns.</summary>
/// <param name="MemoryMebibytes">Physical memory.</param>
/// <param name="Cpus">CPUs.</param>
/// <param name="Thp">sysfs settings at boot.</param>
/// <param name="Switches">Kernel behaviour.</param>
/// <param name="Tasks">The user tasks.</param>
/// <param name="ScheduleSeed">0 for first in, first out, else the seed of a random schedule.</param>
internal sealed record GeneratedWorld(
    int MemoryMebibytes, int Cpus, ThpSettings Thp, KernelSwitches Switches, ImmutableArray<TaskSpec> Tasks, ulong ScheduleSeed)
{
    /// <summary>What makes its memory scarce; null for a world that has enough.</summary>
    public Pressure? Pressure { get; init; }

    public WorldSpec Spec => new()
    {
        Memory = ByteSize.FromMebibytes(MemoryMebibytes),
        Thp = Thp,
        Switches = Switches,
        Machine = TestMachine.With(Cpus),
        Tasks = Tasks,
        TimelineInterval = TimeSpan.FromMilliseconds(50),
        Seed = 1,
        Swap = Pressure?.Swap,
        Vm = Pressure?.Vm ?? new(),
        KernelPages = Pressure?.KernelPages ?? 0,
        Cgroups = Pressure?.Cgroups ?? [],
    };

    /// <summary>Settings of one run; a strategy keeps state, so each run gets its own.</summary>
    public SimSettings Settings => new()
    {
        Seed = ScheduleSeed,
        Strategy = ScheduleSeed == 0 ? null : new SeededRandomStrategy(),
        StepLimit = 100_000_000,
    };

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{MemoryMebibytes} MiB, {Cpus} CPUs, schedule {ScheduleSeed}");
        if (Pressure is { } pressure)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{pressure.Swap}, {pressure.Vm}, kernel {pressure.KernelPages} pages");
            text.AppendJoin('\n', pressure.Cgroups).AppendLine();
        }

        text.AppendLine(Thp.ToString()).AppendLine(Switches.ToString());
        foreach (TaskSpec task in Tasks)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"task {task.Name} at {task.Start} in '{task.Cgroup}', image {task.Image}");
            Append(text, task.Program, "  ");
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, ImmutableArray<Step> steps, string indent)
    {
        foreach (Step step in steps)
        {
            switch (step)
            {
                case LoopStep loop:
                    text.AppendLine(CultureInfo.InvariantCulture, $"{indent}loop {loop.Count}");
                    Append(text, loop.Body, indent + "  ");
                    break;
                case ForkStep fork:
                    text.AppendLine(CultureInfo.InvariantCulture, $"{indent}fork {fork.Child}");
                    Append(text, fork.Body, indent + "  ");
                    break;
                default:
                    text.AppendLine(CultureInfo.InvariantCulture, $"{indent}{step}");
                    break;
            }
        }
    }
}

/// <summary>What makes the memory of a random world scarce.</summary>
/// <param name="Swap">The swap device.</param>
/// <param name="Vm">/proc/sys/vm at boot.</param>
/// <param name="KernelPages">Pages the kernel holds for itself.</param>
/// <param name="Cgroups">Memory cgroups.</param>
internal sealed record Pressure(SwapSpec? Swap, VmSettings Vm, int KernelPages, ImmutableArray<CgroupSpec> Cgroups)
{
    /// <summary>Whether memory.high may slow a task: it is set at boot or written by a program.</summary>
    public bool HasHighLimit(ImmutableArray<TaskSpec> tasks) =>
        Cgroups.Any(static group => group.Limits.HighPages != MemcgLimits.Unlimited)
        || tasks.Any(static task => WritesHigh(task.Program));

    private static bool WritesHigh(ImmutableArray<Step> steps) => steps.Any(static step => step switch
    {
        CgroupWriteStep write => write.File == MemcgFile.High,
        LoopStep loop => WritesHigh(loop.Body),
        ForkStep fork => WritesHigh(fork.Body),
        _ => false,
    });
}
