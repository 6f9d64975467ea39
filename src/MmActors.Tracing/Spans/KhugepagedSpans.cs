using System.Globalization;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Tracing.Spans;

/// <summary>pass → visit → collapse → its steps; and the waits of tasks for what held mmap_lock.</summary>
internal sealed class KhugepagedSpans(SpanBook book)
{
    private static readonly string[] StepNames = ["alloc", "recheck", "swap_in", "lock_wait", "isolate", "copy", "install"];

    private readonly Dictionary<Origin, Attempt> _attempts = [];
    private readonly List<(ScanResult Status, int Ranges)> _statuses = [];
    private Span? _pass;
    private Span? _visit;
    private int _passes;
    private long _charged;
    private int _ranges;

    /// <summary>The attempt under way with this origin, if it is one.</summary>
    public Attempt? AttemptOf(Origin origin) => _attempts.GetValueOrDefault(origin);

    public void OnEvent(in KernelEvent happened)
    {
        switch (happened.Kind)
        {
            case KernelEventKind.PassBegin:
                _passes++;
                _charged = 0;
                _pass = book.BeginTree("khugepaged.pass", happened.Time)
                    ?.With(MmAttributes.Pass, (long)_passes).With(MmAttributes.Budget, happened.Amount);
                break;
            case KernelEventKind.PassEnd:
                _pass?.Finish(happened.Time).With(MmAttributes.Progress, _charged); // khugepaged gives up what is left
                _pass = null;
                break;
            case KernelEventKind.VisitBegin:
                _visit = book.BeginPart(_pass, "visit", happened.Time)
                    ?.With(MmAttributes.Task, book.TaskOf(happened.Mm)).With(MmAttributes.MmId, (long)happened.Mm);
                book.Register(happened.Origin, _visit);
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
            case KernelEventKind.CollapseIsolate when AttemptOf(happened.Origin) is { Span: { } isolating }:
                isolating.With(MmAttributes.Referenced, (long)happened.Referenced)
                    .With(MmAttributes.NoneOrZero, (long)happened.NoneOrZero);
                break;
            case KernelEventKind.CollapseSwapin when AttemptOf(happened.Origin) is { Span: { } swapping }:
                swapping.With(MmAttributes.SwappedIn, happened.Amount);
                break;
            case KernelEventKind.CollapseHugePage:
                OnCollapsed(happened);
                break;
            case KernelEventKind.Stall when happened.Detail is { Since: { } since, Name: not KernelWaiters.Collapse } detail:
                OnStall(happened, detail, since);
                break;
        }
    }

    private void OnStep(in KernelEvent entered, CollapseStep step)
    {
        if (step == CollapseStep.Alloc)
        {
            Span? span = entered.Detail is { Cause.Kind: OriginKind.Visit } detail
                ? book.BeginPart(book.SpanOf(detail.Cause), "collapse", entered.Time)
                : book.BeginCall("collapse", entered.Time);
            span?.With(MmAttributes.Task, book.TaskOf(entered.Mm)).With(MmAttributes.MmId, (long)entered.Mm)
                .With(MmAttributes.Address, Hex(entered.Address))
                .With(MmAttributes.CollapseBy, entered.Flag ? "khugepaged" : "madvise");
            book.Register(entered.Origin, span);
            _attempts[entered.Origin] = new Attempt(span);
        }

        if (AttemptOf(entered.Origin) is { } attempt)
        {
            attempt.Step?.Finish(entered.Time);
            attempt.Step = book.BeginPart(attempt.Span, StepNames[(int)step], entered.Time);
        }
    }

    private void OnCollapsed(in KernelEvent collapsed)
    {
        if (!_attempts.Remove(collapsed.Origin, out Attempt? attempt))
        {
            return;
        }

        attempt.Step?.Finish(collapsed.Time);
        if (attempt.Span?.Finish(collapsed.Time).With(MmAttributes.ScanStatus, collapsed.Status.Text()) is { } span)
        {
            span.Failure = collapsed.Status == ScanResult.Succeed ? null : collapsed.Status.Text();
        }
    }

    /// <summary>A wait is left out with the VISIT or collapse it waited for.</summary>
    private void OnStall(in KernelEvent stall, EventDetail detail, TimeSpan since)
    {
        Span? cause = book.SpanOf(detail.Cause);
        if (cause is null && detail.Cause != default)
        {
            book.LeaveOut();
            return;
        }

        Span? span = book.BeginCall("stall", since)
            ?.With(MmAttributes.Task, book.TaskOf(stall.Mm)).With(MmAttributes.MmId, (long)stall.Mm)
            .With(MmAttributes.StallCall, detail.Name!).Finish(stall.Time);
        if (cause is not null)
        {
            span?.Link(cause);
        }
    }

    private void OnVisit(in KernelEvent visit)
    {
        _charged += visit.Amount;
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

    /// <summary>A collapse attempt, kept as a span or not, and the step it is in.</summary>
    internal sealed class Attempt(Span? span)
    {
        public Span? Span { get; } = span;

        public Span? Step { get; set; }
    }
}
