using System.Text.Json;
using MmActors.Cli.Execution;
using MmActors.Model.Memory;
using NJsonSchema;

namespace MmActors.Cli.Tests;

/// <summary>--mode concurrent through the command: what it says of itself, what it hands on, and how it ends.</summary>
public class ConcurrentCommandTests
{
    [Fact]
    public async Task A_concurrent_run_says_so_has_no_hash_and_fits_the_schema()
    {
        string json = Shipped("run", "explore-races", "--mode", "concurrent", "--audit-every", "5ms", "--format", "json").Output;
        var schema = await JsonSchema.FromFileAsync(Path.Combine(AppContext.BaseDirectory, "config", "result.schema.json"));
        Assert.Empty(schema.Validate(json));
        using var document = JsonDocument.Parse(json);
        JsonElement variant = document.RootElement.GetProperty("variants")[0];
        Assert.Equal(JsonValueKind.Null, variant.GetProperty("hash").ValueKind);
        Assert.Equal("concurrent", variant.GetProperty("mode").GetString());
        Assert.Equal(9, variant.GetProperty("audits").GetInt32()); // 8 within 40 ms and the last
    }

    [Fact]
    public void The_text_names_the_mode_and_the_audits_and_csv_the_mode()
    {
        string text = Shipped("run", "explore-races", "--mode", "concurrent").Output;
        Assert.Contains("machine preset native, mode concurrent)", text, StringComparison.Ordinal);
        Assert.Contains("21 full audits while nobody was at work found", text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        string csv = Shipped("run", "explore-races", "--mode", "concurrent", "--format", "csv").Output;
        Assert.Contains(",run,,hash,,–", csv, StringComparison.Ordinal);
        Assert.Contains(",run,,mode,,concurrent", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deterministic_run_does_not_mention_modes()
    {
        Assert.DoesNotContain("concurrent", Shipped("run", "explore-races", "--format", "json").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mode", Shipped("run", "explore-races", "--format", "csv").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Pace_and_audits_reach_the_run()
    {
        var simulator = new FakeSimulator();
        Run(simulator, CancellationToken.None, "run", "hot-cold-hot", "--variant", "both", "--mode", "concurrent", "--pace", "2.5x", "--audit-every", "3s");
        var concurrent = Assert.Single(simulator.Requests).Concurrent;
        Assert.NotNull(concurrent);
        Assert.Equal(2.5, concurrent.Pace);
        Assert.Equal(TimeSpan.FromSeconds(3), concurrent.AuditInterval);
    }

    [Fact]
    public void A_broken_invariant_ends_with_exit_code_3_and_does_not_promise_a_replay()
    {
        var simulator = new FakeSimulator { RunFault = static _ => new InvariantException("pages lost") };
        var (code, _, error) = Run(simulator, CancellationToken.None, "run", "hot-cold-hot", "--variant", "both", "--mode", "concurrent", "--pace", "10x");
        Assert.Equal(ExitCode.Internal, code);
        Assert.Contains("(invariant broken): pages lost\n", error, StringComparison.Ordinal);
        Assert.Contains("\nnot repeatable; to try again: mmactors run hot-cold-hot", error, StringComparison.Ordinal);
        Assert.EndsWith(" --mode concurrent --pace 10x\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupted_paced_run_leaves_a_partial_result()
    {
        using var cancel = new CancellationTokenSource();
        var (code, output, error) = Run(
            new StoppingSimulator(TimeSpan.Zero, cancel), cancel.Token, "run", "mixed-load", "--variant", "both", "--mode", "concurrent", "--pace", "1x", "--format", "json");
        Assert.Equal(ExitCode.Interrupted, code);
        Assert.Equal("interrupted: the result is partial\n", error);
        using var document = JsonDocument.Parse(output);
        JsonElement variant = document.RootElement.GetProperty("variants")[0];
        Assert.True(variant.GetProperty("partial").GetBoolean());
        Assert.InRange(variant.GetProperty("simulated_s").GetDouble(), 0.01, 0.34); // the first hundredth of 34 s
    }

    private static (int Code, string Output, string Error) Shipped(params string[] args)
    {
        var result = Run(new ShippedSimulator(), CancellationToken.None, args);
        Assert.Equal((ExitCode.Success, ""), (result.Code, result.Error));
        return result;
    }

    private static (int Code, string Output, string Error) Run(ISimulator simulator, CancellationToken cancel, params string[] args)
    {
        var terminal = new Terminal { Out = new StringWriter(), Error = new StringWriter(), Cancel = cancel };
        var code = MmActorsCommand.Run(args, terminal, simulator);
        return (code, terminal.Out.ToString()!, terminal.Error.ToString()!);
    }
}
