using System.Text.Json;
using System.Text.RegularExpressions;
using MmActors.Cli.Tests.Traces;
using MmActors.Experiments.Html;
using MmActors.Experiments.Rendering;
using MmActors.Model.Memory;
using NJsonSchema;

namespace MmActors.Cli.Tests;

/// <summary>Pages and seeds with results the test makes up: what the real ones never show.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmactors-report").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_a_scenario_says_of_itself_is_text_on_the_page()
    {
        var input = Samples.Input();
        var named = input with { Scenario = input.Scenario with { Description = "<script>alert(\"x\")</script> & more" } };
        var page = new StringWriter();
        ReportPage.Write(page, new ReportPageInput(named, IsSingle: false, [], "mmactors compare 'a<b>.yaml' --report report.html", []));
        Assert.DoesNotContain("<script", page.ToString());
        Assert.Contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; more", page.ToString());
        Assert.Contains("<pre>mmactors compare 'a&lt;b&gt;.yaml' --report report.html</pre>", page.ToString());
    }

    [Fact]
    public void A_page_of_which_nothing_was_recorded_has_no_empty_section()
    {
        var page = new StringWriter();
        ReportPage.Write(page, new ReportPageInput(Samples.Input(), IsSingle: false, [], "mmactors", []));
        Assert.Contains("<h1>hot2 starved in baseline because ", page.ToString());
        Assert.DoesNotContain("<svg", page.ToString());
        Assert.DoesNotContain("id=\"map\"", page.ToString());
        Assert.Contains("id=\"comparison\"", page.ToString());
    }

    [Fact]
    public void A_run_that_fails_leaves_the_page_that_was_there()
    {
        var file = Path.Combine(_folder, "page.html");
        File.WriteAllText(file, "before");
        var (code, _, error) = Run(new FakeSimulator { RunFault = _ => new InvariantException("broken") }, "--report", file);
        Assert.Equal(ExitCode.Internal, code);
        Assert.Contains("broken", error);
        Assert.Equal("before", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }

    [Fact]
    public void An_interrupted_comparison_has_a_page_that_says_so()
    {
        using var cancel = new CancellationTokenSource();
        var file = Path.Combine(_folder, "page.html");
        var terminal = new Terminal { Out = new StringWriter(), Error = new StringWriter(), Cancel = cancel.Token };
        var simulator = new FakeSimulator { OnRun = _ => cancel.Cancel() };
        Assert.Equal(ExitCode.Interrupted, MmActorsCommand.Run(["compare", "hot-cold-hot", "--seeds", "3", "--report", file], terminal, simulator));
        Assert.Contains("<p class=\"note\">PARTIAL RESULT: interrupted before the horizon of 150 s", File.ReadAllText(file));
    }

    [Fact]
    public void The_page_comes_besides_the_result()
    {
        var file = Path.Combine(_folder, "page.html");
        var (code, output, error) = Run(new FakeSimulator(), "compare", "hot-cold-hot", "--seed", "4", "--report", file);
        Assert.Equal((ExitCode.Success, ""), (code, error));
        Assert.StartsWith("mmactors ", output);
        Assert.StartsWith("<!DOCTYPE html>\n", File.ReadAllText(file));
        Assert.Contains("<pre>mmactors compare hot-cold-hot --seed 4 --report report.html</pre>", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }

    [Fact] // every seed once with every chosen variant
    public void Seeds_run_the_chosen_variants_again_and_are_in_every_format()
    {
        var simulator = new FakeSimulator();
        var (_, table, _) = Run(simulator, "compare", "hot-cold-hot", "--seed", "5", "--seeds", "3", "--machine", "native", "-v", "baseline", "-v", "both");
        Assert.Equal(
            ["5 baseline", "5 both", "6 baseline", "6 both", "7 baseline", "7 both"],
            simulator.Requests.Select(static request => $"{request.Seed} {request.Variant.Name}").Order());
        Assert.Contains("Comparison over 3 seeds\n", table);
        var (_, csv, _) = Run(new FakeSimulator(), "run", "hot-cold-hot", "--seeds", "2", "-v", "both", "-f", "csv");
        Assert.Equal(["1", "2"], csv.Split("\r\n")[1..^1].Select(static line => line.Split(',')[1]).Distinct());
    }

    [Fact]
    public async Task Seeds_in_json_obey_the_published_schema()
    {
        var (_, json, _) = Run(new FakeSimulator(), "compare", "hot-cold-hot", "--seeds", "3", "--format", "json");
        var schema = await JsonSchema.FromFileAsync(Path.Combine(AppContext.BaseDirectory, "config", "result.schema.json"));
        Assert.Empty(schema.Validate(json));
        var seeds = JsonDocument.Parse(json).RootElement.GetProperty("more_seeds").EnumerateArray();
        Assert.Equal([2, 3], seeds.Select(static seed => seed.GetProperty("seed").GetInt32()));
    }

    [Fact] // Samples are the same for every seed but for hot2's huge ranges here: 60, 62, 64 against 0
    public void A_change_is_starred_where_intervals_separate_and_bracketed_where_they_do_not()
    {
        var table = Table(60, 62, 64);
        Assert.Contains("hot1 huge ranges at the end 64 ( 0.00%) 64 ( 0.00%)\n", table);
        Assert.Contains("khugepaged pages_collapsed 64 ( 0.00%) 126 * 96.88%*\n", table);
        Assert.Contains("hot2 huge ranges at the end 0 ( 0.00%) 62 -\n", table);
        Assert.Contains("khugepaged pages_collapsed 64 ( 0.00%) 86 ( 33.85%)\n", Table(0, 1, 64));
    }

    [Fact] // Ctrl-C in the second seed: of three seeds two ran for baseline and one for both
    public void A_mean_that_was_interrupted_says_over_how_many_runs_it_is()
    {
        var input = Seeds(60, 62, 64);
        Assert.StartsWith("Mean over 3 seeds (1 to 3); ", SeedSection.Guide(input));
        var cut = input with
        {
            MoreSeeds = [input.MoreSeeds[0] with { Variants = input.MoreSeeds[0].Variants[..1] }, input.MoreSeeds[1] with { Variants = [] }],
        };
        Assert.StartsWith("Of 3 seeds (1 to 3) mean over those that ran: 2 for baseline and 1 for both; ", SeedSection.Guide(cut));
        Assert.Contains("(3 runs with further seeds did not end)", Samples.Flat(new Report([.. RunsSection.Opening(cut, "compare")])));
    }

    [Fact] // the last task exits at 2.55 ms; KH-2: the thread is stopped by 'never'
    public void A_map_of_milliseconds_says_so_and_a_machine_without_khugepaged_too()
    {
        string map = Invocation.Run("run", "explore-seed", "--variant", "both", "--ascii").Output;
        Assert.Contains("both: 2.6 ms, a column is 0.05 ms\n", map);
        string file = Path.Combine(_folder, "off.yaml");
        File.WriteAllText(file, """
            name: off
            description: No huge pages.
            duration: 1s
            memory: 1G
            kernel: v6.12
            machine: native
            knobs: {enabled: never}
            tasks:
              - name: a
                program:
                  - map: {region: b, size: 8M, populate: true}
                  - sleep: 500ms
            variants:
              - name: only
            """);
        Assert.StartsWith("khugepaged did not run.\n", Invocation.Run("run", file, "--variant", "only", "--ascii").Output);
    }

    private static string Table(params int[] hot2) =>
        Regex.Replace(Samples.Text(new Report([SeedSection.Table(Seeds(hot2))])), " +", " ");

    /// <summary>baseline and both over three seeds; both ends with these huge ranges of hot2.</summary>
    private static ReportInput Seeds(params int[] hot2)
    {
        var inputs = hot2.Select(static huge => Samples.Input(Samples.Variant("baseline"), Samples.Variant("both", hot2: _ => huge))).ToArray();
        return inputs[0] with { MoreSeeds = [.. inputs.Skip(1).Select(static (input, i) => input.Result with { Seed = 2 + (ulong)i })] };
    }

    private static (int Code, string Output, string Error) Run(FakeSimulator simulator, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = MmActorsCommand.Run(args, new Terminal { Out = output, Error = error }, simulator);
        return (code, output.ToString(), error.ToString());
    }
}
