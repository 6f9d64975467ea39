using MmActors.Experiments.Rendering;

namespace MmActors.Cli.Execution;

/// <summary>The last word after Ctrl-C.</summary>
internal static class Interruption
{
    /// <summary>130 and a note when something was cut short, 0 otherwise.</summary>
    public static int Code(Terminal terminal, ReportInput input)
    {
        if (!terminal.Cancel.IsCancellationRequested)
        {
            return ExitCode.Success;
        }

        terminal.Out.Flush();
        var missing = input.NotRun.IsEmpty ? "" : $"; not run: {string.Join(", ", input.NotRun)}";
        terminal.Error.Write($"interrupted: the result is partial{missing}\n");
        return ExitCode.Interrupted;
    }

    /// <summary>Nothing had begun.</summary>
    public static int Nothing(Terminal terminal)
    {
        terminal.Error.Write("interrupted: nothing had run yet\n");
        return ExitCode.Interrupted;
    }
}
