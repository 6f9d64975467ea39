using MmActors.Model.Events;

namespace MmActors.Tracing.Spans;

/// <summary>cycle → priority step → shrinker call. Several cycles are under way at once; an event says which one it is part of.</summary>
internal sealed class ReclaimSpans(SpanBook book, KhugepagedSpans khugepaged)
{
    private static readonly string[] Reclaimers = ["direct", "khugepaged", "kswapd"];
    private static readonly string[] Causes = ["", "visit", "collapse", "reclaim", "fault", "call"];

    private readonly Dictionary<Origin, Cycle> _cycles = [];

    /// <summary>The shrinker serves one call at a time.</summary>
    private TimeSpan _shrinkerSince;

    public void OnEvent(in KernelEvent happened)
    {
        switch (happened.Kind)
        {
            case KernelEventKind.ReclaimBegin or KernelEventKind.BalanceBegin:
                _cycles[happened.Origin] = new Cycle(BeginCycle($"reclaim.{Reclaimers[happened.Extra]}", happened)
                    ?.With(MmAttributes.Reclaimer, Reclaimers[happened.Extra]).With(MmAttributes.Task, book.TaskOf(happened.Mm))
                    .With(MmAttributes.Group, (long)happened.Pfn).With(MmAttributes.Memcg, happened.Flag).With(MmAttributes.Goal, happened.Amount));
                break;
            case KernelEventKind.ReclaimEnd or KernelEventKind.BalanceEnd when _cycles.Remove(happened.Origin, out Cycle? ended):
                ended.Span?.Finish(happened.Time).With(MmAttributes.Reclaimed, happened.Amount);
                break;
            case KernelEventKind.PriorityBegin when _cycles.TryGetValue(happened.Origin, out Cycle? cycle):
                cycle.Step = book.BeginPart(cycle.Span, "priority", happened.Time)?.With(MmAttributes.Priority, happened.Amount);
                break;
            case KernelEventKind.PriorityEnd when _cycles.TryGetValue(happened.Origin, out Cycle? cycle):
                cycle.Step?.Finish(happened.Time).With(MmAttributes.Reclaimed, happened.Amount).With(MmAttributes.Scanned, happened.Extra);
                break;
            case KernelEventKind.ShrinkSlabBegin:
                _shrinkerSince = happened.Time;
                break;
            case KernelEventKind.ShrinkSlab:
                OnShrunk(happened);
                break;
        }
    }

    /// <summary>What is reclaimed for a collapse is part of the step that needs it (RC-64); all others stand for themselves.</summary>
    private Span? BeginCycle(string name, in KernelEvent begin)
    {
        Origin cause = begin.Detail?.Cause ?? default;
        Span? cycle = khugepaged.AttemptOf(cause) is { } attempt
            ? book.BeginPart(attempt.Step, name, begin.Time)
            : book.BeginTree(name, begin.Time);
        return cause == default ? cycle : cycle?.With(MmAttributes.ReclaimFor, Causes[(int)cause.Kind]);
    }

    /// <summary>A call that was to look at nothing took no time and has no span.</summary>
    private void OnShrunk(in KernelEvent end)
    {
        if (end.More == 0 && end.Time == _shrinkerSince)
        {
            return;
        }

        // vm/drop_caches calls the shrinker outside of any cycle.
        Span? span = _cycles.TryGetValue(end.Origin, out Cycle? cycle)
            ? book.BeginPart(cycle.Step, "shrinker", _shrinkerSince)
            : book.BeginTree("shrinker", _shrinkerSince);
        span?.Finish(end.Time).With(MmAttributes.Group, (long)end.Mm).With(MmAttributes.Scanned, (long)end.More)
            .With(MmAttributes.Splits, (long)end.Unmapped);
    }

    private sealed class Cycle(Span? span)
    {
        public Span? Span { get; } = span;

        public Span? Step { get; set; }
    }
}
