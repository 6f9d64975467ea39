namespace MmActors.Conformance.Tests;

/// <summary>A test over all recorded runs, which lie beside the checkout: it is shown as skipped where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GroundTruthFactAttribute : FactAttribute
{
    private const string Variable = "MMACTORS_GROUND_TRUTH";

    public GroundTruthFactAttribute()
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            Skip = $"the recorded runs are not beside the checkout; {Variable} says where they are";
        }
    }

    /// <summary>Where the runs are: the variable, or shared/ground-truth beside the checkout.</summary>
    public static string Directory => Environment.GetEnvironmentVariable(Variable) ?? Path.Combine(Root(), "..", "shared", "ground-truth");

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MmActors.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no MmActors.sln above the tests");
        }

        return folder;
    }
}
