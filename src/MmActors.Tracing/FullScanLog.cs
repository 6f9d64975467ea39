using System.Collections.Immutable;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Tracing;

/// <summary>One traversal of khugepaged's list with what it found.</summary>
/// <param name="Traversal">When it ran and what it cost.</param>
/// <param name="IsFinished">It came to the end of the list; false for what the end of the run cut off.</param>
/// <param name="Statuses">Ranges by result, the rarest first.</param>
public sealed record FullScanRecord(Traversal Traversal, bool IsFinished, ImmutableArray<(ScanResult Status, long Ranges)> Statuses);

/// <summary>Derives from the event stream what the author of the new accounting asked of a real kernel: which statuses a full
/// scan met, how far it got, how long it took. MADV_COLLAPSE is not counted.</summary>
public sealed class FullScanLog : IKernelEventSink
{
    private readonly ScanBudget _budget = new(TimeSpan.Zero);
    private readonly List<FullScanRecord> _finished = [];
    private readonly long[] _ranges = new long[ScanResultText.Count];
    private TimeSpan _last;

    /// <summary>The full scans in order, and after them the one under way, if it has begun.</summary>
    public ImmutableArray<FullScanRecord> Scans() => _budget.Unfinished(_last) is { } open
        ? [.. _finished, new FullScanRecord(open, false, Statuses())] : [.. _finished];

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        _budget.Emit(kernelEvent);
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.ScanPmd when kernelEvent.Flag:
                _ranges[(int)kernelEvent.Status]++;
                _last = kernelEvent.Time;
                break;
            case KernelEventKind.Visit:
                _last = kernelEvent.Time;
                if (kernelEvent.Writable)
                {
                    _finished.Add(new FullScanRecord(_budget.Traversals[^1], true, Statuses()));
                    Array.Clear(_ranges);
                }

                break;
        }
    }

    private ImmutableArray<(ScanResult Status, long Ranges)> Statuses() =>
        [.. Enum.GetValues<ScanResult>().Select(status => (status, _ranges[(int)status]))
            .Where(static entry => entry.Item2 > 0)
            .OrderBy(static entry => entry.Item2).ThenBy(static entry => entry.status.Text(), StringComparer.Ordinal)];
}
