using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Validation;

/// <summary>Replays recorded runs of real kernels in the simulator and says how far they agree. The recording gives the
/// times of operations and of khugepaged's wakes; everything else is computed (RN-12).</summary>
public static class RunValidator
{
    /// <summary>The machine preset whose speed is the recorded machine's.</summary>
    private const string Machine = "emulated";

    /// <summary>Directories of recorded runs at or directly below a path, by name.</summary>
    /// <exception cref="ScenarioException">There is none.</exception>
    public static IReadOnlyList<string> Find(string path)
    {
        if (IsRun(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new ScenarioException(path, null, "no such directory; a recorded run is a directory with scenario.json, scenario.txt, events.csv");
        }

        string[] runs = [.. Directory.GetDirectories(path).Where(IsRun).Order(StringComparer.Ordinal)];
        return runs.Length > 0
            ? runs : throw new ScenarioException(path, null, "no recorded run here or one level below (scenario.json, scenario.txt, events.csv)");
    }

    private static bool IsRun(string path) => RecordedFile.Exists(Path.Combine(path, RecordedRunReader.Marker))
        && RecordedFile.Exists(Path.Combine(path, "events.csv"));

    /// <summary>Replays and compares one run.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="catalog">Where presets are found.</param>
    /// <param name="cancel">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ScenarioException">A file is missing or wrong.</exception>
    public static ValidatedRun Validate(string directory, ScenarioCatalog catalog, CancellationToken cancel = default)
    {
        MachinePreset machine = PresetLoader.LoadMachine(Machine, catalog);
        return RunComparison.Of(directory, machine, catalog, cancel);
    }
}
