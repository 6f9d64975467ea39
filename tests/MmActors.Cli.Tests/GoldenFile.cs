using System.Runtime.CompilerServices;

namespace MmActors.Cli.Tests;

/// <summary>Compares output with a checked-in text; a failing comparison says how to accept the change.</summary>
internal static class GoldenFile
{
    private const string AcceptVariable = "MMACTORS_ACCEPT";

    public static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        var directory = Path.Combine(Path.GetDirectoryName(caller)!, "Golden");
        var file = Path.Combine(directory, $"{name}.golden");
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(file, actual);
            return;
        }

        var expected = File.Exists(file) ? File.ReadAllText(file) : "";
        if (expected == actual)
        {
            return;
        }

        var (left, right) = (expected.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(left.Length, right.Length))
            .First(i => i >= left.Length || i >= right.Length || left[i] != right[i]);
        Assert.Fail(
            $"""
            Golden/{name}.golden differs from line {line + 1} on:
            - {(line < left.Length ? left[line] : "(end)")}
            + {(line < right.Length ? right[line] : "(end)")}
            If the change is wanted, accept it and review the difference with git diff:
            {AcceptVariable}=1 dotnet test tests/MmActors.Cli.Tests
            """);
    }
}
