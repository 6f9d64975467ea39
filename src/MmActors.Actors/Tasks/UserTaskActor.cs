using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Actors.Reclaim;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Costs;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Tlb;
using MmActors.Model.Units;

namespace MmActors.Actors.Tasks;

/// <summary>A user thread: runs its program, one request to its address space at a time, and spends the simulated time
/// each step costs. Owns its TLB.</summary>
public sealed partial class UserTaskActor : MmActor
{
    private readonly TaskReport _report;
    private readonly IActorRef _space;
    private int _cpu;
    private readonly ExactTlb? _tlb;
    private readonly IStepSource _program;
    private readonly SortedDictionary<string, Region> _regions = new(StringComparer.Ordinal);
    private readonly RandomStream _random;
    private RangeWalk? _walk;
    private Access _access;
    private bool _counts;
    private AccessMeter? _meter;
    private MadviseCollapseCall? _collapse;
    private MapStep? _mapping;
    private ForkStep? _fork;
    private Step? _pendingStep;
    private Step? _running;
    private Errno _errno;
    private long _counted;
    private CgroupWriteStep? _cgroupWrite;
    private IActorRef? _slowPath;
    private readonly ProcessImage _image;
    private bool _ownPagesMade;
    private bool _isSleeping;
    private bool _isKilled;
    private bool _exiting;
    private bool _isContinuing;
    private bool _goesOn;

    /// <summary>Creates a task; it runs when it gets <see cref="Run"/>.</summary>
    /// <param name="world">The world.</param>
    /// <param name="spec">What it is.</param>
    /// <param name="report">Where it writes what became of it.</param>
    /// <param name="space">Its address space.</param>
    /// <param name="cpu">CPU it runs on.</param>
    /// <param name="image">Its process image.</param>
    /// <param name="exactTlb">Whether its TLB simulates every access.</param>
    public UserTaskActor(
        WorldContext world, StartChild spec, TaskReport report, IActorRef space, int cpu, ProcessImage image, bool exactTlb)
        : base(world)
    {
        _image = image;
        _report = report;
        _space = space;
        _cpu = cpu;
        _tlb = exactTlb ? new ExactTlb(TlbGeometry.Second2048) : null;
        _random = new RandomStream(world.Seed, "task/" + spec.Name);
        _program = spec.Source ?? new ProgramCursor(spec.Program);
        foreach ((string name, long start, long bytes) in spec.Regions)
        {
            _regions[name] = new Region(start, bytes);
            report.SetRegion(name, start, bytes);
        }
    }

    /// <summary>Starts the program.</summary>
    public sealed record Run;

    /// <summary>SIGKILL, from the OOM killer (RC-70) or another.</summary>
    /// <param name="Reason">What the report says.</param>
    public sealed record Kill(string Reason);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (_collapse is not null && _collapse.TryHandle(message))
        {
            return;
        }

