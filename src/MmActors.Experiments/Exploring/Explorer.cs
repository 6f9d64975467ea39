using System.Diagnostics;
using MmActors.Model.Coverage;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>How far a search is.</summary>
/// <param name="Schedules">Schedules run.</param>
/// <param name="Wall">Real time so far.</param>
public sealed record ExploreProgress(long Schedules, TimeSpan Wall);

/// <summary>The search: blocks of seeds are handed to workers, each with an actor system of its own; the first violation ends it.
/// Which schedules are run depends on the seeds alone, not on the workers.</summary>
public sealed class Explorer
{
    /// <summary>Seeds a worker takes at a time.</summary>
    private const int BlockSize = 64;

    private readonly ExploreRequest _request;
    private readonly IProgress<ExploreProgress>? _progress;
    private readonly CancellationToken _cancel;
    private readonly Stopwatch _clock = new();
    private readonly object _ledger = new();
    private long _next;
    private long _done;
    private long _warmDone = -1;
    private TimeSpan _warmAt;
    private TimeSpan _cpu;
    private TimeSpan _warmCpu;
    private TimeSpan _endCpu;
    private int _expectedChoices;
    private long _expectedSteps;
    private volatile bool _isOver;

    private Explorer(ExploreRequest request, IProgress<ExploreProgress>? progress, CancellationToken cancel)
    {
        _request = request;
        _progress = progress;
        _cancel = cancel;
    }

    /// <summary>Runs a search.</summary>
    /// <param name="request">What to search.</param>
    /// <param name="progress">Told how far it is, by whichever worker is done with a block.</param>
    /// <param name="cancel">Ends it early; the result is then marked partial.</param>
    public static ExploreResult Run(ExploreRequest request, IProgress<ExploreProgress>? progress, CancellationToken cancel) =>
        new Explorer(request, progress, cancel).Run();

    private ExploreResult Run()
    {
        bool isTree = _request.Strategy.Kind == "dfs";
        int workers = isTree ? 1 : (int)Math.Min(_request.Workers, Math.Max(1, _request.Schedules / BlockSize));
        Measure();
        WorkerTally[] tallies = [.. Enumerable.Range(0, workers).Select(static _ => new WorkerTally())];
        _clock.Start();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        Thread[] threads = [.. tallies.Select(tally => new Thread(() => Work(tally)) { IsBackground = true, Name = "explore" })];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        TimeSpan wall = _clock.Elapsed;
        _endCpu = Environment.CpuUsage.TotalTime;
        _cpu = _endCpu - cpu;
        if (tallies.FirstOrDefault(static tally => tally.Fault is not null) is { Fault: { } fault })
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        }

