using MmActors.Model.Events;

namespace MmActors.Tracing.Series;

/// <summary>Keeps one row per interval of simulated time: counters, gauges, and smaps of every task.</summary>
/// <param name="interval">Simulated time between rows.</param>
public sealed class SeriesRecorder(TimeSpan interval) : IRunObserver
{
    private readonly List<(SystemSample Sample, long BudgetLeft)> _rows = [];
    private BudgetGauge _budget;

    /// <inheritdoc/>
    public TimeSpan SampleInterval => interval;

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent) => _budget.Observe(kernelEvent);

    /// <inheritdoc/>
    public void Sample(SystemSample sample, bool isLast)
    {
        if (_rows.Count == 0 || _rows[^1].Sample.Time < sample.Time)
        {
            _rows.Add((sample, _budget.Left));
        }
    }

    /// <summary>The rows as columns; call once the run is over.</summary>
    public SeriesTable Table() => SeriesTable.Of(_rows);
}
