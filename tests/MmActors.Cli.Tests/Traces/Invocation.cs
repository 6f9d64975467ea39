using System.Diagnostics;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Tests.Traces;

/// <summary>Runs the command, and awk, as a user would.</summary>
internal static class Invocation
{
    public static (int Code, string Output, string Error) Run(params string[] args) => Run(new ShippedSimulator(), args);

    public static (int Code, string Output, string Error) Run(ISimulator simulator, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal
        {
            Out = output,
            Error = error,
            Colour = false,
            ShowsProgress = false,
            Cancel = CancellationToken.None,
        };
        int code = MmActorsCommand.Run(args, terminal, simulator);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>What docs/khugepaged-scans.awk says of a trace.</summary>
    public static string Awk(string trace)
    {
        var start = new ProcessStartInfo("awk") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-f");
        start.ArgumentList.Add(Path.Combine(Root(), "docs", "khugepaged-scans.awk"));
        start.ArgumentList.Add(trace);
        using Process awk = Process.Start(start) ?? throw new InvalidOperationException("awk did not start");
        string output = awk.StandardOutput.ReadToEnd();
        Assert.Equal("", awk.StandardError.ReadToEnd());
        awk.WaitForExit();
        Assert.Equal(0, awk.ExitCode);
        return output;
    }

    public static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MmActors.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no MmActors.sln above the tests");
        }

        return folder;
    }
}
