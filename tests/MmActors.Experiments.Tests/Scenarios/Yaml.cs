using MmActors.Experiments.Scenarios;
using MmActors.Model.Programs;

namespace MmActors.Experiments.Tests.Scenarios;

/// <summary>Small scenarios as text. The fixed lines around what a test writes are counted, so that expected line
/// numbers can be read off.</summary>
internal static class Yaml
{
    public const string File = "test.yaml";

    /// <summary>Line of the first step in <see cref="WithSteps"/>.</summary>
    public const int FirstStep = 5;

    /// <summary>Where the only task of <see cref="WithSteps"/> begins.</summary>
    public const int TaskLine = 3;

    public static Scenario Load(string text) => ScenarioLoader.Parse(text, File, ScenarioCatalog.Shipped);

    public static ScenarioException Refused(string text) => Assert.Throws<ScenarioException>(() => Load(text));

    /// <summary>A scenario of one task; the steps, one per line, begin on line 5.</summary>
    public static string WithSteps(params string[] steps) =>
        "duration: 10s\ntasks:\n- name: t\n  program:\n" + string.Concat(steps.Select(s => $"  {s}\n"));

    /// <summary>The scenario of one task with one step, more lines at top level from line 6.</summary>
    public static string WithLines(params string[] lines) =>
        WithSteps("- sleep: 1s") + string.Concat(lines.Select(s => s + "\n"));

    /// <summary>The program of the only task.</summary>
    public static IReadOnlyList<Step> Steps(params string[] steps) => Load(WithSteps(steps)).Tasks[0].Program;
}
