using System.Collections.Immutable;

namespace MmActors.Experiments.Validation;

/// <summary>Something that was recorded otherwise than it was simulated.</summary>
/// <param name="Category">The category it was compared in.</param>
/// <param name="Time">Recorded time of it, since the start of the scenario.</param>
/// <param name="Place">What it is about: a line number of the sequence, a snapshot with counter or window, an operation.</param>
/// <param name="Recorded">The recording's line; empty where only the simulator has one.</param>
/// <param name="Simulated">The simulator's line; empty where only the recording has one.</param>
/// <param name="Rule">The rule of the specification that governs it.</param>
public sealed record Difference(string Category, TimeSpan Time, string Place, string Recorded, string Simulated, string Rule);

/// <summary>How far one kind of observation agrees.</summary>
/// <param name="Name">Name of the category.</param>
/// <param name="Matched">Observations that agree.</param>
/// <param name="Total">Observations compared.</param>
public readonly record struct CategoryScore(string Name, long Matched, long Total)
{
    /// <summary>Agreement, 0…1; 1 when there was nothing to compare.</summary>
    public double Share => Total == 0 ? 1 : (double)Matched / Total;
}

/// <summary>One recorded run against its simulation.</summary>
public sealed record ValidatedRun
{
    /// <summary>Name of the directory.</summary>
    public required string Name { get; init; }

    /// <summary>Scores, in the order of <see cref="Categories.Names"/>.</summary>
    public required ImmutableArray<CategoryScore> Scores { get; init; }

    /// <summary>Where they differ up to a race, in order of time within each category; at most <see cref="Categories.MostDifferences"/> a category.</summary>
    public required ImmutableArray<Difference> Differences { get; init; }

    /// <summary>When khugepaged first raced reclaim, or a task that was faulting under its hands, for the same pages (RN-22); null when
    /// it never did. What comes later is judged by <see cref="Categories.Outcomes"/> alone.</summary>
    public required TimeSpan? Race { get; init; }

    /// <summary>What was compared line by line after <see cref="Race"/> and is in no score.</summary>
    public required CategoryScore AfterRace { get; init; }

    /// <summary>Windows and figures of snapshots that were not compared, because the recorder read them while an operation or a
    /// pass was changing them (RN-11, RN-24).</summary>
    public required int Overlapping { get; init; }

    /// <summary>Both sequences of khugepaged's lines side by side, for a person to read; made when asked for.</summary>
    public required Func<ImmutableArray<AlignedLine>> Explain { get; init; }

    /// <summary>The earliest difference; null when everything agrees.</summary>
    public Difference? First => Differences.OrderBy(static difference => difference.Time).FirstOrDefault();
}

/// <summary>A line of both event sequences, or of one of them.</summary>
/// <param name="Time">When: the recording's time, or the simulator's where only it has the line.</param>
/// <param name="Recorded">The recorded line, or empty.</param>
/// <param name="Simulated">The simulated line, or empty.</param>
public readonly record struct AlignedLine(TimeSpan Time, string Recorded, string Simulated);

/// <summary>What is compared.</summary>
public static class Categories
{
    /// <summary>Differences kept of one category of one run.</summary>
    public const int MostDifferences = 200;

    /// <summary>Names of the categories.</summary>
    public static readonly ImmutableArray<string> Names =
        ["scan_pmd", "scan_calls", "pages", "counters", "smaps", "deferred_split", "events", Outcomes];

    /// <summary>What a run with a race comes to: collapses, pages freed lazily and swapped, major faults, OOM kills over the
    /// run, within the spread of a real kernel's repeats (RC-82, RC-84).</summary>
    public const string Outcomes = "outcomes";
}

/// <summary>Counts agreement and keeps the differences of one category.</summary>
/// <param name="category">Its name.</param>
/// <param name="race">From when on nothing is scored.</param>
internal sealed class Tally(string category, TimeSpan race)
{
    private readonly List<Difference> _differences = [];
    private long _matched;
    private long _total;
    private long _matchedLater;
    private long _totalLater;

    public CategoryScore Score => new(category, _matched, _total);

    /// <summary>From the race on.</summary>
    public CategoryScore Later => new(category, _matchedLater, _totalLater);

    public IReadOnlyList<Difference> Differences => _differences;

    public void Match(TimeSpan time, long count = 1) => Count(time, count, count);

    private void Count(TimeSpan time, long matched, long total)
    {
        if (time < race)
        {
            _matched += matched;
            _total += total;
        }
        else
        {
            _matchedLater += matched;
            _totalLater += total;
        }
    }

    public void Miss(TimeSpan time, string place, string recorded, string simulated, string rule, long count = 1)
    {
        Count(time, 0, count);
        if (time < race && _differences.Count < Categories.MostDifferences)
        {
            _differences.Add(new Difference(category, time, place, recorded, simulated, rule));
        }
    }
}
