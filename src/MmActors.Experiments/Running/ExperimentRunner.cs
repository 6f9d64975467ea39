using System.Diagnostics;
using MmActors.Actors;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Results;
using MmActors.Model.Events;
using MmActors.Runtime;
using MmActors.Runtime.Concurrent;
using MmActors.Tracing;

namespace MmActors.Experiments.Running;

/// <summary>How far a run has got.</summary>
/// <param name="Variant">Variant name.</param>
/// <param name="Simulated">Simulated time reached.</param>
/// <param name="Horizon">Simulated time at which it ends.</param>
/// <param name="Steps">Messages delivered so far.</param>
public sealed record RunProgress(string Variant, TimeSpan Simulated, TimeSpan Horizon, long Steps);

/// <summary>The main flow: scenario and variant → world → run to the horizon → result.</summary>
public static class ExperimentRunner
{
    private const int ProgressSteps = 100;

    /// <summary>Runs one variant on the calling thread.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="progress">Told about a hundred times how far the run is, or null.</param>
    /// <param name="cancel">Ends the run early; the result is then marked partial.</param>
    /// <exception cref="SimulationFailedException">The simulation broke one of its own invariants.</exception>
    public static VariantResult Run(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        using IRunHost host = HostOf(request);
        var world = new World(host, SpecOf(request));
        var budget = new ScanBudget(request.Scenario.TimelineInterval);
        world.Events.Attach(budget);
        var reclaim = new ReclaimTally();
        world.Events.Attach(reclaim);
        foreach (IKernelEventSink follower in request.Followers)
        {
            world.Events.AttachFollower(follower);
        }

        if (request.Recorder is { } recorder)
        {
            world.Events.AttachFollower(recorder);
        }

        var watch = new Watch(world, request.Observers);
        var audits = new Audits(world, request.Concurrent?.AuditInterval);
        bool complete = RunToHorizon(host, world, request, (watch, audits), progress, cancel);
        world.Finish();
        watch.End(host.Kernel.Now);
        return VariantResults.From(request, world, budget, reclaim, host.Kernel, complete, clock.Elapsed) with
        {
            IsConcurrent = host.IsConcurrent,
            Audits = audits.Count + 1, // Finish made the last
        };
    }

    /// <summary>Runs in slices so that progress can be told between them; false when cancelled.</summary>
    private static bool RunToHorizon(
        IRunHost host, World world, RunRequest request, (Watch Watch, Audits Audits) looks, IProgress<RunProgress>? progress,
        CancellationToken cancel)
    {
        TimeSpan horizon = request.Scenario.Duration;
        for (int slice = 1; slice <= ProgressSteps; slice++)
        {
            TimeSpan until = horizon * slice / ProgressSteps;
            if (!RunUntil(looks, world, until, request.Recorder, cancel))
            {
                return false;
            }

            progress?.Report(new RunProgress(request.Variant.Name, until, horizon, host.Kernel.Steps));
        }

        return true;
    }

    /// <summary>Runs up to a time and lets the recorder look at the world on the way; false when cancelled.</summary>
    private static bool RunUntil(
        (Watch Watch, Audits Audits) looks, World world, TimeSpan time, RunRecorder? recorder, CancellationToken cancel)
    {
        while (Earlier(recorder?.Due, looks.Audits.Due) is { } due && due <= time)
        {
            if (looks.Watch.RunUntil(due, cancel) == RunOutcome.Cancelled)
            {
                return false;
            }

            if (recorder?.Due == due)
            {
                recorder.Sample(world);
            }

            if (looks.Audits.Due == due)
            {
                looks.Audits.Check();
            }
        }

        return looks.Watch.RunUntil(time, cancel) != RunOutcome.Cancelled;
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) =>
        one is null || other < one ? other : one;

    private static IRunHost HostOf(RunRequest request) => request.Concurrent is { } concurrent
        ? ConcurrentHost.Start(new ConcurrentSettings { Seed = request.Seed, Log = request.Log, Pace = concurrent.Pace })
        : SimHost.Start(new SimSettings { Seed = request.Seed, Log = request.Log });

    internal static WorldSpec SpecOf(RunRequest request) => new()
    {
        Memory = request.Scenario.Memory,
        Thp = request.Variant.Knobs,
        Switches = request.Variant.Switches,
        Machine = request.Machine,
        Tasks = request.Variant.Tasks,
        TimelineInterval = request.Scenario.TimelineInterval,
        Cgroups = request.Scenario.Cgroups,
        Swap = request.Variant.Swap,
        Vm = request.Variant.Vm,
        KernelPages = request.Scenario.KernelPages,
        Uptime = request.Scenario.Uptime,
        Seed = request.Seed,
        IsLogged = request.Log is not null,
        ExactTlb = request.Tlb == TlbModel.Exact,
    };
}
