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
    public WorldSpec Spec => new()
    {
        Memory = ByteSize.FromMebibytes(MemoryMebibytes),
        Thp = Thp,
        Switches = Switches,
        Machine = TestMachine.With(Cpus),
        Tasks = Tasks,
        TimelineInterval = TimeSpan.FromMilliseconds(50),
        Seed = 1,
    };

    /// <summary>Settings of one run; a strategy keeps state, so each run gets its own.</summary>
    public SimSettings Settings => new()
    {
        Seed = ScheduleSeed,
        Strategy = ScheduleSeed == 0 ? null : new SeededRandomStrategy(),
        StepLimit = 20_000_000,
    };

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{MemoryMebibytes} MiB, {Cpus} CPUs, schedule {ScheduleSeed}");
        text.AppendLine(Thp.ToString()).AppendLine(Switches.ToString());
        foreach (TaskSpec task in Tasks)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"task {task.Name} at {task.Start}, image {task.Image}");
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
