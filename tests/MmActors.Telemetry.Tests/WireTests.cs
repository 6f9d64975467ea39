using System.Diagnostics;
using System.Text.Json;
using MmActors.Telemetry.Tests.Protocol;
using MmActors.Telemetry.Tests.Receiver;
using MmActors.Tracing;
using MmActors.Tracing.Otlp;
using MmActors.Tracing.Otlp.Protocol;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Span = MmActors.Tracing.Otlp.Protocol.Span;

namespace MmActors.Telemetry.Tests;

/// <summary>Runs sent to a real receiver and decoded there.</summary>
public sealed class WireTests : IDisposable
{
    private readonly Commands _commands = new();

    public void Dispose() => _commands.Dispose();

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task The_spans_of_a_run_arrive_whole(string protocol)
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        DateTimeOffset before = DateTimeOffset.UtcNow;
        await SendAsync(receiver, protocol, "run", "hot-cold-hot", "--variant", "both", "--format", "json");
        using JsonDocument result = JsonDocument.Parse(_commands.Out);
        IReadOnlyList<Span> spans = receiver.Received.Spans;

        // README: 17 passes in 165 s; both collapses 64 ranges of hot1 and 64 of hot2.
        Assert.Equal(17, spans.Count(static span => span.Name == "khugepaged.pass"));
        Assert.Equal(128, spans.Count(static span => span.Name == "collapse"));
        Assert.Equal(128, spans.Count(static span => span.Name == "copy"));
        Span free = Assert.Single(spans, static span => span.Name == "madvise.free");
        Assert.Equal(("cold", 32_768L), (Text(free.Attributes, MmAttributes.Task), Number(free.Attributes, MmAttributes.Pages)));

        Span run = Assert.Single(spans, static span => span.ParentSpanId.IsEmpty);
        Assert.Equal(165_000_000_000ul, run.EndTimeUnixNano - run.StartTimeUnixNano);
        Assert.InRange(run.EndTimeUnixNano, Nanoseconds(before.AddSeconds(-2)), Nanoseconds(DateTimeOffset.UtcNow));
        Assert.Equal((long)run.StartTimeUnixNano, Number(run.Attributes, MmAttributes.RunEpoch));
        Assert.Equal(
            result.RootElement.GetProperty("variants")[0].GetProperty("hash").GetString(), Text(run.Attributes, MmAttributes.RunHash));
        Assert.All(spans, span => Assert.Equal(run.TraceId, span.TraceId));
        Assert.All(spans, span => Assert.True(IsWithin(span, run)));
        Assert.Equal(spans.Count, spans.Select(static span => span.SpanId).Distinct().Count());
        HashSet<Google.Protobuf.ByteString> ids = [.. spans.Select(static span => span.SpanId)];
        Assert.All(spans.Where(span => span != run), span => Assert.Contains(span.ParentSpanId, ids));

        Tracing.Otlp.Protocol.Resource resource = receiver.Received.Traces.First().ResourceSpans[0].Resource;
        Assert.Equal(["service.name=mmactors", "service.version=0.2.0", "mm.scenario=hot-cold-hot", "mm.variant=both", "mm.seed=1",
            "mm.kernel=v6.12", "mm.machine=native"], resource.Attributes.Select(static entry => $"{entry.Key}={entry.Value.StringValue}"));
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task The_final_values_of_a_run_arrive(string protocol)
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        await SendAsync(receiver, protocol, "run", "lazyfree-blocks-reclaim", "--variant", "read1-baseline-swap");
        Received received = receiver.Received;

        // README, "What reclaim got back": 16 collapses, 8,213 pages out, 11 in, nothing freed lazily.
        Assert.Equal(8_213, Value(received.Metric("mm.vmstat.pswpout").Sum));
        Assert.Equal(11, Value(received.Metric("mm.vmstat.pswpin").Sum));
        Assert.Equal(0, Value(received.Metric("mm.vmstat.pglazyfreed").Sum));
        Assert.True(received.Metric("mm.vmstat.pswpout").Sum.IsMonotonic);
        Assert.Equal(0, Value(received.Metric("mm.telemetry.spans_dropped").Sum));
        HistogramDataPoint collapses = Assert.Single(received.Metric("mm.collapse.duration").Histogram.DataPoints);
        Assert.Equal((16ul, "succeeded"), (collapses.Count, Text(collapses.Attributes, MmAttributes.ScanStatus)));
        Assert.Equal(16ul, collapses.BucketCounts.Aggregate(0ul, static (sum, count) => sum + count));
        Assert.Equal("s", received.Metric("mm.collapse.duration").Unit);

        // The old accounting charges 512 for every range: 16 collapsed ones cost 8,192 (KH-15).
        HistogramDataPoint cost = Assert.Single(
            received.Metric("mm.scan.cost").Histogram.DataPoints,
            static point => Text(point.Attributes, MmAttributes.ScanStatus) == "succeeded");
        Assert.Equal((16ul, 8_192d), (cost.Count, cost.Sum));

