using MmActors.Experiments.Config;

namespace MmActors.Experiments.Scenarios;

/// <summary>The configuration files that ship with the program: <c>scenarios/</c>, <c>kernels/</c> and
/// <c>machines/</c> below one directory.</summary>
public sealed class ScenarioCatalog
{
    /// <summary>A catalog over a directory that holds the three folders.</summary>
    public ScenarioCatalog(string directory) => Directory = directory;

    /// <summary>Whether a word names a file rather than something shipped: it has a separator or a YAML extension.</summary>
    public static bool LooksLikePath(string nameOrPath) => ConfigLocation.IsPath(nameOrPath);

    /// <summary>The files installed next to the running binary.</summary>
    public static ScenarioCatalog Shipped { get; } = new(Path.Combine(AppContext.BaseDirectory, "config"));

    /// <summary>The directory of the three folders.</summary>
    public string Directory { get; }

    /// <summary>The published JSON schema of scenario files.</summary>
    public string SchemaFile => Path.Combine(Directory, "scenario.schema.json");

    /// <summary>Names of the scenarios, in alphabetical order.</summary>
    public IReadOnlyList<string> Scenarios => ConfigLocation.Names(ScenarioFolder);

    /// <summary>Names of the kernel presets, in alphabetical order.</summary>
    public IReadOnlyList<string> Kernels => ConfigLocation.Names(KernelFolder);

    /// <summary>Names of the machine presets, in alphabetical order.</summary>
    public IReadOnlyList<string> Machines => ConfigLocation.Names(MachineFolder);

    internal string ScenarioFolder => Path.Combine(Directory, "scenarios");

    internal string KernelFolder => Path.Combine(Directory, "kernels");

    internal string MachineFolder => Path.Combine(Directory, "machines");
}