        return ResultOf(tallies, wall);
    }

    /// <summary>One schedule in order of arrival tells how long a run is.</summary>
    private void Measure()
    {
        using var runner = new ScheduleRunner();
        ScheduleOutcome fifo = runner.Run(new SchedulePlan(
            _request.Spec, new PrescribedStrategy(new Dictionary<int, int>(), _request.Strategy.Choices), _request.FirstSeed,
            _request.Run.Scenario.Duration)
        { Planted = _request.Planted });
        _expectedChoices = Math.Max(1, fifo.Choices);
        _expectedSteps = Math.Max(1, fifo.Steps);
    }

    private void Work(WorkerTally tally)
    {
        try
        {
            CoverageMarks.Collector ??= WorkerTally.Collect;
            WorkerTally.Current = tally;
            using var runner = new ScheduleRunner();
            IInterleavingStrategy strategy = _request.Strategy.Create(_expectedChoices);
            for (long first = Claim(); first < _request.Schedules && !_isOver; first = Claim())
            {
                RunBlock(runner, strategy, tally, first, Math.Min(_request.Schedules, first + BlockSize));
            }
        }
        catch (Exception fault)
        {
            tally.Fault = fault;
            _isOver = true;
        }
    }

    private long Claim()
    {
        lock (_ledger)
        {
            long first = _next;
            _next += BlockSize;
            if (first < _request.Schedules && !_isOver)
            {
                long count = Math.Min(BlockSize, _request.Schedules - first);
                _request.Begins?.Invoke(unchecked(_request.FirstSeed + (ulong)first), count);
            }

            return first;
        }
    }

    private void RunBlock(ScheduleRunner runner, IInterleavingStrategy strategy, WorkerTally tally, long first, long end)
    {
        for (long number = first; number < end; number++)
        {
            if (_cancel.IsCancellationRequested || (strategy is DepthFirstStrategy { HasMore: false } && tally.Schedules > 0))
            {
                _isOver = true;
                break;
            }

            ulong seed = unchecked(_request.FirstSeed + (ulong)number);
            ScheduleOutcome outcome = runner.Run(PlanFor(_request, strategy, seed, _expectedSteps));
            tally.Add(seed, outcome, runner.Digest);
            if (outcome.Violation is not null)
            {
                _isOver = true;
                break; // the others finish their blocks: the smallest seed among what is found does not hang on the workers' luck
            }
        }

        tally.Tree = strategy is DepthFirstStrategy tree ? (tree.States, !tree.HasMore) : null;
        NoteProgress(Interlocked.Add(ref _done, end - first));
    }

    /// <summary>The plan of one seed.</summary>
    internal static SchedulePlan PlanFor(ExploreRequest request, IInterleavingStrategy strategy, ulong seed, long expectedSteps) =>
        new(request.Spec, strategy, seed, request.Run.Scenario.Duration)
        {
            IsSwarm = request.IsSwarm,
            ExpectedSteps = expectedSteps,
            Planted = request.Planted,
            AuditsOften = request.AuditsOften,
        };

    private void NoteProgress(long done)
    {
        if (_warmDone < 0 && done >= _request.Schedules / 10)
        {
            (_warmDone, _warmAt, _warmCpu) = (done, _clock.Elapsed, Environment.CpuUsage.TotalTime);
        }

        _progress?.Report(new ExploreProgress(done, _clock.Elapsed));
    }

    private ExploreResult ResultOf(WorkerTally[] tallies, TimeSpan wall)
    {
        long schedules = tallies.Sum(static tally => tally.Schedules);
        bool isWarm = _warmDone >= 0 && wall > _warmAt && schedules > _warmDone;
        double rate = isWarm
            ? (schedules - _warmDone) / (wall - _warmAt).TotalSeconds : schedules / Math.Max(1e-9, wall.TotalSeconds);
        double perCpu = isWarm
            ? (schedules - _warmDone) / Math.Max(1e-9, (_endCpu - _warmCpu).TotalSeconds) : schedules / Math.Max(1e-9, _cpu.TotalSeconds);
        (long States, bool IsComplete)? tree = tallies[0].Tree;
        return new ExploreResult
        {
            Schedules = schedules,
            IsPartial = schedules < _request.Schedules && tree is not { IsComplete: true },
            Steps = tallies.Sum(static tally => tally.Steps),
            FifoSteps = _expectedSteps,
            FifoChoices = _expectedChoices,
            EndStates = Union(tallies.Select(static tally => tally.EndStates)),
            Orders = Union(tallies.Select(static tally => tally.Orders)),
            Wall = wall,
            RatePerWorker = rate / tallies.Length,
            RatePerCpuSecond = perCpu,
            Workers = tallies.Length,
            Marks = [.. tallies.SelectMany(static tally => tally.Marks)],
            Reached = WorkerTally.Merge(tallies),
            Tree = tree,
            Failed = tallies.Select(static tally => tally.Failed).Where(static failed => failed is not null)
                .MinBy(static failed => failed!.Seed),
        };
    }

    private static long Union(IEnumerable<HashSet<ulong>> sets)
    {
        HashSet<ulong> all = [];
        foreach (HashSet<ulong> set in sets)
        {
            all.UnionWith(set);
        }

        return all.Count;
    }
}
