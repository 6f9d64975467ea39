using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Tracing.Series;

namespace MmActors.Tracing.Spans;

/// <summary>The spans of one run, derived from its event stream: khugepaged's passes down to the steps of a collapse, reclaim
/// cycles down to the calls of the shrinker, MADV_FREE calls, and the waits of tasks for mmap_lock. There is a span for
/// what takes time and has a cause, never for a page or a message.</summary>
public sealed class SpanProjector : IRunObserver
{
    private readonly SpanBook _book;
    private readonly KhugepagedSpans _khugepaged;
    private readonly ReclaimSpans _reclaim;

    /// <summary>Begins with the span of the run, at simulated time 0.</summary>
    /// <param name="sampling">What is kept.</param>
    public SpanProjector(SpanSampling sampling)
    {
        _book = new SpanBook(sampling);
        _khugepaged = new KhugepagedSpans(_book);
        _reclaim = new ReclaimSpans(_book, _khugepaged);
    }

    /// <summary>The spans in order of beginning; the first is the run, the ancestor of all.</summary>
    public IReadOnlyList<Span> Spans => _book.Spans;

    /// <summary>Spans left out because the limit was reached.</summary>
    public long Dropped => _book.Dropped;

    /// <summary>Spans left out by sampling.</summary>
    public long SampledOut => _book.SampledOut;

    /// <inheritdoc/>
    public TimeSpan SampleInterval => TimeSpan.Zero;

    /// <inheritdoc/>
    public bool FollowsSteps => true;

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.TaskStart:
                _book.OnTaskStart(kernelEvent);
                break;
            case KernelEventKind.Madvise when kernelEvent.Extra == (long)Advice.Free && kernelEvent.Detail is { Since: { } since } detail:
                _book.BeginCall("madvise.free", since)?.Finish(kernelEvent.Time)
                    .With(MmAttributes.Task, _book.TaskOf(kernelEvent.Mm)).With(MmAttributes.MmId, (long)kernelEvent.Mm)
                    .With(MmAttributes.Pages, detail.Pages).With(MmAttributes.Errno, kernelEvent.Amount);
                break;
            case KernelEventKind.OomKill:
                _book.Root.Note("oom_kill", kernelEvent.Time, _book.TaskOf(kernelEvent.Mm));
                break;
            default:
                Tell(kernelEvent);
                break;
        }
    }

    /// <inheritdoc/>
    public void EmitStep(in KernelEvent kernelEvent) => Tell(kernelEvent);

    private void Tell(in KernelEvent kernelEvent)
    {
        _khugepaged.OnEvent(kernelEvent);
        _reclaim.OnEvent(kernelEvent);
    }

    /// <inheritdoc/>
    public void Sample(SystemSample sample, bool isLast)
    {
        if (!isLast)
        {
            return;
        }

        foreach (Span span in _book.Spans)
        {
            if (span.IsOpen && span.Parent is not null)
            {
                span.With(MmAttributes.Unfinished, true);
            }

            if (span.IsOpen)
            {
                span.Finish(sample.Time);
            }
        }

        _book.Root.With(MmAttributes.SpansKept, (long)_book.Spans.Count).With(MmAttributes.SpansDropped, _book.Dropped)
            .With(MmAttributes.SpansSampledOut, _book.SampledOut);
    }
}
