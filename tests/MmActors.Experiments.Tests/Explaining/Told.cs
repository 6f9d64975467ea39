using MmActors.Experiments.Explaining;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Tests.Scenarios;

namespace MmActors.Experiments.Tests.Explaining;

/// <summary>A small scenario run once, with one range followed.</summary>
internal sealed class Told
{
    /// <summary>khugepaged looks every 100 ms and at everything.</summary>
    public const string Often =
        "knobs: {khugepaged/scan_sleep_millisecs: 100, khugepaged/pages_to_scan: 65536}\n";

    private Told(string hash, RangeHistory history)
    {
        Hash = hash;
        History = history;
        Narrative = Narrator.Tell(history);
    }

    public string Hash { get; }

    public RangeHistory History { get; }

    public Narrative Narrative { get; }

    /// <summary>Everything that is said, one sentence a line.</summary>
    public string Text => string.Join('\n', [
        Narrative.Headline, .. Narrative.Lines.Select(static line => line.Text), .. Narrative.Conclusions]);

    /// <summary>A scenario of one task t whose region r is 8 MiB, under top-level lines that end the file.</summary>
    public static Told Run(string range, string topLevel, params string[] steps) =>
        Run(range, $"duration: 1s\nmemory: 1G\n{topLevel}tasks:\n- name: t\n  program:\n" + string.Concat(steps.Select(static step => $"  - {step}\n")));

    public static Told Run(string range, string yaml)
    {
        Scenario scenario = Yaml.Load(yaml);
        Variant variant = scenario.Variants[0];
        var name = RangeName.Parse(range, variant);
        var collector = new HistoryCollector(name, variant);
        var request = new RunRequest(scenario, variant, scenario.Machine, 1, TlbModel.Reach) { Followers = [collector] };
        var result = ExperimentRunner.Run(request, null, CancellationToken.None);
        return new Told(result.Hash, collector.History());
    }

    public static string HashUnwatched(string yaml)
    {
        Scenario scenario = Yaml.Load(yaml);
        var request = new RunRequest(scenario, scenario.Variants[0], scenario.Machine, 1, TlbModel.Reach);
        return ExperimentRunner.Run(request, null, CancellationToken.None).Hash;
    }
}
