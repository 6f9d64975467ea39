using System.Collections.Immutable;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;
using MmActors.Tracing;

namespace MmActors.Cli.Execution;

/// <summary>The last word after Ctrl-C.</summary>
internal static class Interruption
{
    /// <summary>130 and a note when something was cut short, 0 otherwise.</summary>
    public static int Code(Terminal terminal, ReportInput input) => Code(terminal, input.NotRun);

    /// <summary>The same for a result that lacks these variants.</summary>
    public static int Code(Terminal terminal, ImmutableArray<string> notRun)
    {
        if (!terminal.Cancel.IsCancellationRequested)
        {
            return ExitCode.Success;
        }

        terminal.Out.Flush();
        var missing = notRun.IsEmpty ? "" : $"; not run: {string.Join(", ", notRun)}";
        terminal.Error.Write($"interrupted: the result is partial{missing}\n");
        return ExitCode.Interrupted;
    }

    /// <summary>What the files of a run say of its interruption; null when it reached its end.</summary>
    public static PartialMark? MarkOf(VariantResult result) =>
        result.Partial ? new PartialMark(TimeSpan.FromSeconds(result.SimulatedSeconds)) : null;

    /// <summary>Nothing had begun.</summary>
    public static int Nothing(Terminal terminal)
    {
        terminal.Error.Write("interrupted: nothing had run yet\n");
        return ExitCode.Interrupted;
    }
}
