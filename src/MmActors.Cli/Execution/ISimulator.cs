using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;

namespace MmActors.Cli.Execution;

/// <summary>What the verbs need from the rest of the program; tests put a fake here to make failures and
/// interruptions happen.</summary>
internal interface ISimulator
{
    /// <summary>Names of the shipped scenarios.</summary>
    IReadOnlyList<string> Scenarios { get; }

    /// <summary>Names of the shipped machine presets.</summary>
    IReadOnlyList<string> Machines { get; }

    /// <summary>Directory of the shipped configuration and schemas.</summary>
    string ConfigDirectory { get; }

    /// <summary>A shipped scenario by name or a file by path.</summary>
    Scenario Load(string nameOrPath);

    /// <summary>A shipped machine preset by name or a file by path.</summary>
    MachinePreset Machine(string nameOrPath);

    /// <summary>Runs one variant to its horizon or until cancelled.</summary>
    VariantResult Run(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancel);
}

/// <summary>The real thing: files next to the binary, the experiment runner.</summary>
internal sealed class ShippedSimulator : ISimulator
{
    private readonly ScenarioCatalog _catalog = ScenarioCatalog.Shipped;

    public IReadOnlyList<string> Scenarios => _catalog.Scenarios;

    public IReadOnlyList<string> Machines => _catalog.Machines;

    public string ConfigDirectory => _catalog.Directory;

    public Scenario Load(string nameOrPath) => ScenarioLoader.Load(nameOrPath, _catalog);

    public MachinePreset Machine(string nameOrPath) => PresetLoader.LoadMachine(nameOrPath, _catalog);

    public VariantResult Run(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancel) =>
        ExperimentRunner.Run(request, progress, cancel);
}
