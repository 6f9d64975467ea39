namespace MmActors.Report.Tests;

/// <summary>A test in a real browser: it is shown as skipped where none is installed, and nothing is ever downloaded.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    private const string Variable = "MMACTORS_CHROMIUM";

    public ChromiumFactAttribute()
    {
        if (Executable is null)
        {
            Skip = $"no Chromium is installed (package chromium); {Variable} says where one is";
        }
    }

    /// <summary>The browser: what the variable says, else where Debian puts it.</summary>
    public static string? Executable { get; } = (Environment.GetEnvironmentVariable(Variable) is { } named
        ? [named] : new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }).FirstOrDefault(File.Exists);
}
