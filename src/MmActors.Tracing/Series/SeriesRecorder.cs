using MmActors.Model.Events;

namespace MmActors.Tracing.Series;

/// <summary>Keeps one row per interval of simulated time: counters, gauges, and smaps of every task.</summary>
/// <param name="interval">Simulated time between rows.</param>
public sealed class SeriesRecorder(TimeSpan interval) : IRunObserver
{
    private const int DefaultRows = 200;

    private readonly List<(SystemSample Sample, long BudgetLeft)> _rows = [];
    private BudgetGauge _budget;

    /// <summary>The interval when nobody says one: a second, or the whole seconds that keep a long run to 200 rows.</summary>
    public static TimeSpan DefaultInterval(TimeSpan duration) =>
        TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(duration.TotalSeconds / DefaultRows)));

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
    /// <param name="isPartial">The run was interrupted: one column more says so.</param>
    public SeriesTable Table(bool isPartial = false)
    {
        SeriesTable table = SeriesTable.Of(_rows);
        return isPartial ? table.Interrupted() : table;
    }
}
