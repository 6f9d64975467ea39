using System.Collections.Immutable;

namespace MmActors.Model.Programs;

/// <summary>One user task of a scenario: when it starts, what its process looks like and what it runs.</summary>
/// <param name="Name">Unique name; appears in every output.</param>
/// <param name="Start">Simulated time at which the process is created.</param>
/// <param name="Image">The VMAs the process has besides its regions.</param>
/// <param name="Program">The steps it runs.</param>
/// <param name="ResidualYoungFraction">Share of its pages (0…1) whose folio carries the idle/young flag Y when
/// MADV_FREE runs, as a physical-address monitor leaves it (KH-29); 0 on a clean kernel.</param>
public sealed record TaskSpec(
    string Name,
    TimeSpan Start,
    ProcessImage Image,
    ImmutableArray<Step> Program,
    double ResidualYoungFraction)
{
    /// <summary>Memory cgroup it and its children belong to, as a path of <see cref="Settings.CgroupSpec.Path"/>; empty for
    /// the root.</summary>
    public string Cgroup { get; init; } = "";
}

/// <summary>VMAs of the process image that khugepaged only steps over: each costs 1 per traversal (KH-17a).</summary>
/// <param name="VmasBelow">Non-eligible VMAs at lower addresses than every region (recorded processes: 7).</param>
/// <param name="VmasAbove">Non-eligible VMAs above every region: vvar, vdso, stack (recorded: 3).</param>
public sealed record ProcessImage(int VmasBelow, int VmasAbove)
{
    /// <summary>The image of every recorded process (RN-1), without pages of its own.</summary>
    public static readonly ProcessImage Recorded = new(7, 3);

    /// <summary>Anonymous pages of the process itself: stack, heap, data (RC-44, RN-4). Written once when it starts; they
    /// age, are reclaimed and are swapped like any other page. Recorded processes have 21.</summary>
    public int OwnPages { get; init; }

    /// <summary>How many of <see cref="OwnPages"/> the process touches with every step it runs; recorded: 11.</summary>
    public int TouchedPages { get; init; }

    /// <summary>Mapped file pages, which count in Rss and are never reclaimed here (RN-4). Recorded: 195.</summary>
    public int FilePages { get; init; }
}
