using System.Globalization;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Tracing.Spans;

/// <summary>pass → visit → collapse → its steps; and the waits a collapse caused.</summary>
internal sealed class KhugepagedSpans(SpanBook book)
{
    /// <summary>Collapses of one mm that a wait may still refer to: a wait is told when the lock is granted, so the collapse
    /// that ended just then is the last or, seldom, one of a few.</summary>
    private const int Remembered = 8;

    private static readonly string[] StepNames = ["alloc", "recheck", "swap_in", "lock_wait", "isolate", "copy", "install"];

    private readonly Dictionary<(int Mm, bool ByKhugepaged), Attempt> _open = [];
    private readonly Dictionary<int, List<Attempt>> _recent = [];
    private readonly List<(ScanResult Status, int Ranges)> _statuses = [];
    private Span? _pass;
    private Span? _visit;
    private int _passes;
    private int _ranges;

    /// <summary>Whether khugepaged is getting an order-9 page, and the span of that step if it is kept.</summary>
    public (bool IsUnderWay, Span? Step) Allocating { get; private set; }

    public void OnEvent(in KernelEvent happened)
    {
        switch (happened.Kind)
        {
            case KernelEventKind.PassBegin:
                _passes++;
                _pass = book.BeginTree("khugepaged.pass", happened.Time)
                    ?.With(MmAttributes.Pass, (long)_passes).With(MmAttributes.Budget, happened.Amount);
                break;
            case KernelEventKind.PassEnd:
                _pass?.Finish(happened.Time).With(MmAttributes.Progress, happened.Amount);
                _pass = null;
                break;
            case KernelEventKind.VisitBegin:
                _visit = book.BeginPart(_pass, "visit", happened.Time)
                    ?.With(MmAttributes.Task, book.TaskOf(happened.Mm)).With(MmAttributes.MmId, (long)happened.Mm);
                _ranges = 0;
                _statuses.Clear();
                break;
            case KernelEventKind.Visit:
                OnVisit(happened);
                break;
            case KernelEventKind.ScanPmd when happened.Flag:
                CountRange(happened.Status);
                break;
            case KernelEventKind.CollapseStep:
                OnStep(happened, (CollapseStep)happened.Amount);
                break;
            case KernelEventKind.CollapseIsolate when Attempting(happened) is { Span: { } isolating }:
                isolating.With(MmAttributes.Referenced, (long)happened.Referenced)
                    .With(MmAttributes.NoneOrZero, (long)happened.NoneOrZero);
                break;
            case KernelEventKind.CollapseSwapin when Attempting(happened) is { Span: { } swapping }:
                swapping.With(MmAttributes.SwappedIn, happened.Amount);
                break;
            case KernelEventKind.CollapseHugePage:
                OnCollapsed(happened);
                break;
            case KernelEventKind.Stall when happened.Detail is { Since: { } since, Name: { } call } && call != KernelWaiters.Collapse:
                OnStall(happened, since, call);
                break;
        }
    }

    private Attempt? Attempting(in KernelEvent happened) => _open.GetValueOrDefault((happened.Mm, happened.Flag));

    private void OnStep(in KernelEvent entered, CollapseStep step)
    {
        if (step == CollapseStep.Alloc)
        {
            Span? span = entered.Flag ? book.BeginPart(_visit, "collapse", entered.Time) : book.BeginCall("collapse", entered.Time);
            span?.With(MmAttributes.Task, book.TaskOf(entered.Mm)).With(MmAttributes.MmId, (long)entered.Mm)
                .With(MmAttributes.Address, Hex(entered.Address))
                .With(MmAttributes.CollapseBy, entered.Flag ? "khugepaged" : "madvise");
            _open[(entered.Mm, entered.Flag)] = new Attempt(span);
        }

        if (Attempting(entered) is { } attempt)
        {
            attempt.Step?.Finish(entered.Time);
            attempt.Step = book.BeginPart(attempt.Span, StepNames[(int)step], entered.Time);
            Allocating = entered.Flag ? (step == CollapseStep.Alloc, attempt.Step) : Allocating;
            if (step >= CollapseStep.Recheck)
            {
                attempt.LockedSince ??= entered.Time;
            }
        }
    }

    private void OnCollapsed(in KernelEvent collapsed)
    {
        if (!_open.Remove((collapsed.Mm, collapsed.Flag), out Attempt? attempt))
        {
            return;
        }

        attempt.Step?.Finish(collapsed.Time);
        attempt.Ended = collapsed.Time;
        Allocating = collapsed.Flag ? default : Allocating;
        if (attempt.Span?.Finish(collapsed.Time).With(MmAttributes.ScanStatus, collapsed.Status.Text()) is { } span)
        {
            span.Failure = collapsed.Status == ScanResult.Succeed ? null : collapsed.Status.Text();
        }

        if (!_recent.TryGetValue(collapsed.Mm, out List<Attempt>? recent))
        {
            _recent.Add(collapsed.Mm, recent = []);
        }

        recent.Add(attempt);
        if (recent.Count > Remembered)
        {
            recent.RemoveAt(0);
        }
    }

    /// <summary>A wait is caused by the collapses of its mm that wanted or held mmap_lock while it lasted. It is left out with
    /// their pass when none of them is kept.</summary>
    private void OnStall(in KernelEvent stall, TimeSpan since, string call)
    {
        List<Attempt> causes = [.. _recent.GetValueOrDefault(stall.Mm) ?? []];
        foreach (bool byKhugepaged in (ReadOnlySpan<bool>)[true, false])
        {
            if (_open.TryGetValue((stall.Mm, byKhugepaged), out Attempt? open))
            {
                causes.Add(open);
            }
        }

        TimeSpan until = stall.Time;
        causes.RemoveAll(cause => cause.LockedSince is not { } locked || locked >= until || cause.Ended <= since);
        if (causes.Count > 0 && causes.TrueForAll(static cause => cause.Span is null))
        {
            book.LeaveOut();
            return;
        }

        Span? span = book.BeginCall("stall", since)
            ?.With(MmAttributes.Task, book.TaskOf(stall.Mm)).With(MmAttributes.MmId, (long)stall.Mm).With(MmAttributes.StallCall, call);
        span?.Finish(until);
        foreach (Attempt cause in causes)
        {
            if (cause.Span is { } collapse)
            {
                span?.Link(collapse);
            }
        }
    }

    private void OnVisit(in KernelEvent visit)
    {
        _visit?.Finish(visit.Time).With(MmAttributes.Budget, visit.Extra).With(MmAttributes.Progress, visit.Amount)
            .With(MmAttributes.Ranges, (long)_ranges)
            .With(MmAttributes.Statuses, string.Join(' ', _statuses.Select(static entry => $"{entry.Status.Text()}={entry.Ranges}")))
            .With(MmAttributes.FullScan, visit.Writable);
        _visit = null;
    }

    private void CountRange(ScanResult status)
    {
        _ranges++;
        int index = _statuses.FindIndex(entry => entry.Status == status);
        if (index < 0)
        {
            _statuses.Add((status, 1));
        }
        else
        {
            _statuses[index] = (status, _statuses[index].Ranges + 1);
        }
    }

    private static string Hex(long address) => "0x" + address.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>A collapse attempt, kept as a span or not.</summary>
    private sealed class Attempt(Span? span)
    {
        public Span? Span { get; } = span;

        public Span? Step { get; set; }

        /// <summary>When it first wanted mmap_lock.</summary>
        public TimeSpan? LockedSince { get; set; }

        public TimeSpan Ended { get; set; } = TimeSpan.MaxValue;
    }
}
