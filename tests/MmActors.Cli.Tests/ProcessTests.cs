using System.Diagnostics;
using MmActors.Cli.Execution;

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

    /// <summary>It starts itself anew, compiled otherwise (Linux); whoever feeds, watches or stops it must not notice.</summary>
    [Fact]
    public async Task A_run_of_weeks_keeps_its_process_and_its_input_and_ends_with_ctrl_c()
    {
        ProcessStartInfo start = Command("soak", OperatingSystem.IsLinux() ? "/dev/stdin" : "hot-cold-hot", "--for", "3650d", "--tasks", "3", "--format", "csv");
        start.Environment.Remove(LongRunProcess.Mark);
        start.RedirectStandardInput = true;
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "config", "scenarios", "hot-cold-hot.yaml")));
        process.StandardInput.Close();
        string? first = await process.StandardError.ReadLineAsync();
        Assert.StartsWith("1d of 3650d simulated, ", first);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains("DOTNET_TieredCompilation=1", (await File.ReadAllTextAsync($"/proc/{process.Id}/environ")).Split('\0'));
        }

        using (Process interrupt = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await interrupt.WaitForExitAsync();
        }

        string error = await process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.Matches("(^|\n)stopped at [0-9dhms.]+ of 3650d\n$", error);
        Assert.Contains("\n# hash,", output);
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process.Id}-*"));
    }

    private static (int Code, string Output, string Error) Start(params string[] args)
    {
        using var process = Process.Start(Command(args))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private static ProcessStartInfo Command(params string[] args)
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
        return start;
    }
}