        switch (message)
        {
            case StepDone when _exiting:
                break; // killed while it slept
            case Run or StepDone or RequestDone:
                _isSleeping = false;
                Continue();
                break;
            case Kill kill:
                OnKill(kill);
                break;
            case LimitSet or MemcgWritten:
                OnCgroupReply(message);
                break;
            case MmDone done:
                OnDone(done);
                break;
            case RandomReadsDone done:
                OnBatch(done);
                break;
            case TaskKilled killed:
                OnKilled(killed);
                break;
            case ChildReady child:
                _space.Tell(new ForkInto(child.Mm, child.Space, _cpu) { Name = child.Name }, Self);
                break;
            case SmapsReply reply:
                _report.Smaps = _report.IsOomKilled ? _report.Smaps : reply.Figures; // reaped: what it had before counts
                _space.Tell(new ExitMm(_cpu), Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Goes on with the step under way, or begins the next one. A step that ends without waiting for anybody (an
    /// empty window) asks for the next from inside; the loop keeps a million of them off the stack.</summary>
    private void Continue()
    {
        _goesOn = true;
        if (_isContinuing)
        {
            return;
        }

        _isContinuing = true;
        while (_goesOn)
        {
            _goesOn = false;
            ContinueStep();
        }

        _isContinuing = false;
    }

    private void ContinueStep()
    {
        if (_isKilled)
        {
            Exit();
        }
        else if (_pendingStep is { } pending)
        {
            _pendingStep = null;
            Begin(pending);
        }
        else if (_walk is not null)
        {
            ContinueWalk();
        }
        else if (_meter is not null)
        {
            ContinueMeter();
        }
        else if (_image.OwnPages > 0 && !_ownPagesMade)
        {
            _ownPagesMade = true;
            TouchOwnPages(_image.OwnPages);
        }
        else if (NextStep() is { } step)
        {
            if (_image.TouchedPages > 0)
            {
                _pendingStep = step;
                TouchOwnPages(_image.TouchedPages);
            }
            else
            {
                Begin(step);
            }
        }
        else
        {
            Exit();
        }
    }

    /// <summary>The step that ran has returned; what comes next.</summary>
    private Step? NextStep()
    {
        if (World.KeepsResults && _running is not (null or SleepStep or UntilStep or RunOnStep))
        {
            _report.Add(new StepResult(Now, _running, _errno, _counted));
        }

        _running = null;
        return _program.Next(Now);
    }

    private void OnBatch(RandomReadsDone done)
    {
        _report.Stalled += done.Stalled;
        Sleep(_meter!.Add(done) + done.Cost);
    }

    private void OnDone(MmDone done)
    {
        _report.Stalled += done.Stalled;
        if (_exiting)
        {
            FinishExit();
            return;
        }

        TimeSpan cost = done.Cost;
        _errno = done.Errno != Errno.None && _pendingStep is null ? done.Errno : _errno;
        if (_walk is not null && _pendingStep is null)
        {
            _report.NonzeroPagesCounted += _counts ? done.Value : 0;
            _counted += _counts ? done.Value : 0;
            cost += WorldContext.Nanoseconds(_walk.CostNs(_access, World.Machine.Costs));
        }

        NoteMapping(done);
        NoteFork();
        if (done.AboveHigh > 0)
        {
            _costAfterHigh = cost;
            SlowPath().Tell(new ReclaimHigh(done.AboveHigh) { Origin = NewCall() }, Self); // RC-61: on the way back to user space
        }
        else
        {
            Sleep(cost);
        }
    }

    private TimeSpan _costAfterHigh;

    /// <summary>The step takes this long; a kill ends it early.</summary>
    private void Sleep(TimeSpan time)
    {
        _isSleeping = true;
        After(time, new StepDone());
    }

    /// <summary>The task's own reclaim context, for its writes to memory.* files.</summary>
    private IActorRef SlowPath() => _slowPath ??= Context.ActorOf(
        Props.Create<DirectReclaimActor>(World, _cpu, Reclaimer.Direct, _report.Mm), "reclaim");

    private Origin NewCall() => World.NewOrigin(OriginKind.Call, _report.Mm);

    /// <summary>RC-44: stack, heap and data of the process, used by whatever it does.</summary>
    private void TouchOwnPages(int pages) => _space.Tell(
        new Touch(new Access(Mm.OwnPagesRange, Bits512.Range(0, pages), true, 1, false), _cpu), Self);

    private void OnKill(Kill kill)
    {
        _isKilled = true;
        _report.Fault ??= kill.Reason;
        if (_isSleeping && !_exiting)
        {
            _isSleeping = false;
            Exit();
        }
    }

    private void NoteMapping(MmDone done)
    {
        if (_mapping is { } map && done.Errno == Errno.None)
        {
            var region = new Region(done.Value, (map.Size.Bytes + Geometry.PageSize - 1) & ~(Geometry.PageSize - 1L));
            int before = _regions.TryGetValue(map.Region, out Region unmapped) ? unmapped.Ranges : 0;
            _report.Ranges += region.Ranges - before;
            _regions[map.Region] = region;
            _report.SetRegion(map.Region, region.Start, region.Bytes);
        }

        _mapping = null;
    }

    private void NoteFork()
    {
        if (_fork is { } fork)
        {
            List<(string, long, long)> regions = [];
            foreach ((string name, Region region) in _regions)
            {
                regions.Add((name, region.Start, region.Bytes));
            }

            World.Simulation.Tell(new StartChild(fork.Child, fork.Body, regions), Self);
            _fork = null;
        }
    }

    private void OnKilled(TaskKilled killed)
    {
        _report.Fault ??= killed.Reason;
        Exit();
    }

    /// <summary>Notes the last smaps figures, then tears the address space down.</summary>
    private void Exit()
    {
        if (_exiting)
        {
            return;
        }

        _walk = null;
        _meter = null;
        _exiting = true;
        _space.Tell(new SmapsQuery(0), Self);
    }

    private void FinishExit()
    {
        _report.HasExited = true;
        World.Simulation.Tell(new TaskEnded(_report.Name), Self);
        Context.Stop(Self);
    }

    private void EmitMeasured(AccessMeasurement measured) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.Measured,
        Mm = _report.Mm,
        Amount = measured.Elapsed.Ticks / TimeSpan.TicksPerMicrosecond,
        Extra = (long)(measured.Cycles / Math.Max(1, measured.Accesses) * 1000),
    });

    private void EmitMadvise(long start, Advice advice, Errno errno) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.Madvise,
        Mm = _report.Mm,
        Address = start,
        Amount = (long)errno,
        Extra = (long)advice,
    });

    private sealed record StepDone;
}
