using MmActors.Model.Events;

namespace MmActors.Tracing.Spans;

/// <summary>cycle → priority step → shrinker call, for each context that reclaims.</summary>
internal sealed class ReclaimSpans(SpanBook book, KhugepagedSpans khugepaged)
{
    private static readonly string[] Reclaimers = ["direct", "khugepaged", "kswapd"];

    private const string KhugepagedCycle = "reclaim.khugepaged";

    private readonly Dictionary<string, Context> _contexts = new(StringComparer.Ordinal);

    public void OnPhase(in KernelEvent phase)
    {
        if (phase.Detail?.Name is not { } name)
        {
            return;
        }

        if (!_contexts.TryGetValue(name, out Context? context))
        {
            _contexts.Add(name, context = new Context());
        }

        switch (phase.Kind)
        {
            case KernelEventKind.CycleBegin:
                context.Cycle = BeginCycle($"reclaim.{Reclaimers[phase.Extra]}", phase)
                    ?.With(MmAttributes.Reclaimer, Reclaimers[phase.Extra]).With(MmAttributes.Task, book.TaskOf(phase.Mm))
                    .With(MmAttributes.Group, (long)phase.Pfn).With(MmAttributes.Memcg, phase.Flag).With(MmAttributes.Goal, phase.Amount);
                context.IsInCycle = true;
                break;
            case KernelEventKind.CycleEnd:
                context.Cycle?.Finish(phase.Time).With(MmAttributes.Reclaimed, phase.Amount);
                context.Cycle = null;
                context.IsInCycle = false;
                break;
            case KernelEventKind.PriorityBegin:
                context.Step = book.BeginPart(context.Cycle, "priority", phase.Time)?.With(MmAttributes.Priority, phase.Amount);
                break;
            case KernelEventKind.PriorityEnd:
                context.Step?.Finish(phase.Time).With(MmAttributes.Reclaimed, phase.Amount).With(MmAttributes.Scanned, phase.Extra);
                context.Step = null;
                break;
            case KernelEventKind.ShrinkerBegin:
                context.ShrinkerSince = phase.Time;
                break;
            case KernelEventKind.ShrinkerEnd:
                OnShrunk(context, phase);
                break;
        }
    }

    /// <summary>What khugepaged reclaims for a collapse is part of that collapse (RC-64); all others stand for themselves.</summary>
    private Span? BeginCycle(string name, in KernelEvent begin) =>
        name == KhugepagedCycle && khugepaged.Allocating is { IsUnderWay: true, Step: var step }
            ? book.BeginPart(step, name, begin.Time)
            : book.BeginTree(name, begin.Time);

    /// <summary>A call that found the queue empty (DS-8) has no trace line in the kernel and no span here.</summary>
    private void OnShrunk(Context context, in KernelEvent end)
    {
        if (end.Extra == 0 && end.Time == context.ShrinkerSince)
        {
            return;
        }

        // vm/drop_caches calls the shrinker outside of any cycle.
        Span? span = context.IsInCycle
            ? book.BeginPart(context.Step, "shrinker", context.ShrinkerSince)
            : book.BeginTree("shrinker", context.ShrinkerSince);
        span?.Finish(end.Time).With(MmAttributes.Group, (long)end.Pfn).With(MmAttributes.Scanned, end.Extra).With(MmAttributes.Splits, end.Amount);
    }

    private sealed class Context
    {
        public Span? Cycle { get; set; }

        public bool IsInCycle { get; set; }

        public Span? Step { get; set; }

        public TimeSpan ShrinkerSince { get; set; }
    }
}
