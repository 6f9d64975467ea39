using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;

namespace MmActors.Cli.Verbs;

/// <summary>The options that make a run visible to other tools; nothing is written or sent unless one of them is given.</summary>
internal sealed class TelemetryOptions
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    private readonly Option<string?> _series = new("--series")
    {
        Description = "Directory for virtual-time series of counters and gauges: VARIANT.csv and VARIANT.parquet.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _interval = new("--series-interval")
    {
        Description = "Simulated time between two rows of the series. Default: 1s.",
        HelpName = "TIME",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in new Option[] { _series, _interval })
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>Checks what was given.</summary>
    /// <exception cref="UsageException">A value is not allowed, or a file can never be written.</exception>
    public TelemetryChoices Read(ParseResult parsed)
    {
        var choices = new TelemetryChoices
        {
            SeriesDirectory = parsed.GetValue(_series),
            SeriesInterval = Time("--series-interval", parsed.GetValue(_interval)) ?? DefaultInterval,
        };
        Telemetry.Check(choices);
        return choices;
    }

    private static TimeSpan? Time(string option, string? given)
    {
        if (given is null)
        {
            return null;
        }

        try
        {
            var time = Quantity.ParseTime(option, given);
            return time > TimeSpan.Zero ? time : throw new UsageException($"'{option}' takes more than 0s, not '{given}'");
        }
        catch (ScenarioException fault)
        {
            throw new UsageException(fault.Message);
        }
    }
}
