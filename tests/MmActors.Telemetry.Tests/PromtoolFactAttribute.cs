namespace MmActors.Telemetry.Tests;

/// <summary>A test that asks the real promtool (package prometheus): shown as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        if (Executable is null)
        {
            Skip = "no promtool is installed (package prometheus)";
        }
    }

    /// <summary>The program on the search path, or null.</summary>
    public static string? Executable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(static folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);
}
