using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MmActors.Experiments.Rendering;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;

namespace MmActors.Experiments.Explaining;

/// <summary>The answers for a program: JSON as <c>config/explanation.schema.json</c> describes it,
/// and CSV with one line an episode.</summary>
public static class ExplanationData
{
    private const string LineEnd = "\r\n";
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // not for HTML: an apostrophe may stay one
    };

    /// <summary>Writes one JSON document and a final line feed.</summary>
    public static void WriteJson(TextWriter writer, ExplanationSet set)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("scenario", set.Scenario);
            json.WriteNumber("seed", set.Seed);
            json.WriteString("version", set.Version);
            json.WriteString("machine", set.Machine);
            json.WriteString("range", set.Range.ToString());
            json.WriteStartArray("variants");
            foreach (var variant in set.Variants)
            {
                WriteVariant(json, variant);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        writer.Write('\n');
    }

    /// <summary>Writes a header and the lines of all variants (RFC 4180): section is episode, headline or conclusion.</summary>
    public static void WriteCsv(TextWriter writer, ExplanationSet set)
    {
        Line(writer, "scenario", "seed", "machine", "variant", "range", "section", "kind", "t_s", "text");
        foreach (var variant in set.Variants)
        {
            void Row(string section, string kind, string time, string text) => Line(
                writer, set.Scenario, set.Seed.ToString(CultureInfo.InvariantCulture), set.Machine, variant.Variant,
                set.Range.ToString(), section, kind, time, text);
            Row("headline", "", "", variant.Narrative.Headline);
            foreach (var line in variant.Narrative.Lines)
            {
                Row("episode", Kind(line.Episode), line.Episode.Time.TotalSeconds.ToString(CultureInfo.InvariantCulture), line.Text);
            }

            foreach (var conclusion in variant.Narrative.Conclusions)
            {
                Row("conclusion", "", "", conclusion);
            }
        }
    }

    private static void WriteVariant(Utf8JsonWriter json, Explanation variant)
    {
        json.WriteStartObject();
        json.WriteString("name", variant.Variant);
        json.WriteString("hash", variant.Hash);
        json.WriteNumber("simulated_s", variant.SimulatedSeconds);
        json.WriteBoolean("partial", variant.Partial);
        json.WriteString("headline", variant.Narrative.Headline);
        json.WriteStartArray("episodes");
        foreach (var line in variant.Narrative.Lines)
        {
            json.WriteStartObject();
            json.WriteNumber("t_s", line.Episode.Time.TotalSeconds);
            json.WriteString("kind", Kind(line.Episode));
            if (line.Episode is ScanEpisode scan)
            {
                WriteScan(json, scan);
                WriteImage(json, "met", scan.Image);
            }
            else
            {
                var happening = (Happening)line.Episode;
                json.WriteNumber("times", happening.Times);
                json.WriteNumber("until_s", happening.Last.Time.TotalSeconds);
                WriteImage(json, "after", happening.After);
            }

            json.WriteString("text", line.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("conclusions");
        foreach (var conclusion in variant.Narrative.Conclusions)
        {
            json.WriteStringValue(conclusion);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteScan(Utf8JsonWriter json, ScanEpisode scan)
    {
        json.WriteString("by", scan.Scan.Flag ? "khugepaged" : "madvise");
        json.WriteString("status", scan.Status.Text());
        json.WriteNumber("referenced", scan.Scan.Referenced);
        json.WriteNumber("none_or_zero", scan.Scan.NoneOrZero);
        json.WriteNumber("unmapped", scan.Scan.Unmapped);
        json.WriteNumber("visited", scan.Scan.Extra);
        if (scan.Page is { } page)
        {
            json.WriteNumber("deciding_page", page.Index);
        }

        if (scan.Left is { } left)
        {
            json.WriteNumber("pass", scan.Pass);
            json.WriteNumber("charged", scan.Scan.Amount);
            json.WriteNumber("budget", scan.Budget);
            json.WriteNumber("budget_left", Math.Max(0, left));
        }
    }

    private static void WriteImage(Utf8JsonWriter json, string name, RangeImage? image)
    {
        if (image is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteBoolean("huge", image.State == PmdState.Huge);
        json.WriteNumber("present", image.Present);
        json.WriteNumber("swapped", image.Swapped);
        json.WriteNumber("referenced", image.Referenced);
        json.WriteNumber("lazyfree", image.Lazyfree);
        json.WriteNumber("shared", image.Shared);
        json.WriteEndObject();
    }

    private static string Kind(Episode episode) =>
        episode is Happening happening ? KindWords.Of(happening.First.Kind) : "scan";

    private static void Line(TextWriter writer, params string[] fields) =>
        writer.Write(string.Join(',', fields.Select(ResultCsv.Field)) + LineEnd);
}
