using System.Diagnostics;

namespace MmActors.Cli.Tests;

/// <summary>The built program as a user starts it.</summary>
public class ProcessTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "mmactors.dll");

    [Fact]
    public void Version_goes_to_standard_output()
    {
        var (code, output, error) = Start("version");
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("mmactors ", output);
    }

    [Fact]
    public void A_wrong_word_goes_to_standard_error()
    {
        var (code, output, error) = Start("bogus");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("error: unknown command 'bogus'", error);
    }

    [Fact]
    public void Redirected_output_has_no_escape_sequence()
    {
        var (code, output, _) = Start("list");
        Assert.Equal(0, code);
        Assert.Contains("hot-cold-hot", output);
        Assert.DoesNotContain('\e', output);
    }

    private static (int Code, string Output, string Error) Start(params string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal)
            ? Environment.ProcessPath : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Program);
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        start.Environment["TERM"] = "xterm";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
