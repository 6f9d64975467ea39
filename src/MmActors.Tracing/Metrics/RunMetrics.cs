using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Tracing.Series;

namespace MmActors.Tracing.Metrics;

/// <summary>What a run's metrics are made of: equal values are counted, not kept, so a long run costs no more than a short one.</summary>
public sealed class RunMetrics : IRunObserver
{
    /// <summary>Result under which VISITs and stepped-over VMAs are filed in the budget, as in the report.</summary>
    public const string VisitsAndVmas = "visit_and_vmas";

    private readonly Dictionary<int, string> _names = [];
    private readonly Dictionary<(int Mm, bool ByKhugepaged), TimeSpan> _begun = [];
    private readonly SortedDictionary<(ScanResult Status, bool ByKhugepaged, TimeSpan Duration), int> _collapses = [];
    private readonly SortedDictionary<(int Mm, TimeSpan Duration), int> _waits = [];
    private readonly SortedDictionary<(int Mm, ScanResult Status, long Cost), int> _scans = [];
    private readonly SortedDictionary<int, long> _overhead = [];
    private BudgetGauge _budget;
    private long _rangeCharges;

    /// <summary>Collapse attempts by result, who made them and how long they took.</summary>
    public IReadOnlyDictionary<(ScanResult Status, bool ByKhugepaged, TimeSpan Duration), int> Collapses => _collapses;

    /// <summary>Waits of tasks for mmap_lock.</summary>
    public IReadOnlyDictionary<(int Mm, TimeSpan Duration), int> Waits => _waits;

    /// <summary>Ranges khugepaged looked at, by mm, result and cost to the budget in pages.</summary>
    public IReadOnlyDictionary<(int Mm, ScanResult Status, long Cost), int> Scans => _scans;

    /// <summary>Budget spent on VISITs and stepped-over VMAs, by mm.</summary>
    public IReadOnlyDictionary<int, long> Overhead => _overhead;

    /// <summary>The world at the end of the run.</summary>
    public SystemSample? Last { get; private set; }

    /// <summary>What was left of the last pass's budget.</summary>
    public long BudgetLeft => _budget.Left;

    /// <inheritdoc/>
    public TimeSpan SampleInterval => TimeSpan.Zero;

    /// <inheritdoc/>
    public bool FollowsSteps => true;

    /// <summary>Name of the task an mm belongs to.</summary>
    public string TaskOf(int mm) => _names.TryGetValue(mm, out string? name) ? name : $"mm-{mm}";

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        _budget.Observe(kernelEvent);
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.TaskStart:
                _names[kernelEvent.Mm] = kernelEvent.Detail?.Name ?? $"mm-{kernelEvent.Mm}";
                break;
            case KernelEventKind.ScanPmd when kernelEvent.Flag:
                Count(_scans, (kernelEvent.Mm, kernelEvent.Status, kernelEvent.Amount));
                _rangeCharges += kernelEvent.Amount;
                break;
            case KernelEventKind.Visit:
                _overhead[kernelEvent.Mm] = _overhead.GetValueOrDefault(kernelEvent.Mm) + kernelEvent.Amount - _rangeCharges;
                _rangeCharges = 0;
                break;
            case KernelEventKind.CollapseHugePage when _begun.Remove((kernelEvent.Mm, kernelEvent.Flag), out TimeSpan begun):
                Count(_collapses, (kernelEvent.Status, kernelEvent.Flag, kernelEvent.Time - begun));
                break;
            case KernelEventKind.Stall when kernelEvent.Detail is { Since: { } since, Name: not KernelWaiters.Collapse }:
                Count(_waits, (kernelEvent.Mm, kernelEvent.Time - since));
                break;
        }
    }

    /// <inheritdoc/>
    public void EmitStep(in KernelEvent kernelEvent)
    {
        if (kernelEvent.Kind == KernelEventKind.CollapseStep && kernelEvent.Amount == (long)CollapseStep.Alloc)
        {
            _begun[(kernelEvent.Mm, kernelEvent.Flag)] = kernelEvent.Time;
        }
    }

    /// <inheritdoc/>
    public void Sample(SystemSample sample, bool isLast) => Last = sample;

    private static void Count<TKey>(SortedDictionary<TKey, int> counts, TKey key)
        where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;
}
