using System.Diagnostics.Metrics;
using MmActors.Model;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;
using MmActors.Tracing.Metrics;
using MmActors.Tracing.Series;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace MmActors.Tracing.Otlp;

/// <summary>Sends the final values of a run through the OpenTelemetry SDK: counters, gauges and histograms of simulated
/// quantities, stamped with the real time at which they are sent, as receivers of metrics expect.</summary>
public static class MetricSender
{
    private static readonly double[] Seconds = [1e-6, 5e-6, 1e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 5e-2, 0.1, 1];
    private static readonly double[] Pages = [1, 2, 4, 8, 16, 32, 64, 128, 256, 511, 512];

    /// <summary>A provider listens to every meter of its name in the process: one run is sent at a time.</summary>
    private static readonly Lock OneAtATime = new();

    /// <summary>Sends a run's metrics.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="resource">The resource of the run.</param>
    /// <param name="metrics">What was seen of the run.</param>
    /// <param name="droppedSpans">Spans left out beyond the limit.</param>
    /// <exception cref="OtlpException">They were not taken.</exception>
    public static void Send(
        OtlpTarget target, IEnumerable<KeyValuePair<string, object>> resource, RunMetrics metrics, long droppedSpans)
    {
        lock (OneAtATime)
        {
            // A plain reader: the periodic one of AddOtlpExporter would wait a minute, or send twice.
            using var reader = new BaseExportingMetricReader(new OtlpMetricExporter(OptionsOf(target)));
            using MeterProvider provider = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes(resource))
                .AddMeter(RunIdentity.ServiceName)
                .AddView(MmMetrics.CollapseDuration, new ExplicitBucketHistogramConfiguration { Boundaries = Seconds })
                .AddView(MmMetrics.LockWait, new ExplicitBucketHistogramConfiguration { Boundaries = Seconds })
                .AddView(MmMetrics.ScanCost, new ExplicitBucketHistogramConfiguration { Boundaries = Pages })
                .AddReader(reader)
                .Build();
            using var meter = new Meter(RunIdentity.ServiceName);
            AddSystem(meter, metrics, droppedSpans);
            Record(meter, metrics);
            if (!provider.Shutdown((int)target.Timeout.TotalMilliseconds))
            {
                throw new OtlpException($"{target.Endpoint} did not take the metrics");
            }
        }
    }

    private static OtlpExporterOptions OptionsOf(OtlpTarget target) => new()
    {
        Endpoint = target.Endpoint,
        Protocol = target.Protocol,
        TimeoutMilliseconds = (int)target.Timeout.TotalMilliseconds,
        Headers = string.Join(',', target.Headers.Select(static header => $"{header.Key}={Uri.EscapeDataString(header.Value)}")),
    };

    /// <summary>Counters of /proc/vmstat and what a look at the system shows at the end.</summary>
    private static void AddSystem(Meter meter, RunMetrics metrics, long droppedSpans)
    {
        SystemSample last = metrics.Last ?? throw new ArgumentException("the run has not ended", nameof(metrics));
        for (int index = 0; index < VmStat.Count; index++)
        {
            long value = last.Vmstat[index];
            meter.CreateObservableCounter(MmMetrics.VmstatPrefix + VmStat.Name((VmCounter)index), () => value);
        }

        meter.CreateObservableGauge(MmMetrics.FreePages, () => last.FreePages, "{page}");
        meter.CreateObservableGauge(MmMetrics.LruPages, () => ListsOf(last.Lists), "{page}");
        meter.CreateObservableGauge(MmMetrics.HugePages, () => (long)last.HugePages, "{folio}");
        meter.CreateObservableGauge(MmMetrics.SplitQueueLength, () => (long)last.SplitQueueLength, "{folio}");
        meter.CreateObservableGauge(MmMetrics.BudgetLeft, () => metrics.BudgetLeft, "{page}");
        meter.CreateObservableCounter(MmMetrics.SpansDropped, () => droppedSpans, "{span}");
        meter.CreateObservableGauge(
            MmMetrics.HugeRanges, () => last.Tasks.Select(static task => Of(task, task.HugeRanges)), "{range}");
        meter.CreateObservableGauge(
            MmMetrics.LazyfreePages, () => last.Tasks.Select(static task => Of(task, task.LazyfreePages)), "{page}");
    }

    private static Measurement<long>[] ListsOf(LruPages lists)
    {
        static Measurement<long> Of(string list, long pages) => new(pages, new KeyValuePair<string, object?>(MmAttributes.LruList, list));
        return
        [
            Of("inactive_anon", lists.InactiveAnon), Of("active_anon", lists.ActiveAnon),
            Of("inactive_file", lists.InactiveFile), Of("active_file", lists.ActiveFile),
        ];
    }

    private static Measurement<long> Of(TaskSample task, long value) => new(value, Task(task.Name));

    private static void Record(Meter meter, RunMetrics metrics)
    {
        Counter<long> spent = meter.CreateCounter<long>(MmMetrics.BudgetSpent, "{page}");
        Histogram<long> cost = meter.CreateHistogram<long>(MmMetrics.ScanCost, "{page}");
        foreach (((int mm, ScanResult status, long pages), int count) in metrics.Scans)
        {
            KeyValuePair<string, object?> task = Task(metrics.TaskOf(mm));
            spent.Add(pages * count, task, Status(status.Text()));
            for (int time = 0; time < count; time++)
            {
                cost.Record(pages, task, Status(status.Text()));
            }
        }

        foreach ((int mm, long pages) in metrics.Overhead)
        {
            spent.Add(pages, Task(metrics.TaskOf(mm)), Status(RunMetrics.VisitsAndVmas));
        }

        Histogram<double> duration = meter.CreateHistogram<double>(MmMetrics.CollapseDuration, "s");
        foreach (((ScanResult status, bool byKhugepaged, TimeSpan took), int count) in metrics.Collapses)
        {
            for (int time = 0; time < count; time++)
            {
                duration.Record(
                    took.TotalSeconds, Status(status.Text()), new(MmAttributes.CollapseBy, byKhugepaged ? "khugepaged" : "madvise"));
            }
        }

        Histogram<double> wait = meter.CreateHistogram<double>(MmMetrics.LockWait, "s");
        Counter<double> stalled = meter.CreateCounter<double>(MmMetrics.StalledTime, "s");
        foreach (((int mm, TimeSpan took), int count) in metrics.Waits)
        {
            stalled.Add(took.TotalSeconds * count, Task(metrics.TaskOf(mm)));
            for (int time = 0; time < count; time++)
            {
                wait.Record(took.TotalSeconds, Task(metrics.TaskOf(mm)));
            }
        }
    }

    private static KeyValuePair<string, object?> Task(string name) => new(MmAttributes.Task, name);

    private static KeyValuePair<string, object?> Status(string status) => new(MmAttributes.ScanStatus, status);
}
