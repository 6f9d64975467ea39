using Akka.Event;
using MmActors.Actors.Protocol;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Actors.Reclaim;

/// <summary>kswapd: woken when the low watermark is missed, reclaims until the high one is met, naps, sleeps (RC-10…13).</summary>
public sealed class KswapdActor : PageReclaimActor
{
    private const double NapNs = 100e6;

    private readonly KswapdRun _run = new();
    private int _failures;
    private bool _wokenDuringRun;

    /// <summary>Starts the thread, asleep.</summary>
    public KswapdActor(WorldContext world)
        : base(world, cpu: 0)
    {
    }

    /// <inheritdoc/>
    protected override int By => KernelThread.Kswapd;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WakeKswapd when Talk.IsRunning:
                _wokenDuringRun = true;
                break;
            case WakeKswapd wake when _failures < ReclaimLimits.MaxReclaimRetries:
                EmitNote(KernelEventKind.KswapdWake, wake.Order);
                Talk.Start(UntilAsleep());
                break;
            case WakeKswapd:
                CoverageMarks.Hit(ReclaimMark.KswapdHopeless);
                break; // RC-12: hopeless
            case KswapdHope:
                _failures = 0;
                break;
            default:
                Talk.Resume(message);
                break;
        }
    }

    /// <summary>Runs until the node stays balanced over a nap (RC-13).</summary>
    private IEnumerator<Wait> UntilAsleep()
    {
        bool again = true;
        while (again && _failures < ReclaimLimits.MaxReclaimRetries)
        {
            _wokenDuringRun = false;
            yield return Wait.For(Balance());
            if (_failures >= ReclaimLimits.MaxReclaimRetries)
            {
                break;
            }

            _wokenDuringRun = false;
            yield return Wait.Nanoseconds(NapNs);
            World.Node.Tell(new ReadZone(), Self);
            yield return Wait.Answer;
            bool balanced = IsBalanced(Talk.Answer<ZoneState>());
            again = _wokenDuringRun || !balanced;
            CoverageMarks.HitIf(_wokenDuringRun, ReclaimMark.KswapdWokenInNap);
            CoverageMarks.HitIf(!_wokenDuringRun && !balanced, ReclaimMark.KswapdUnbalancedAfterNap);
            World.Vmstat.Add(VmCounter.KswapdLowWmarkHitQuickly, _wokenDuringRun ? 1 : 0);
            World.Vmstat.Add(VmCounter.KswapdHighWmarkHitQuickly, !_wokenDuringRun && !balanced ? 1 : 0);
        }

        EmitNote(KernelEventKind.KswapdSleep, 0);
    }

    /// <summary>One run: priorities 12…1 (RC-11).</summary>
    private IEnumerator<Wait> Balance()
    {
        var control = new ReclaimControl
        {
            Origin = World.NewOrigin(OriginKind.Reclaim, By),
            Reclaimer = Reclaimer.Kswapd,
            WalksAllGroups = true,
        };
        _run.Begin();
        World.Node.Tell(new ReclaimActive(true), Self);
        World.Vmstat.Add(VmCounter.PageOutRun);
        EmitStep(KernelEventKind.BalanceBegin, control, 0, (long)Reclaimer.Kswapd);
        while (!_run.IsOver)
        {
            World.Node.Tell(new ReadZone(), Self);
            yield return Wait.Answer;
            ZoneState zone = Talk.Answer<ZoneState>();
            control.Goal = Math.Max(zone.Marks.High, ReclaimLimits.SwapClusterMax);
            control.Priority = _run.Priority;
            control.CacheTrimOff = _run.CacheTrimOff;
            control.CacheTrimSeen = false;
            long scanned = control.Scanned;
            long reclaimed = control.Reclaimed;
            bool balanced = IsBalanced(zone);
            if (!balanced)
            {
                yield return Wait.For(AgeAnon(control));
                yield return Wait.For(ShrinkNode(control));
            }

            _run.EndStep(
                control.Scanned - scanned, control.Reclaimed - reclaimed, control.Goal, balanced, control.CacheTrimSeen);
        }

        EmitStep(KernelEventKind.BalanceEnd, control, control.Reclaimed);
        World.Node.Tell(new PassFinished(0), Self);
        World.Node.Tell(new ReclaimActive(false), Self);
        _failures = _run.Failed ? _failures + 1 : 0;
    }

    private static bool IsBalanced(ZoneState zone) => zone.Free > zone.Marks.High;

    private void EmitNote(KernelEventKind kind, int order)
    {
        if (World.IsLogged)
        {
            Log.Debug("{Event} (order {Order})", kind == KernelEventKind.KswapdWake ? "wakes" : "sleeps", order);
        }

        Emit(new KernelEvent { Time = Now, Kind = kind, Amount = order, By = By });
    }
}
