using Google.Protobuf;
using MmActors.Tracing.Otlp.Protocol;
using Span = MmActors.Tracing.Spans.Span;

namespace MmActors.Tracing.Otlp;

/// <summary>Spans as messages of the protocol. They are made here and not by way of the SDK's Activity, because an Activity
/// chooses its span id at random: with ids that follow from the run, sending it twice is sending the same spans.</summary>
internal static class SpanMessages
{
    private const int SpansPerRequest = 512;

    /// <summary>The requests that send a run, in order.</summary>
    /// <param name="resource">The resource of the run.</param>
    /// <param name="run">Whose spans they are.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="epoch">What stands for simulated time 0.</param>
    public static IEnumerable<ExportTraceServiceRequest> Of(
        IEnumerable<KeyValuePair<string, object>> resource, RunIdentity run, IReadOnlyList<Span> spans, DateTimeOffset epoch)
    {
        byte[] traceId = run.TraceId();
        ulong zero = (ulong)(epoch - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var from = new Resource { Attributes = { resource.Select(ToKeyValue) } };
        foreach (Span[] some in spans.Chunk(SpansPerRequest))
        {
            var scope = new ScopeSpans { Scope = new Scope { Name = RunIdentity.ServiceName, Version = run.Version } };
            scope.Spans.AddRange(some.Select(span => ToMessage(span, traceId, zero)));
            yield return new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { Resource = from, ScopeSpans = { scope } } } };
        }
    }

    private static Protocol.Span ToMessage(Span span, byte[] traceId, ulong zero)
    {
        var message = new Protocol.Span
        {
            TraceId = ByteString.CopyFrom(traceId),
            SpanId = IdOf(span, traceId),
            ParentSpanId = span.Parent is { } parent ? IdOf(parent, traceId) : ByteString.Empty,
            Name = span.Name,
            Kind = 1,
            StartTimeUnixNano = zero + Nanoseconds(span.Start),
            EndTimeUnixNano = zero + Nanoseconds(span.End),
            Attributes = { span.Attributes.Select(ToKeyValue) },
            Links = { span.Links.Select(cause => new Protocol.Span.Types.Link { TraceId = ByteString.CopyFrom(traceId), SpanId = IdOf(cause, traceId) }) },
            Status = span.Failure is { } failure ? new Status { Message = failure, Code = 2 } : null,
        };
        message.Events.AddRange(span.Notes.Select(note => new Protocol.Span.Types.Event
        {
            Name = note.Name,
            TimeUnixNano = zero + Nanoseconds(note.Time),
            Attributes = { ToKeyValue(new(MmAttributes.Task, note.Task)) },
        }));
        if (span.Parent is null)
        {
            message.Attributes.Add(ToKeyValue(new(MmAttributes.RunEpoch, (long)zero)));
        }

        return message;
    }

    private static ByteString IdOf(Span span, byte[] traceId) => ByteString.CopyFrom(RunIdentity.SpanId(traceId, span.Number));

    private static ulong Nanoseconds(TimeSpan time) => (ulong)time.Ticks * TimeSpan.NanosecondsPerTick;

    private static KeyValue ToKeyValue(KeyValuePair<string, object> attribute) => new()
    {
        Key = attribute.Key,
        Value = attribute.Value switch
        {
            long number => new AnyValue { IntValue = number },
            bool truth => new AnyValue { BoolValue = truth },
            double real => new AnyValue { DoubleValue = real },
            _ => new AnyValue { StringValue = (string)attribute.Value },
        },
    };
}
