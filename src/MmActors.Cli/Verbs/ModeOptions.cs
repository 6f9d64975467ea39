using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Config;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;

namespace MmActors.Cli.Verbs;

/// <summary>How the actors of a run take turns: one after the other, or at the same time on real threads.</summary>
internal sealed class ModeOptions
{
    private const double SlowestPace = 0.001;
    private const double FastestPace = 1e6;
    private const int AuditsByDefault = 20;
    private static readonly string[] Modes = ["deterministic", "concurrent"];

    private readonly Option<string?> _mode = new("--mode")
    {
        Description = "deterministic (one actor at a time, repeatable) or concurrent (real threads, audited, not repeatable). "
            + "Default: deterministic.",
        HelpName = "deterministic|concurrent",
    };

    private readonly Option<string?> _pace = new("--pace")
    {
        Description = "Concurrent mode: simulated time against the wall clock, such as 1x or 10x; max for as fast as the machine. "
            + "Default: max.",
        HelpName = "FACTORx|max",
    };

    private readonly Option<string?> _auditEvery = new("--audit-every")
    {
        Description = "Concurrent mode: simulated time between two full audits. Default: a twentieth of the duration.",
        HelpName = "TIME",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in new Option[] { _mode, _pace, _auditEvery })
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>The choices with what was given here.</summary>
    /// <exception cref="UsageException">Something given cannot be.</exception>
    public RunChoices Read(ParseResult parsed, RunChoices choices)
    {
        var mode = parsed.GetValue(_mode) ?? Modes[0];
        if (!Modes.Contains(mode, StringComparer.Ordinal))
        {
            throw UsageException.Unknown("mode", mode, Modes);
        }

        var pace = parsed.GetValue(_pace);
        var auditEvery = parsed.GetValue(_auditEvery);
        if (mode == Modes[0])
        {
            return pace is null && auditEvery is null ? choices
                : throw new UsageException($"'{(pace is null ? "--audit-every" : "--pace")}' takes effect only with --mode concurrent");
        }

        if (choices.ReportFile is not null)
        {
            throw new UsageException("'--report' makes a page that the same command makes again, which no concurrent run can: leave out --mode concurrent");
        }

        return choices with
        {
            Concurrent = new ConcurrentChoice(Pace(pace), auditEvery is null ? choices.Scenario.Duration / AuditsByDefault : Interval(auditEvery)),
            PaceArgument = pace,
        };
    }

    private static double? Pace(string? given)
    {
        if (given is null or "max")
        {
            return null;
        }

        return given.EndsWith('x')
            && double.TryParse(given.AsSpan(0, given.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
            && factor is >= SlowestPace and <= FastestPace
            ? factor
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture,
                $"'--pace' takes {SlowestPace}x to {FastestPace:0}x, such as 1x or 10x, or max, not '{given}'"));
    }

    private static TimeSpan Interval(string given)
    {
        try
        {
            var interval = Quantity.ParseTime("--audit-every", given);
            return interval > TimeSpan.Zero ? interval : throw new UsageException($"'--audit-every' takes a time above 0, not '{given}'");
        }
        catch (ScenarioException fault)
        {
            throw new UsageException(fault.Message);
        }
    }
}
