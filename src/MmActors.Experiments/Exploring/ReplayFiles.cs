using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Exploring;

/// <summary>Files around a replay: where a scenario's text is, and a scenario written for people.</summary>
public static class ReplayFiles
{
    /// <summary>The file of a shipped scenario, or the path itself.</summary>
    public static string ScenarioPath(string nameOrPath, ScenarioCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return ConfigLocation.Shipped(catalog.ScenarioFolder, nameOrPath) ?? nameOrPath;
    }

    /// <summary>Writes the scenario of a case, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="smallest">The case.</param>
    /// <param name="replayFile">Name of the file with its schedule.</param>
    public static void WriteScenario(string path, ShrunkCase smallest, string replayFile)
    {
        ArgumentNullException.ThrowIfNull(smallest);
        string message = smallest.Violation.Message.Split('\n')[0].TrimEnd('\r');
        WholeFile.Write(path, $"# {smallest.Violation.Kind}: {message}\n# It takes the order of messages in {replayFile}.\n{smallest.Case.ScenarioText}");
    }

    /// <summary>Lines of a scenario, without comments and empty ones.</summary>
    public static int LinesOf(ReplayCase replay)
    {
        ArgumentNullException.ThrowIfNull(replay);
        return replay.ScenarioText.Split('\n').Count(static line => line.AsSpan().Trim() is [not '#', ..]);
    }
}
