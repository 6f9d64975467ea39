using System.Globalization;
using System.Text.Json;

namespace MmActors.Tracing.Spans;

/// <summary>Writes spans as the OTLP specification's JSON, one document per line: what collectors read with their file
/// receiver and people read with jq. Simulated time 0 is the first nanosecond of 1970, so a time is its own simulated time.</summary>
public static class SpanJson
{
    private const int SpansPerLine = 512;

    /// <summary>Appends a run; the bytes follow from the run alone.</summary>
    public static void Write(Stream stream, RunIdentity run, IReadOnlyList<Span> spans)
    {
        byte[] traceId = run.TraceId();
        foreach (Span[] some in spans.Chunk(SpansPerLine))
        {
            using (var json = new Utf8JsonWriter(stream))
            {
                json.WriteStartObject();
                json.WriteStartArray("resourceSpans");
                json.WriteStartObject();
                json.WriteStartObject("resource");
                WriteAttributes(json, run.Resource());
                json.WriteEndObject();
                json.WriteStartArray("scopeSpans");
                json.WriteStartObject();
                json.WriteStartObject("scope");
                json.WriteString("name", RunIdentity.ServiceName);
                json.WriteString("version", run.Version);
                json.WriteEndObject();
                json.WriteStartArray("spans");
                foreach (Span span in some)
                {
                    Write(json, traceId, span);
                }

                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
            }

            stream.WriteByte((byte)'\n');
        }
    }

    private static void Write(Utf8JsonWriter json, byte[] traceId, Span span)
    {
        json.WriteStartObject();
        WriteIds(json, traceId, span);
        if (span.Parent is { } parent)
        {
            json.WriteString("parentSpanId", Convert.ToHexStringLower(RunIdentity.SpanId(traceId, parent.Number)));
        }

        json.WriteString("name", span.Name);
        json.WriteNumber("kind", 1);
        WriteTime(json, "startTimeUnixNano", span.Start);
        WriteTime(json, "endTimeUnixNano", span.End);
        WriteAttributes(json, span.Attributes);
        if (span.Notes.Count > 0)
        {
            json.WriteStartArray("events");
            foreach ((string name, TimeSpan time, string task) in span.Notes)
            {
                json.WriteStartObject();
                WriteTime(json, "timeUnixNano", time);
                json.WriteString("name", name);
                WriteAttributes(json, [new(MmAttributes.Task, task)]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (span.Links.Count > 0)
        {
            json.WriteStartArray("links");
            foreach (Span cause in span.Links)
            {
                json.WriteStartObject();
                WriteIds(json, traceId, cause);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (span.Failure is { } failure)
        {
            json.WriteStartObject("status");
            json.WriteString("message", failure);
            json.WriteNumber("code", 2);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, byte[] traceId, Span span)
    {
        json.WriteString("traceId", Convert.ToHexStringLower(traceId));
        json.WriteString("spanId", Convert.ToHexStringLower(RunIdentity.SpanId(traceId, span.Number)));
    }

    private static void WriteTime(Utf8JsonWriter json, string name, TimeSpan time) =>
        json.WriteString(name, (time.Ticks * TimeSpan.NanosecondsPerTick).ToString(CultureInfo.InvariantCulture));

    private static void WriteAttributes(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object>> attributes)
    {
        json.WriteStartArray("attributes");
        foreach ((string key, object value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteStartObject("value");
            switch (value)
            {
                case long number:
                    json.WriteString("intValue", number.ToString(CultureInfo.InvariantCulture));
                    break;
                case bool truth:
                    json.WriteBoolean("boolValue", truth);
                    break;
                default:
                    json.WriteString("stringValue", (string)value);
                    break;
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
