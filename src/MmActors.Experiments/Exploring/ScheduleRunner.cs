using MmActors.Actors;
using MmActors.Model.Memory;
using MmActors.Runtime;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>Runs one schedule after the other on one actor system that is reset between them. First the strategy decides and
/// things go wrong (safety: every invariant holds after every step); then nothing goes wrong any more and everybody is served
/// in order of arrival (liveness: every task ends, khugepaged finishes its scans, and nothing is left behind).</summary>
internal sealed class ScheduleRunner : IDisposable
{
    /// <summary>Beyond any honest schedule of a scenario small enough to be explored.</summary>
    private const long StepLimit = 2_000_000;

    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(2);

    private readonly StepChecks _checks = new();
    private readonly EventDigest _digest;
    private readonly Dictionary<int, string> _paths = [];
    private SimHost? _host;
    private World? _world;
    private SwarmDraw? _draw;
    private bool _auditsOften;

    /// <summary>A runner for the calling thread.</summary>
    public ScheduleRunner() => _digest = new EventDigest { Step = () => _host?.Kernel.Steps ?? 0 };

    /// <summary>What the present schedule's events were.</summary>
    public EventDigest Digest => _digest;

    /// <summary>Simulated time of the present schedule.</summary>
    public TimeSpan Time => _host?.Kernel.Now ?? TimeSpan.Zero;

    /// <summary>Runs a schedule.</summary>
    public ScheduleOutcome Run(SchedulePlan plan)
    {
        _draw = plan.IsSwarm ? SwarmDraw.Of(plan.Spec, plan.Seed, plan.ExpectedSteps) : SwarmDraw.Nothing(plan.Spec);
        SeededFaults? faults = plan.IsSwarm ? new SeededFaults(_draw.Rates, plan.Seed) : null;
        var recorder = new DeviationRecorder(plan.Strategy) { KeepsTurns = plan.KeepsTurns };
        Reset(new SimSettings
        {
            Seed = plan.Seed,
            Strategy = recorder,
            StepLimit = StepLimit,
            AfterStep = AfterStep,
            Deliveries = plan.Deliveries,
            Created = plan.KeepsTurns ? Meeting(plan.Strategy) : null,
        });
        _digest.Clear();
        _auditsOften = plan.AuditsOften;
        _world = new World(_host!, _draw.Spec with { Faults = faults, Planted = plan.Planted });
        _world.Events.Attach(_digest);
        _world.Events.Attach(_checks);
        _checks.Begin(_world);
        ulong endState = 0;
        long steps = 0;
        Violation? violation = null;
        try
        {
            RunSafely(plan, recorder, faults);
            steps = _host!.Kernel.Steps;
            endState = RestChecks.Fingerprint(_world);
            RequireEnd(plan);
        }
        catch (Exception failure) when (failure is SimulationFailedException or InvariantException or HangException)
        {
            violation = ViolationOf(failure);
        }

        return new ScheduleOutcome
        {
            Violation = violation,
            Steps = violation is null ? steps : _host!.Kernel.Steps,
            Choices = recorder.Made,
            Deviations = recorder.Deviations,
            Order = _digest.Order,
            EndState = endState,
            Hash = violation is null ? "" : _world.Events.Hash,
            Turns = violation is null ? [] : [.. recorder.Turns.Select(turn => new Turn(PathOf(turn.Actor), turn.Timers))],
            Last = violation is null ? [] : [.. _digest.Last],
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _host?.Dispose();

    private void Reset(SimSettings settings)
    {
        if (_host is null)
        {
            _host = SimHost.Start(settings);
        }
        else
        {
            _host.Reset(settings);
        }
    }

    /// <summary>Notes the actors' names, for whoever follows another run's turns and for whoever will follow these.</summary>
    private Action<int, string> Meeting(IInterleavingStrategy strategy)
    {
        _paths.Clear();
        return (id, path) =>
        {
            _paths[id] = path;
            (strategy as FollowingStrategy)?.Meet(id, path);
        };
    }

    private string PathOf(int actor) => _paths.GetValueOrDefault(actor) ?? Turn.SystemActor(actor);

    private void AfterStep()
    {
        _checks.Check();
        if (_auditsOften && _host!.Kernel.IsAtRest)
        {
            RestChecks.Audit(_world!);
        }

        if (_draw!.KillStep > 0 && _host!.Kernel.Steps == _draw.KillStep)
        {
            _world!.Kill(_draw.KillMm);
        }
    }

    private void RunSafely(SchedulePlan plan, DeviationRecorder recorder, SeededFaults? faults)
    {
        SimKernel kernel = _host!.Kernel;
        Require(kernel.RunUntil(plan.Horizon));
        recorder.IsFair = true;
        if (faults is not null)
        {
            faults.IsOn = false;
        }

        Require(kernel.RunUntil(kernel.Now));
        RestChecks.Audit(_world!);
    }

    /// <summary>Simulated time after which somebody who has not ended waits for ever: what is explored and khugepaged's sleeps,
    /// many times over.</summary>
    private static TimeSpan PatienceFor(SchedulePlan plan, World world)
    {
        const int Times = 20;
        var sleeps = TimeSpan.FromMilliseconds(world.Context.Thp.ScanSleepMillisecs + (double)world.Context.Thp.AllocSleepMillisecs);
        TimeSpan patience = (plan.Horizon + sleeps) * Times;
        return patience > LeastPatience ? patience : LeastPatience;
    }

    private void RequireEnd(SchedulePlan plan)
    {
        SimKernel kernel = _host!.Kernel;
        TimeSpan slice = plan.Horizon;
        TimeSpan patience = PatienceFor(plan, _world!);
        RunOutcome outcome = RunOutcome.HorizonReached;
        while (!RestChecks.HasEnded(_world!))
        {
            if (outcome == RunOutcome.Quiescent || kernel.Now > plan.Horizon + patience)
            {
                throw new HangException(RestChecks.WhoWaits(_world!));
            }

            outcome = kernel.RunUntil(kernel.Now + slice);
            Require(outcome);
            slice = slice < patience ? slice * 2 : slice;
        }

        Require(kernel.RunUntil(kernel.Now));
        RestChecks.Audit(_world!);
        RestChecks.RequireNothingLeft(_world!, _draw!.Spec.KernelPages);
    }

    private static void Require(RunOutcome outcome)
    {
        if (outcome == RunOutcome.StepLimit)
        {
            throw new HangException($"no end after {StepLimit} steps");
        }
    }

    private Violation ViolationOf(Exception failure)
    {
        Exception cause = failure is SimulationFailedException { InnerException: { } inner } ? inner : failure;
        (string kind, string message) = cause switch
        {
            InvariantException => (Violation.Invariant, cause.Message),
            HangException => (Violation.Hang, cause.Message),
            _ => (Violation.Crash, $"{cause.GetType().Name}: {cause.Message}"),
        };
        return new Violation(kind, message, _host!.Kernel.Steps, _host.Kernel.Now) { Where = Violation.PlaceOf(cause) };
    }

    private sealed class HangException(string message) : Exception(message);
}
