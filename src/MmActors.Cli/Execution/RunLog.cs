using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Akka.Event;
using MmActors.Runtime;
using MmActors.Tracing;
using MmActors.Tracing.Otlp;
using OpenTelemetry.Exporter;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;
using Serilog.Parsing;
using Serilog.Sinks.OpenTelemetry;
using AkkaEvent = Akka.Event.LogEvent;
using LogEvent = Serilog.Events.LogEvent;

namespace MmActors.Cli.Execution;

/// <summary>Writes what the actors log: to standard error, or to a file as one JSON object a line, and to an OTLP receiver where
/// one is named. Every line carries its run and variant, the actor, and the simulated time; its own stamp is real time.</summary>
internal sealed class RunLog : IDisposable
{
    /// <summary>Property names; those of an Akka event are what Akka.Logger.Serilog calls them.</summary>
    private const string Template =
        "{Timestamp:HH:mm:ss.fff} {Level:u3} {Simulated} s {Scenario}/{Variant} {ActorPath}: {Message:lj}{NewLine}";

    private readonly Logger _logger;
    private readonly LogLevel _level;

    /// <summary>Opens what is written to.</summary>
    public RunLog(TelemetryChoices choices, TextWriter error)
    {
        _level = choices.LogLevel!.Value;
        var configuration = new LoggerConfiguration().MinimumLevel.Is(LevelOf(_level));
        if (choices.LogFile is { } file)
        {
            configuration.WriteTo.File(new CompactJsonFormatter(), file);
        }
        else
        {
            configuration.WriteTo.Sink(new TextSink(error));
        }

        if (choices.Otlp?.Logs is { } target)
        {
            configuration.WriteTo.OpenTelemetry(options => Configure(options, target), static _ => null);
        }

        _logger = configuration.CreateLogger();
    }

    /// <summary>The log of one run.</summary>
    public SimLog For(RunIdentity run)
    {
        var trace = run.TraceId();
        var traceId = ActivityTraceId.CreateFromBytes(trace);
        var spanId = ActivitySpanId.CreateFromBytes(RunIdentity.SpanId(trace, 1));
        LogEventProperty[] common =
        [
            new("Scenario", new ScalarValue(run.Scenario)), new("Variant", new ScalarValue(run.Variant)),
            new("Seed", new ScalarValue(run.Seed)), new("Machine", new ScalarValue(run.Machine)),
        ];
        return new SimLog(_level, (now, written) => Write(now, written, common, traceId, spanId));
    }

    /// <summary>Sends and writes what is still to be written. Not inlined: a run without a log does not load what writes one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Dispose() => _logger.Dispose();

    private void Write(
        TimeSpan now, AkkaEvent written, LogEventProperty[] common, ActivityTraceId traceId, ActivitySpanId spanId)
    {
        var template = new MessageTemplateParser().Parse(written.GetTemplate());
        List<LogEventProperty> properties =
        [
            .. common,
            new("ActorPath", new ScalarValue(ActorOf(written.LogSource))),
            new("Simulated", new ScalarValue(now.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture))),
        ];
        if (_logger.BindMessageTemplate(written.GetTemplate(), [.. written.GetParameters()], out var bound, out var holes))
        {
            (template, properties) = (bound, [.. properties, .. holes]);
        }

        _logger.Write(new LogEvent(DateTimeOffset.Now, LevelOf(written.LogLevel()), written.Cause, template, properties, traceId, spanId));
    }

    /// <summary>"akka://sim/user/simulation/khugepaged" says no more than "khugepaged".</summary>
    private static string ActorOf(string source)
    {
        const string Root = "/user/simulation";
        var at = source.IndexOf(Root, StringComparison.Ordinal);
        var path = at < 0 ? source : source[(at + Root.Length)..].TrimStart('/');
        return path.Length == 0 ? "simulation" : path;
    }

    private static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.DebugLevel => LogEventLevel.Debug,
        LogLevel.InfoLevel => LogEventLevel.Information,
        LogLevel.WarningLevel => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };

    private static void Configure(BatchedOpenTelemetrySinkOptions options, OtlpTarget target)
    {
        options.LogsEndpoint = target.Endpoint.AbsoluteUri;
        options.TracesEndpoint = string.Empty;
        options.Protocol = target.Protocol == OtlpExportProtocol.Grpc ? OtlpProtocol.Grpc : OtlpProtocol.HttpProtobuf;
        options.Headers = target.Headers.ToDictionary(static header => header.Key, static header => header.Value);
        options.IncludedData = IncludedData.TraceIdField | IncludedData.SpanIdField | IncludedData.MessageTemplateTextAttribute;
        options.ResourceAttributes = new Dictionary<string, object>
        {
            ["service.name"] = RunIdentity.ServiceName,
            ["service.version"] = Verbs.VersionVerb.Number,
        };
    }

    /// <summary>Standard error as the command was given it.</summary>
    private sealed class TextSink(TextWriter writer) : ILogEventSink
    {
        private readonly Serilog.Formatting.Display.MessageTemplateTextFormatter _formatter =
            new(Template, CultureInfo.InvariantCulture);

        public void Emit(LogEvent logEvent)
        {
            lock (writer)
            {
                _formatter.Format(logEvent, writer);
            }
        }
    }
}
