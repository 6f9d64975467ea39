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
    public static void WriteScenario(string path, ReplayCase smallest)
    {
        ArgumentNullException.ThrowIfNull(smallest);
        WholeFile.Write(path, smallest.ScenarioText);
    }
}
