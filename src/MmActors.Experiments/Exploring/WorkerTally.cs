using System.Collections.Immutable;
using MmActors.Model;

namespace MmActors.Experiments.Exploring;

/// <summary>What one worker of a search has seen.</summary>
internal sealed class WorkerTally
{
    private static readonly ResultPlace[] Places = Enum.GetValues<ResultPlace>();

    [ThreadStatic]
    private static WorkerTally? _current;

    private readonly (long Schedules, ulong Seed, long Steps)[] _reached =
        new (long, ulong, long)[Places.Length * ScanResultText.Count];

    /// <summary>The tally of the calling thread.</summary>
    public static WorkerTally? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>Schedules run.</summary>
    public long Schedules { get; private set; }

    /// <summary>Their messages.</summary>
    public long Steps { get; private set; }

    /// <summary>States at the end of the explored part.</summary>
    public HashSet<ulong> EndStates { get; } = [];

    /// <summary>Orders of events.</summary>
    public HashSet<ulong> Orders { get; } = [];

    /// <summary>Coverage marks by name.</summary>
    public HashSet<string> Marks { get; } = [];

    /// <summary>The first violation.</summary>
    public FailedSchedule? Failed { get; private set; }

    /// <summary>Choice points of a depth-first search.</summary>
    public (long States, bool IsComplete)? Tree { get; set; }

    /// <summary>What ended the worker itself; never a violation.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Notes a mark for the worker on this thread.</summary>
    public static void Collect(string mark) => _current?.Marks.Add(mark);

    /// <summary>Adds a schedule.</summary>
    public void Add(ulong seed, ScheduleOutcome outcome, EventDigest digest)
    {
        Schedules++;
        Steps += outcome.Steps;
        Orders.Add(outcome.Order);
        foreach (ResultPlace place in Places)
        {
            for (int result = 0; result < ScanResultText.Count; result++)
            {
                long steps = digest.FirstStep(place, (ScanResult)result);
                if (steps > 0)
                {
                    ref (long Schedules, ulong Seed, long Steps) reached = ref _reached[((int)place * ScanResultText.Count) + result];
                    bool isShorter = reached.Schedules == 0 || steps < reached.Steps || (steps == reached.Steps && seed < reached.Seed);
                    reached = isShorter ? (reached.Schedules + 1, seed, steps) : reached with { Schedules = reached.Schedules + 1 };
                }
            }
        }

        if (outcome.Violation is { } violation)
        {
            Failed ??= new FailedSchedule(
                seed, violation, outcome.Choices, ImmutableSortedDictionary.CreateRange(outcome.Deviations), outcome.Hash, outcome.Last);
        }
        else
        {
            EndStates.Add(outcome.EndState);
        }
    }

    /// <summary>The results all workers reached, place by place.</summary>
    public static ImmutableArray<ReachedResult> Merge(WorkerTally[] tallies)
    {
        var merged = ImmutableArray.CreateBuilder<ReachedResult>();
        foreach (ResultPlace place in Places)
        {
            for (int result = 0; result < ScanResultText.Count; result++)
            {
                int index = ((int)place * ScanResultText.Count) + result;
                (long Schedules, ulong Seed, long Steps)[] some =
                    [.. tallies.Select(tally => tally._reached[index]).Where(static reached => reached.Schedules > 0)];
                if (some.Length > 0)
                {
                    (_, ulong seed, long steps) = some.OrderBy(static reached => reached.Steps).ThenBy(static reached => reached.Seed).First();
                    merged.Add(new ReachedResult(
                        place, (ScanResult)result, some.Sum(static reached => reached.Schedules), seed, steps));
                }
            }
        }

        return merged.ToImmutable();
    }
}
