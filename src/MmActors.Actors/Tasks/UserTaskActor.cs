using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Costs;
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
    private readonly int _cpu;
    private readonly ExactTlb? _tlb;
    private readonly ProgramCursor _program;
    private readonly SortedDictionary<string, Region> _regions = new(StringComparer.Ordinal);
    private readonly RandomStream _random;
    private RangeWalk? _walk;
    private Access _access;
    private bool _counts;
    private AccessMeter? _meter;
    private MadviseCollapseCall? _collapse;
    private MapStep? _mapping;
    private ForkStep? _fork;
    private bool _exiting;
    private bool _isContinuing;
    private bool _goesOn;

    /// <summary>Creates a task; it runs when it gets <see cref="Run"/>.</summary>
    /// <param name="world">The world.</param>
    /// <param name="spec">What it is.</param>
    /// <param name="report">Where it writes what became of it.</param>
    /// <param name="space">Its address space.</param>
    /// <param name="cpu">CPU it runs on.</param>
    /// <param name="exactTlb">Whether its TLB simulates every access.</param>
    public UserTaskActor(WorldContext world, StartChild spec, TaskReport report, IActorRef space, int cpu, bool exactTlb)
        : base(world)
    {
        _report = report;
        _space = space;
        _cpu = cpu;
        _tlb = exactTlb ? new ExactTlb(TlbGeometry.Second2048) : null;
        _random = new RandomStream(world.Seed, "task/" + spec.Name);
        _program = new ProgramCursor(spec.Program);
        foreach ((string name, long start, long bytes) in spec.Regions)
        {
            _regions[name] = new Region(start, bytes);
        }
    }

    /// <summary>Starts the program.</summary>
    public sealed record Run;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (_collapse is not null && _collapse.TryHandle(message))
        {
            return;
        }

        switch (message)
        {
            case Run or StepDone or RequestDone:
                Continue();
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
                _space.Tell(new ForkInto(child.Mm, child.Space, _cpu), Self);
                break;
            case SmapsReply reply:
                _report.Smaps = reply.Figures;
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
        if (_walk is not null)
        {
            ContinueWalk();
        }
        else if (_meter is not null)
        {
            ContinueMeter();
        }
        else if (_program.Next() is { } step)
        {
            Begin(step);
        }
        else
        {
            Exit();
        }
    }

    private void OnBatch(RandomReadsDone done)
    {
        _report.Stalled += done.Stalled;
        After(_meter!.Add(done) + done.Cost, new StepDone());
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
        if (_walk is not null)
        {
            _report.NonzeroPagesCounted += _counts ? done.Value : 0;
            cost += WorldContext.Nanoseconds(_walk.CostNs(_access, World.Machine.Costs));
        }

        NoteMapping(done);
        NoteFork();
        After(cost, new StepDone());
    }

    private void NoteMapping(MmDone done)
    {
        if (_mapping is { } map && done.Errno == Errno.None)
        {
            var region = new Region(done.Value, (map.Size.Bytes + Geometry.PageSize - 1) & ~(Geometry.PageSize - 1L));
            int before = _regions.TryGetValue(map.Region, out Region unmapped) ? unmapped.Ranges : 0;
            _report.Ranges += region.Ranges - before;
            _regions[map.Region] = region;
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
        _report.Fault = killed.Reason;
        if (killed.Signal == 9)
        {
            World.Vmstat.Add(Model.Memory.VmCounter.OomKill);
            EmitKill();
        }

        Exit();
    }

    /// <summary>Notes the last smaps figures, then tears the address space down.</summary>
    private void Exit()
    {
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

    private void EmitMeasured(AccessMeasurement measured) => Emit(new Model.Events.KernelEvent
    {
        Time = Now,
        Kind = Model.Events.KernelEventKind.Measured,
        Mm = _report.Mm,
        Amount = measured.Elapsed.Ticks / TimeSpan.TicksPerMicrosecond,
        Extra = (long)(measured.Cycles / Math.Max(1, measured.Accesses) * 1000),
    });

    private void EmitMadvise(long start, Advice advice, Errno errno) => Emit(new Model.Events.KernelEvent
    {
        Time = Now,
        Kind = Model.Events.KernelEventKind.Madvise,
        Mm = _report.Mm,
        Address = start,
        Amount = (long)errno,
        Extra = (long)advice,
    });

    private void EmitKill() => Emit(new Model.Events.KernelEvent
    {
        Time = Now,
        Kind = Model.Events.KernelEventKind.OomKill,
        Mm = _report.Mm,
    });

    private sealed record StepDone;
}
