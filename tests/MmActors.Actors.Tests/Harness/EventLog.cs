using MmActors.Model.Events;

namespace MmActors.Actors.Tests.Harness;

/// <summary>Keeps the event stream of a test.</summary>
public sealed class EventLog : IKernelEventSink
{
    private readonly List<KernelEvent> _all = [];

    /// <summary>Every event in order.</summary>
    public IReadOnlyList<KernelEvent> All => _all;

    /// <summary>The lines of collapse attempts: isolate, collapse_huge_page, scan_pmd.</summary>
    public IReadOnlyList<KernelEvent> CollapseLines => [.. _all.Where(static line =>
        line.Kind is KernelEventKind.CollapseIsolate or KernelEventKind.CollapseHugePage or KernelEventKind.ScanPmd)];

    /// <summary>Steps in order; none unless they are followed.</summary>
    public List<KernelEvent> Steps { get; } = [];

    /// <inheritdoc/>
    public bool FollowsSteps { get; set; }

    /// <inheritdoc/>
    public void EmitStep(in KernelEvent kernelEvent) => Steps.Add(kernelEvent);

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent) => _all.Add(kernelEvent);

    /// <summary>Events of one kind in order.</summary>
    public IReadOnlyList<KernelEvent> Of(KernelEventKind kind) => [.. _all.Where(line => line.Kind == kind)];

    /// <summary>The last event of one kind.</summary>
    public KernelEvent Last(KernelEventKind kind) => _all.Last(line => line.Kind == kind);

    /// <summary>Progress of every VISIT so far (KH-19).</summary>
    public long[] VisitCosts() => [.. Of(KernelEventKind.Visit).Select(static visit => visit.Amount)];

    /// <summary>Forgets what happened so far, except the returns of calls.</summary>
    public void Clear() => _all.RemoveAll(static line => line.Kind != KernelEventKind.Madvise);
}
