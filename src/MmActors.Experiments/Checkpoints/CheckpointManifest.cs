using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;

namespace MmActors.Experiments.Checkpoints;

/// <summary>What a checkpoint says about itself: whose it is, what it takes to go on with it, and how to tell that nothing of it is
/// missing or changed.</summary>
/// <param name="Number">1 for the first of a run.</param>
/// <param name="TimeTicks">Simulated time.</param>
/// <param name="Rows">Summaries that were complete.</param>
public sealed record CheckpointManifest(int Number, long TimeTicks, long Rows)
{
    /// <summary>Format of what is stored; raised when it changes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The format of this one.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Events until then.</summary>
    public required long Events { get; init; }

    /// <summary>Hash of the events until then.</summary>
    public required string EventHash { get; init; }

    /// <summary>Modules whose types the state is made of: only the same build can read it.</summary>
    public required ImmutableArray<ModuleVersion> Modules { get; init; }

    /// <summary>Objects in the state.</summary>
    public required int Objects { get; init; }

    /// <summary>Length of the state in bytes.</summary>
    public long Length { get; init; }

    /// <summary>Bytes that the compressed pieces take in the database.</summary>
    public long StoredLength { get; init; }

    /// <summary>XxHash128 of the state.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Pieces it is stored in.</summary>
    public int Chunks { get; init; }

    /// <summary>Measured: how long the simulation stood still for it, in milliseconds.</summary>
    public double MeasuredPauseMs { get; init; }

    /// <summary>Measured: how long it took until it was written, in milliseconds.</summary>
    public double MeasuredWriteMs { get; init; }

    /// <summary>Simulated time.</summary>
    [JsonIgnore]
    public TimeSpan Time => TimeSpan.FromTicks(TimeTicks);
}

/// <summary>One build of one module.</summary>
/// <param name="Name">Name of its assembly.</param>
/// <param name="Version">Identity that the compiler gave it.</param>
public sealed record ModuleVersion(string Name, Guid Version)
{
    private const string OwnPrefix = "MmActors.";

    /// <summary>The modules of these types and of the whole product, in order of their names.</summary>
    public static ImmutableArray<ModuleVersion> Of(IEnumerable<Type> types)
    {
        var modules = new SortedDictionary<string, Guid>(StringComparer.Ordinal);
        var left = new Stack<Type>(types);
        while (left.TryPop(out Type? type))
        {
            modules[type.Module.Name] = type.Module.ModuleVersionId;
            foreach (Type part in type.IsArray ? [type.GetElementType()!] : type.GetGenericArguments())
            {
                left.Push(part);
            }
        }

        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (assembly.GetName().Name is { } name && name.StartsWith(OwnPrefix, StringComparison.Ordinal)
                && !name.EndsWith(".Tests", StringComparison.Ordinal))
            {
                modules[assembly.ManifestModule.Name] = assembly.ManifestModule.ModuleVersionId;
            }
        }

        return [.. modules.Select(static module => new ModuleVersion(module.Key, module.Value))];
    }

    /// <summary>Whether this very build runs here.</summary>
    public bool IsHere()
    {
        try
        {
            return Assembly.Load(Path.GetFileNameWithoutExtension(Name)).ManifestModule.ModuleVersionId == Version;
        }
        catch (Exception fault) when (fault is IOException or BadImageFormatException)
        {
            return false;
        }
    }
}
