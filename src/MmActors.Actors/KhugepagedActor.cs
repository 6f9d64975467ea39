using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Actors.Reclaim;
using MmActors.Model.Costs;
using MmActors.Model.Events;
using MmActors.Model.Khugepaged;

namespace MmActors.Actors;

/// <summary>khugepaged: passes over the mm list within a budget, VISITs, and the collapse of what they find
/// (khugepaged.md 2.2…2.8). Owns the list, the cursor and the pass.</summary>
public sealed partial class KhugepagedActor : MmActor
{
    private readonly KhugepagedCounters _counters;
    private readonly MmSlots<IActorRef> _slots = new();
    private readonly SleepTimer _timer;
    private readonly CollapseDriver _collapse;
    private ThreadState _state = ThreadState.WaitingForWork;
    private int _sleep;
    private IActorRef? _slowPath;
    private int _nextStart;
    private bool _isDue;

    /// <summary>Starts the thread, idle until an mm registers.</summary>
    /// <param name="world">The world.</param>
    /// <param name="counters">pages_collapsed and full_scans, readable by others as sysfs files are.</param>
    public KhugepagedActor(WorldContext world, KhugepagedCounters counters)
        : base(world)
    {
        _counters = counters;
        _timer = new SleepTimer(world.Machine.Hz);
        _collapse = new CollapseDriver(world, Self, After, () => Now, isKhugepaged: true, cpu: 0, SlowPath, OnRangeFinished);
    }

    private enum ThreadState
    {
        /// <summary>KH-3: the list is empty or THP is off; no timeout.</summary>
        WaitingForWork,
        /// <summary>Between passes.</summary>
        Sleeping,
        /// <summary>KH-4.5: inside a pass, after an allocation failure.</summary>
        AllocSleeping,
        /// <summary>In a pass.</summary>
        Running,
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (_collapse.TryHandle(message))
        {
            return;
        }

        switch (message)
        {
            case RegisterMm register:
                OnRegister(register);
                break;
            case MmIsExiting exiting:
                OnExiting(exiting);
                break;
            case WakeKhugepaged:
                Wake();
                break;
            case SleepElapsed elapsed when elapsed.Sleep == _sleep:
                Wake();
                break;
            case ScheduledStart:
                OnScheduledStart();
                break;
            case SleepElapsed:
                break;
            case AllDrained:
                After(WorldContext.Nanoseconds(World.Machine.Costs.DrainAllNs), new BatchesDrained());
                break;
            case BatchesDrained:
                Turn();
                break;
            case VisitRefused:
                OnVisitRefused();
                break;
            case VisitEnded ended:
                OnVisitEnded(ended);
                break;
            case RangeScanned scanned:
                OnRangeScanned(scanned);
                break;
            case RangeTimeElapsed:
                OnRangeTimeElapsed();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        base.PreStart();
        AwaitScheduledStart();
    }

    /// <summary>Passes that follow a recording: the next one, when its time has come.</summary>
    private void AwaitScheduledStart()
    {
        if (World.PassStarts is { } starts && _nextStart < starts.Length)
        {
            After(starts[_nextStart] > Now ? starts[_nextStart] - Now : TimeSpan.Zero, new ScheduledStart());
        }
    }

    private void OnScheduledStart()
    {
        if (_state is ThreadState.Running or ThreadState.AllocSleeping)
        {
            return; // it begins when the pass under way has ended
        }

        _isDue = !HasWork; // then it begins as soon as there is an mm to scan
        if (HasWork)
        {
            _nextStart++;
            BeginPass();
        }
    }

    private void OnRegister(RegisterMm register)
    {
        if (_slots.Add(register.Mm, register.Space))
        {
            Wake(); // KH-7; KH-4.5: an alloc sleep ends too
            if (_isDue)
            {
                OnScheduledStart();
            }
        }
    }

    private void OnExiting(MmIsExiting exiting)
    {
        if (_slots.TryRemoveExiting(exiting.Mm, World.Folios.Planted))
        {
            Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.SlotFreed, Mm = exiting.Mm });
            Sender.Tell(new ExitedSlotGone(), Self);
        }
        else
        {
            _slots.MarkExiting(exiting.Mm);
        }
    }

    /// <summary>Ends whatever sleep is under way (KH-1, KH-3, KH-7).</summary>
    private void Wake()
    {
        _sleep++;
        switch (_state)
        {
            case ThreadState.AllocSleeping:
                _state = ThreadState.Running;
                Turn();
                break;
            case ThreadState.WaitingForWork or ThreadState.Sleeping when World.PassStarts is not null:
                break;
            case ThreadState.WaitingForWork or ThreadState.Sleeping when HasWork:
                BeginPass();
                break;
            case ThreadState.Sleeping:
                _state = ThreadState.WaitingForWork;
                break;
        }
    }

    /// <summary>khugepaged's own reclaim context (RC-64), made when first needed.</summary>
    private IActorRef SlowPath() => _slowPath ??= Context.ActorOf(
        Props.Create<DirectReclaimActor>(World, 0, Reclaimer.Khugepaged, 0), "reclaim");

    private bool HasWork => _slots.Count > 0 && World.Thp.KhugepagedRuns;

    /// <summary>KH-3: sleeps after a pass, or waits for an mm when there is none.</summary>
    private void WaitAfterPass()
    {
        if (World.PassStarts is not null)
        {
            _state = ThreadState.WaitingForWork;
            AwaitScheduledStart();
            return;
        }

        if (!HasWork)
        {
            _state = ThreadState.WaitingForWork;
            return;
        }

        _state = ThreadState.Sleeping;
        SleepFor(World.Thp.ScanSleepMillisecs);
    }

    private void SleepFor(uint milliseconds)
    {
        _sleep++;
        TimeSpan delay = milliseconds == 0 ? TimeSpan.Zero : _timer.WakeTime(Now, milliseconds) - Now;
        After(delay, new SleepElapsed(_sleep));
    }

    private sealed record SleepElapsed(int Sleep);

    private sealed record ScheduledStart;

    private sealed record RangeTimeElapsed;

    private sealed record BatchesDrained;
}

/// <summary>khugepaged's two counters in sysfs; unsigned 32-bit there, never reset here.</summary>
public sealed class KhugepagedCounters
{
    private long _pagesCollapsed;
    private long _fullScans;

    /// <summary>pages_collapsed: ranges khugepaged collapsed, in spite of the name.</summary>
    public long PagesCollapsed => Interlocked.Read(ref _pagesCollapsed);

    /// <summary>Traversals of the mm list that ran off its end (KH-18).</summary>
    public long FullScans => Interlocked.Read(ref _fullScans);

    /// <summary>One more range was collapsed by khugepaged itself.</summary>
    public void CountCollapse() => Interlocked.Increment(ref _pagesCollapsed);

    /// <summary>Counts a completed traversal of the list.</summary>
    public void CountFullScan() => Interlocked.Increment(ref _fullScans);
}