        // The last pass found all 16 huge and charged 512 each, and 11 for VISITs and VMAs stepped over; the rest was not spent.
        Assert.Equal(65_536 - (16 * 512) - 11, received.Metric("mm.khugepaged.budget_left").Gauge.DataPoints.Single().AsInt);
    }

    [Fact]
    public async Task Sending_a_run_twice_sends_the_same_ids()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        for (int time = 0; time < 2; time++)
        {
            await SendAsync(receiver, "grpc", "run", "hot-cold-hot", "--variant", "both", "--until", "30s");
        }

        var ids = receiver.Received.Spans.Select(static span => (span.TraceId, span.SpanId, span.Name)).ToList();
        Assert.Equal(ids[..(ids.Count / 2)], ids[(ids.Count / 2)..]);
    }

    [Fact]
    public async Task Every_request_carries_the_headers()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        OtlpDelivery delivery = OtlpDelivery.For(null, Environment(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Http), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "token=a%20b")));
        Deliver(delivery);
        Assert.Equal(["a b", "a b"], receiver.Received.Tokens);
    }

    [Fact]
    public async Task A_busy_receiver_is_asked_again()
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        OtlpDelivery delivery = OtlpDelivery.For(null, Environment(
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", receiver.Http + "/v1/traces"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRICS_EXPORTER", "none")));
        receiver.Received.RefuseNext(1);
        Deliver(delivery);
        Assert.Equal("run", Assert.Single(receiver.Received.Spans).Name);
        Assert.Empty(receiver.Received.Metrics);
    }

    /// <summary>The messages are written by hand: what an independent sender says must read the same.</summary>
    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task The_SDKs_own_exporter_is_understood(OtlpExportProtocol protocol)
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        using var source = new ActivitySource("wire-test");
        var start = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        var cause = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        string parentId;
        Uri endpoint = new(protocol == OtlpExportProtocol.Grpc ? receiver.Grpc : receiver.Http + "/v1/traces");
        using (TracerProvider provider = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("x"))
            .AddSource(source.Name).AddOtlpExporter(options => (options.Protocol, options.Endpoint) = (protocol, endpoint)).Build())
        {
            using Activity parent = source.StartActivity("outer")!;
            parentId = parent.SpanId.ToHexString();
            using Activity span = source.StartActivity(
                "inner", ActivityKind.Internal, parent.Context, [new("text", "a"), new("number", 7L), new("truth", true), new("real", 0.5)],
                [new ActivityLink(cause)], start)!;
            span.AddEvent(new ActivityEvent("note", start.AddSeconds(1)));
            span.SetStatus(ActivityStatusCode.Error, "why");
            span.SetEndTime(start.AddSeconds(2));
        }

        Span inner = Assert.Single(receiver.Received.Spans, static span => span.Name == "inner");
        Assert.Equal(parentId, Convert.ToHexStringLower(inner.ParentSpanId.Span));
        Assert.Equal((1, Nanoseconds(start), Nanoseconds(start.AddSeconds(2))), (inner.Kind, inner.StartTimeUnixNano, inner.EndTimeUnixNano));
        Assert.Equal(("a", 7L, true, 0.5), (Text(inner.Attributes, "text"), Number(inner.Attributes, "number"),
            inner.Attributes.Single(static entry => entry.Key == "truth").Value.BoolValue,
            inner.Attributes.Single(static entry => entry.Key == "real").Value.DoubleValue));
        Assert.Equal((2, "why"), (inner.Status.Code, inner.Status.Message));
        Assert.Equal(("note", Nanoseconds(start.AddSeconds(1))), (inner.Events[0].Name, inner.Events[0].TimeUnixNano));
        Assert.Equal(cause.SpanId.ToHexString(), Convert.ToHexStringLower(inner.Links[0].SpanId.Span));
        Assert.Equal(cause.TraceId.ToHexString(), Convert.ToHexStringLower(inner.Links[0].TraceId.Span));
        ResourceSpans from = receiver.Received.Traces.First().ResourceSpans[0];
        Assert.Equal("wire-test", from.ScopeSpans[0].Scope.Name);
        Assert.Equal("x", Text(from.Resource.Attributes, "service.name"));
    }

    [Fact]
    public void Nobody_listening_is_one_line_after_the_result()
    {
        Assert.Equal(2, _commands.Run("run", "hot-cold-hot", "--variant", "both", "--until", "1s", "--otlp", "http://127.0.0.1:1"));
        Assert.StartsWith("error: cannot send both: http://127.0.0.1:1/: ", _commands.Error, StringComparison.Ordinal);
        Assert.Equal(1, _commands.Error.Count(static letter => letter == '\n'));
        Assert.Contains("hash", _commands.Out, StringComparison.Ordinal);
    }

    private static void Deliver(OtlpDelivery delivery)
    {
        var spans = new Tracing.Spans.SpanProjector(Tracing.Spans.SpanSampling.Default);
        var metrics = new Tracing.Metrics.RunMetrics();
        metrics.Sample(new(TimeSpan.Zero, [.. new long[Model.Memory.VmStat.Count]], 0, default, 0, 0, []), isLast: true);
        delivery.Send(new RunIdentity("s", "v", 1, "k", "m", "0"), spans, metrics, DateTimeOffset.UnixEpoch);
    }

    private static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        name => Array.Find(variables, variable => variable.Name == name).Value;

    private async Task SendAsync(OtlpReceiver receiver, string protocol, params string[] run)
    {
        string endpoint = protocol == "grpc" ? receiver.Grpc : receiver.Http;
        _commands.Variable = Environment(("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint));
        await Task.Run(() => _commands.Succeed([.. run, "--otlp"]));
    }

    private static bool IsWithin(Span span, Span run) => span.StartTimeUnixNano >= run.StartTimeUnixNano
        && span.EndTimeUnixNano >= span.StartTimeUnixNano && span.EndTimeUnixNano <= run.EndTimeUnixNano;

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static string Text(IEnumerable<KeyValue> attributes, string key) => attributes.Single(entry => entry.Key == key).Value.StringValue;

    private static long Number(IEnumerable<KeyValue> attributes, string key) => attributes.Single(entry => entry.Key == key).Value.IntValue;

    private static long Value(Sum sum) => Assert.Single(sum.DataPoints).AsInt;
}
