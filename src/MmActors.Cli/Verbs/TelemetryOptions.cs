using System.CommandLine;
using System.Globalization;
using Akka.Event;
using MmActors.Cli.Execution;
using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;
using MmActors.Tracing.Otlp;
using MmActors.Tracing.Spans;

namespace MmActors.Cli.Verbs;

/// <summary>The options that make a run visible to other tools; nothing is written or sent unless one of them is given.</summary>
internal sealed class TelemetryOptions
{
    private const int MostSpans = 10_000_000;

    /// <summary>In the order of Akka's levels.</summary>
    private static readonly string[] LogLevels = ["debug", "info", "warning", "error"];

    private readonly Option<string?> _series = new("--series")
    {
        Description = "Directory for virtual-time series of counters and gauges: VARIANT.csv and VARIANT.parquet.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _interval = new("--series-interval")
    {
        Description = "Simulated time between two rows of the series. Default: 1s, or what makes 200 rows.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _spans = new("--spans")
    {
        Description = "File for spans in simulated time, OTLP/JSON lines, all runs.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _otlp = new("--otlp")
    {
        Description = "Send spans and metrics by OTLP; without ENDPOINT where OTEL_EXPORTER_OTLP_* say, else to localhost.",
        HelpName = "ENDPOINT",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _logLevel = new("--log-level")
    {
        Description = "Log the runs: debug, info, warning or error. Default: no log; info with --log-file.",
        HelpName = "LEVEL",
    };

    private readonly Option<string?> _logFile = new("--log-file")
    {
        Description = "File to which log lines are appended as JSON, instead of standard error.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _every = new("--span-every")
    {
        Description = "Keep one of N khugepaged passes and reclaim cycles, each whole. Default: 1.",
        HelpName = "N",
    };

    private readonly Option<string?> _limit = new("--span-limit")
    {
        Description = "Spans of a run after which no pass, cycle or call is begun. Default: 100000.",
        HelpName = "N",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in new Option[] { _series, _interval, _spans, _otlp, _every, _limit, _logLevel, _logFile })
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>Checks what was given.</summary>
    /// <exception cref="UsageException">A value is not allowed, or a file can never be written.</exception>
    public TelemetryChoices Read(ParseResult parsed, Func<string, string?> variable)
    {
        var choices = new TelemetryChoices
        {
            SeriesDirectory = UserFile.Given(parsed, _series),
            SpansFile = UserFile.Given(parsed, _spans),
            Otlp = parsed.GetResult(_otlp) is null ? null : Otlp(parsed.GetValue(_otlp), variable),
            LogFile = UserFile.Given(parsed, _logFile),
            LogLevel = Level(parsed.GetValue(_logLevel), UserFile.Given(parsed, _logFile)),
            Sampling = new SpanSampling(
                Number("--span-every", parsed.GetValue(_every)) ?? SpanSampling.Default.Every,
                Number("--span-limit", parsed.GetValue(_limit)) ?? SpanSampling.Default.Limit),
            SeriesInterval = Time("--series-interval", parsed.GetValue(_interval)),
        };
        RequireTarget(parsed, choices);
        Telemetry.Check(choices);
        return choices;
    }

    /// <summary>An option that changes what nobody asked for is a mistake.</summary>
    private void RequireTarget(ParseResult parsed, TelemetryChoices choices)
    {
        if (choices.SeriesInterval is not null && choices.SeriesDirectory is null)
        {
            throw new UsageException("'--series-interval' needs '--series'");
        }

        foreach (var option in new[] { _every, _limit })
        {
            if (parsed.GetValue(option) is not null && !choices.WantsSpans)
            {
                throw new UsageException($"'{option.Name}' needs '--spans' or '--otlp'");
            }
        }
    }

    private static LogLevel? Level(string? given, string? file)
    {
        var word = given ?? (file is null ? null : "info");
        var index = Array.IndexOf(LogLevels, word);
        return word is null ? null
            : index >= 0 ? (LogLevel)index
            : throw UsageException.Unknown("log level", word, LogLevels);
    }

    private static OtlpDelivery Otlp(string? endpoint, Func<string, string?> variable)
    {
        try
        {
            return OtlpDelivery.For(endpoint, variable);
        }
        catch (FormatException fault)
        {
            throw new UsageException(fault.Message);
        }
    }

    private static int? Number(string option, string? given) => given is null ? null
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= MostSpans ? number
        : throw new UsageException($"'{option}' takes a whole number from 1 to {MostSpans}, not '{given}'");

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
