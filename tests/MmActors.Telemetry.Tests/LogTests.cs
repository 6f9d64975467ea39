using System.Text.Json;
using Akka.Event;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Runtime;
using MmActors.Telemetry.Tests.Protocol;
using MmActors.Telemetry.Tests.Receiver;

namespace MmActors.Telemetry.Tests;

public sealed class LogTests : IDisposable
{
    private readonly Commands _commands = new();

    public void Dispose() => _commands.Dispose();

    [Fact]
    public void Lines_carry_the_run_the_actor_and_the_simulated_time()
    {
        // README: 17 passes in 165 s, 64 ranges of hot1 and of hot2 collapsed.
        List<JsonElement> lines = Log("run", "hot-cold-hot", "--variant", "both", "--log-level", "debug");
        Assert.All(lines, static line => Assert.Equal(
            ("hot-cold-hot", "both", 1ul, "native"),
            (Text(line, "Scenario"), Text(line, "Variant"), line.GetProperty("Seed").GetUInt64(), Text(line, "Machine"))));
        Assert.Equal(17, lines.Count(static line => Text(line, "@mt") == "pass ends: {Progress} of {Budget} pages"));
        List<JsonElement> collapses = [.. lines.Where(static line => Text(line, "@mt").StartsWith("collapse of", StringComparison.Ordinal))];
        Assert.Equal(128, collapses.Count);
        Assert.All(collapses, static line => Assert.Equal(("khugepaged", "succeeded"), (Text(line, "ActorPath"), Text(line, "Status"))));
        JsonElement third = lines.Single(static line => Text(line, "@mt") == "task {Task} starts, mm {Mm}" && Text(line, "Task") == "hot2");
        Assert.Equal(("2.000000", "simulation", 3), (Text(third, "Simulated"), Text(third, "ActorPath"), third.GetProperty("Mm").GetInt32()));
        double[] times = [.. lines.Select(static line => double.Parse(Text(line, "Simulated"), System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public void A_kill_is_a_warning_and_the_level_hides_what_is_below()
    {
        // README: one OOM kill in this variant.
        List<JsonElement> lines = Log("run", "lazyfree-blocks-reclaim", "--variant", "read1-baseline-noswap", "--log-level", "warning");
        Assert.All(lines, static line => Assert.Equal("Warning", Text(line, "@l")));
        Assert.Single(lines, static line => Text(line, "@mt") == "out of memory in group {Group}: task {Task} is killed");
    }

    [Fact]
    public void A_logged_run_is_the_same_run()
    {
        Scenario scenario = ScenarioLoader.Load("mixed-load", ScenarioCatalog.Shipped);
        var request = new RunRequest(scenario with { Duration = TimeSpan.FromSeconds(10) }, scenario.Variants[0], scenario.Machine, 1, TlbModel.Reach);
        int lines = 0;
        VariantResult silent = ExperimentRunner.Run(request, null, CancellationToken.None);
        VariantResult logged = ExperimentRunner.Run(
            request with { Log = new SimLog(LogLevel.DebugLevel, (_, _) => lines++) }, null, CancellationToken.None);
        Assert.True(lines > 50, $"{lines} lines");

        // Not one message more: a logger that is an actor would be scheduled like any other.
        Assert.Equal((silent.Hash, silent.Steps), (logged.Hash, logged.Steps));
    }

    [Fact]
    public void Without_a_file_lines_go_to_standard_error()
    {
        Assert.Equal(0, _commands.Run("run", "mixed-load", "--variant", "both", "--until", "1s", "--log-level", "info"));
        Assert.Matches("^[0-9:.]{12} INF 0\\.000000 s mixed-load/both simulation: task hot starts, mm 1\n", _commands.Error);
        Assert.DoesNotContain("INF", _commands.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Lines_reach_a_receiver_under_the_trace_of_their_run(string protocol)
    {
        await using OtlpReceiver receiver = await OtlpReceiver.StartAsync();
        _commands.Variable = name => name == "OTEL_EXPORTER_OTLP_PROTOCOL" ? protocol : null;
        await Task.Run(() => Log(
            "run", "hot-cold-hot", "--variant", "both", "--log-level", "info", "--otlp", protocol == "grpc" ? receiver.Grpc : receiver.Http));
        List<LogRecord> records = [.. receiver.Received.Logs.SelectMany(static request => request.ResourceLogs)
            .SelectMany(static resource => resource.ScopeLogs).SelectMany(static scope => scope.LogRecords)];
        Assert.Contains(records, static record => record.Body.StringValue == "task hot2 starts, mm 3");
        Tracing.Otlp.Protocol.Span run = receiver.Received.Spans.Single(static span => span.ParentSpanId.IsEmpty);
        Assert.All(records, record => Assert.Equal((run.TraceId, run.SpanId), (record.TraceId, record.SpanId)));
        Assert.Equal(
            ["service.name", "service.version"],
            receiver.Received.Logs.First().ResourceLogs[0].Resource.Attributes.Select(static entry => entry.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_written_names_the_host_the_user_or_a_folder_of_theirs()
    {
        Log("compare", "hot-cold-hot", "--until", "20s", "--log-level", "debug", "--spans", _commands.PathOf("spans"), "--series", _commands.PathOf("s"));
        string[] secrets = [Environment.MachineName, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), _commands.Folder, Environment.CurrentDirectory];
        string[] written = Directory.GetFiles(_commands.Folder, "*", SearchOption.AllDirectories);
        Assert.Equal(10, written.Length);
        foreach (string file in written)
        {
            string text = File.ReadAllText(file, System.Text.Encoding.Latin1);
            Assert.All(secrets.Where(static secret => secret.Length > 3), secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_unknown_level_is_one_line()
    {
        Assert.Equal(2, _commands.Run("run", "hot-cold-hot", "--variant", "both", "--log-level", "inf"));
        Assert.Equal("error: unknown log level 'inf'; did you mean 'info'? allowed: debug, info, warning, error\n", _commands.Error);
    }

    private List<JsonElement> Log(params string[] command)
    {
        _commands.Succeed([.. command, "--log-file", _commands.PathOf("log")]);
        return [.. File.ReadLines(_commands.PathOf("log")).Select(static line => JsonDocument.Parse(line).RootElement)];
    }

    private static string Text(JsonElement line, string property) => line.GetProperty(property).GetString()!;
}
