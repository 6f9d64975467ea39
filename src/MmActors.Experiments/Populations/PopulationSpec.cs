using System.Collections.Immutable;

namespace MmActors.Experiments.Populations;

/// <summary>What the tasks of a class do for as long as they live.</summary>
public enum TaskKind
{
    /// <summary>Serves by day and rests by night; its working set drifts through its heap.</summary>
    Server,
    /// <summary>Loads its data, goes over it again and again, and ends.</summary>
    Batch,
    /// <summary>Forks workers that write some of what they share with it, fork once more, and exit.</summary>
    Forker,
    /// <summary>An allocator with arenas: frees lazily with MADV_FREE after a decay time, for good with MADV_DONTNEED later.</summary>
    Allocator,
    /// <summary>Holds much and uses next to nothing of it.</summary>
    Idle,
    /// <summary>Uses a few pages of every huge page.</summary>
    Sparse,
}

/// <summary>When the tasks of a class ask for huge pages.</summary>
public enum HugeAdvice
{
    /// <summary>Each task draws one of the others.</summary>
    Mixed,
    /// <summary>Before they touch their memory: their faults take huge pages.</summary>
    Early,
    /// <summary>Once it is there: khugepaged's work.</summary>
    Late,
    /// <summary>Not at all.</summary>
    Never,
}

/// <summary>Tasks of one class.</summary>
/// <param name="Name">Begins the names of its tasks.</param>
/// <param name="Kind">What they do.</param>
/// <param name="Weight">Share of the tasks that belong to it at any time, relative to the other classes.</param>
/// <param name="MemoryPercent">Percentage of the machine's memory that its tasks want together.</param>
/// <param name="Lifetime">Mean time a task lives.</param>
/// <param name="Period">Mean time from one round of work to the next.</param>
public sealed record PopulationClass(
    string Name, TaskKind Kind, int Weight, double MemoryPercent, TimeSpan Lifetime, TimeSpan Period)
{
    /// <summary>Mean time a place of this class is empty between two tasks; null for the population's.</summary>
    public TimeSpan? Gap { get; init; }

    /// <summary>Memory cgroups its places take turns in; none for the root.</summary>
    public ImmutableArray<string> Cgroups { get; init; } = [];

    /// <summary>When its tasks ask for huge pages.</summary>
    public HugeAdvice Huge { get; init; }

    /// <summary>Percentage of a task's memory that one round uses.</summary>
    public double ActivePercent { get; init; } = 25;

    /// <summary>Percentage of its tasks that want four times their share.</summary>
    public double OverrunPercent { get; init; }

    /// <summary>Time after which an allocator gives back what was freed.</summary>
    public TimeSpan Decay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Most workers a forker has at a time.</summary>
    public int Workers { get; init; } = 4;
}

/// <summary>Tasks that come and go.</summary>
/// <param name="Tasks">Places: about as many tasks live at any time, fork children besides.</param>
/// <param name="Gap">Mean time a place is empty between two tasks (a Poisson process).</param>
/// <param name="Classes">The classes, at least one.</param>
public sealed record PopulationSpec(int Tasks, TimeSpan Gap, ImmutableArray<PopulationClass> Classes)
{
    /// <summary>Most places: with fork children they stay far below the number of families there can be at a time.</summary>
    public const int MaxTasks = 2048;

    /// <summary>What a scenario without a population gets: every kind, sized for memory that is nearly full.</summary>
    public static PopulationSpec Default { get; } = new(64, TimeSpan.FromMinutes(2),
    [
        new("server", TaskKind.Server, 12, 36, TimeSpan.FromDays(6), TimeSpan.FromMinutes(12)) { ActivePercent = 20 },
        new("batch", TaskKind.Batch, 12, 16, TimeSpan.FromHours(3), TimeSpan.FromMinutes(10)) { ActivePercent = 25 },
        new("forker", TaskKind.Forker, 6, 4, TimeSpan.FromHours(12), TimeSpan.FromMinutes(10)) { ActivePercent = 5 },
        new("allocator", TaskKind.Allocator, 14, 22, TimeSpan.FromDays(1), TimeSpan.FromMinutes(5)) { ActivePercent = 4 },
        new("idle", TaskKind.Idle, 8, 16, TimeSpan.FromDays(3), TimeSpan.FromHours(6)) { ActivePercent = 2 },
        new("sparse", TaskKind.Sparse, 12, 12, TimeSpan.FromHours(18), TimeSpan.FromMinutes(30))
            { Huge = HugeAdvice.Early, ActivePercent = 10 },
    ]);
}
