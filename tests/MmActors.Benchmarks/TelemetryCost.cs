using System.Diagnostics;
using System.Globalization;
using MmActors.Actors;
using MmActors.Experiments.Running;
using MmActors.Model.Events;
using MmActors.Tracing;
using MmActors.Tracing.Series;

namespace MmActors.Benchmarks;

/// <summary>What telemetry costs: nothing is left out of a build without it, so the cost of telemetry that is off is the number
/// of questions "does anybody follow the steps?" a run asks, times what one costs.</summary>
internal static class TelemetryCost
{
    private const int Rounds = 9;
    private const int Questions = 100_000_000;

    /// <summary>Most that telemetry may cost when it is off, as a share of a run's time.</summary>
    private const double MostOff = 0.01;

    /// <summary>Most that a run with telemetry on may take, relative to one without.</summary>
    private const double MostOn = 2;

    /// <summary>Prints the figures; exit code 1 when a bound is not kept.</summary>
    public static int Run()
    {
        double askNs = AskNs();
        bool kept = true;
        foreach (string scenario in new[] { "hot-cold-hot", "mixed-load", "lazyfree-blocks-reclaim", "idle-desktop" })
        {
            RunRequest request = TelemetryBenchmarks.RequestFor(scenario);
            var counter = new StepCounter();
            ExperimentRunner.Run(request with { Observers = [counter] }, null, CancellationToken.None);
            (double off, double traced, double sampled) = Measure(request);
            double offShare = counter.Asked * askNs / 1e6 / off;
            kept &= offShare <= MostOff && traced / off <= MostOn && sampled / off <= MostOn;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{scenario,-24} run {off,7:F1} ms; off: {counter.Asked,7:N0} questions of {askNs:F1} ns = {offShare:P4} of it; "
                + $"spans and metrics: {traced / off:F2} times; series: {sampled / off:F2} times"));
        }

        Console.WriteLine(kept ? "bounds kept: off at most 1 %, on at most 2 times" : "BOUNDS NOT KEPT: off at most 1 %, on at most 2 times");
        return kept ? 0 : 1;
    }

    /// <summary>Medians of alternating runs, so that both meet the same machine.</summary>
    private static (double OffMs, double TracedMs, double SampledMs) Measure(RunRequest request)
    {
        List<double> off = [];
        List<double> traced = [];
        List<double> sampled = [];
        for (int round = 0; round <= Rounds; round++)
        {
            double without = Milliseconds(() => ExperimentRunner.Run(request, null, CancellationToken.None));
            double withSpans = Milliseconds(() => TelemetryBenchmarks.RunTraced(request));
            double withSeries = Milliseconds(() => TelemetryBenchmarks.RunSampled(request));
            if (round > 0)
            {
                off.Add(without);
                traced.Add(withSpans);
                sampled.Add(withSeries);
            }
        }

        return (Median(off), Median(traced), Median(sampled));
    }

    private static double AskNs()
    {
        IKernelEventSink stream = new KernelEventStream();
        int yes = 0;
        double milliseconds = Milliseconds(() =>
        {
            for (int i = 0; i < Questions; i++)
            {
                yes += stream.FollowsSteps ? 1 : 0;
            }
        });
        return yes == 0 ? milliseconds * 1e6 / Questions : throw new InvalidOperationException("nobody listens");
    }

    private static double Milliseconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Counts what is told only when somebody asks for it, and the events that carry more then: each is one question.</summary>
    private sealed class StepCounter : IRunObserver
    {
        public long Asked { get; private set; }

        public TimeSpan SampleInterval => TimeSpan.Zero;

        public bool FollowsSteps => true;

        public void EmitStep(in KernelEvent kernelEvent) => Asked++;

        public void Emit(in KernelEvent kernelEvent) =>
            Asked += kernelEvent.Kind is KernelEventKind.Stall or KernelEventKind.Madvise ? 1 : 0;

        public void Sample(SystemSample sample, bool isLast)
        {
        }
    }
}
