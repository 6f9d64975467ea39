using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MmActors.Experiments.Results;
using MmActors.Model;
using MmActors.Model.Units;
using MmActors.Tracing;
using MmActors.Tracing.Ftrace;

namespace MmActors.Experiments.Rendering;

/// <summary>khugepaged's full scans one by one: the author of the new accounting put these questions to real kernels, and the
/// text has the form of the answers there. <c>docs/khugepaged-scans.awk</c> gets the same lines out of a trace.</summary>
/// <param name="Comparison">The run, its only variant.</param>
/// <param name="Scans">Its full scans.</param>
public sealed record ScanReport(ComparisonResult Comparison, ImmutableArray<FullScanRecord> Scans)
{
    private const string LineEnd = "\r\n";
    private const long PagesPerMegabyte = (1 << 20) / Geometry.PageSize;
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // not for HTML
    };

    private VariantResult Variant => Comparison.Variants[0];

    private ScanResultNumbers Numbers => new(Variant.Switches);

    /// <summary>The report a person reads; what is no line of the awk script begins with a hash.</summary>
    public Report Text() => new(
    [
        new Verbatim(
        [
            $"# mmactors {Comparison.Version} run {Comparison.Scenario}, variant {Variant.Name} (preset {Variant.Preset}, charging "
                + $"{SwitchWords.Of(Variant.Switches.Charging)}, lazyfree {SwitchWords.Of(Variant.Switches.Lazyfree)})",
            $"# seed {Comparison.Seed}, machine preset {Comparison.Machine}, hash {Variant.Hash}{(Variant.IsConcurrent ? " (mode concurrent)" : "")}; all times are simulated",
            .. Variant.Partial ? [$"# PARTIAL RESULT: interrupted at {Figures.Seconds(Variant.SimulatedSeconds)} s"] : (string[])[],
            .. Scans.SelectMany(Block),
            .. Scans.IsEmpty ? ["# khugepaged looked at nothing."] : (string[])[],
        ]),
    ]);

    /// <summary>One JSON document and a final line feed.</summary>
    public void WriteJson(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var buffer = new ArrayBufferWriter<byte>(1 << 14);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("scenario", Comparison.Scenario);
            json.WriteNumber("seed", Comparison.Seed);
            json.WriteString("version", Comparison.Version);
            json.WriteString("machine", Comparison.Machine);
            json.WriteString("variant", Variant.Name);
            json.WriteString("hash", Variant.IsConcurrent ? null : Variant.Hash);
            json.WriteBoolean("partial", Variant.Partial);
            json.WriteStartArray("scans");
            foreach (FullScanRecord scan in Scans)
            {
                WriteScan(json, scan);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        writer.Write('\n');
    }

    /// <summary>A header and one line per full scan and status (RFC 4180).</summary>
    public void WriteCsv(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(
            $"scenario,seed,machine,variant,scan,finished,from_s,to_s,progress_pages,passes,visits,status,number,ranges{LineEnd}");
        string run = string.Create(
            CultureInfo.InvariantCulture,
            $"{ResultCsv.Field(Comparison.Scenario)},{Comparison.Seed},{ResultCsv.Field(Comparison.Machine)},{ResultCsv.Field(Variant.Name)}");
        for (int index = 0; index < Scans.Length; index++)
        {
            (Traversal at, bool finished, ImmutableArray<(ScanResult Status, long Ranges)> statuses) = Scans[index];
            string scan = string.Create(
                CultureInfo.InvariantCulture,
                $"{run},{index + 1},{(finished ? "true" : "false")},{at.Start.TotalSeconds},{at.End.TotalSeconds},{at.Progress},{at.Passes},{at.Visits}");
            foreach ((ScanResult status, long ranges) in statuses)
            {
                writer.Write(string.Create(
                    CultureInfo.InvariantCulture, $"{scan},{status.Text()},{Numbers[status]},{ranges}{LineEnd}"));
            }

            if (statuses.IsEmpty)
            {
                writer.Write($"{scan},,,0{LineEnd}");
            }
        }
    }

    private IEnumerable<string> Block(FullScanRecord scan, int index)
    {
        long progress = scan.Traversal.Progress;
        long hundredths = (Micro(scan.Traversal.End) - Micro(scan.Traversal.Start) + 5_000) / 10_000;
        yield return scan.IsFinished ? string.Create(CultureInfo.InvariantCulture, $"full scan {index + 1}") : "unfinished scan";
        foreach ((ScanResult status, long ranges) in scan.Statuses)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"@scan_pmd_status[{status.Text()}]: {ranges}");
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"total progress size: {(progress + (PagesPerMegabyte / 2)) / PagesPerMegabyte} MB ({progress} pages)");
        yield return string.Create(CultureInfo.InvariantCulture, $"total time: {hundredths / 100}.{hundredths % 100:00} seconds");
    }

    /// <summary>Microseconds, rounded as the trace rounds them.</summary>
    private static long Micro(TimeSpan time) => (time.Ticks + (TimeSpan.TicksPerMicrosecond / 2)) / TimeSpan.TicksPerMicrosecond;

    private void WriteScan(Utf8JsonWriter json, FullScanRecord scan)
    {
        json.WriteStartObject();
        json.WriteBoolean("finished", scan.IsFinished);
        json.WriteNumber("from_s", scan.Traversal.Start.TotalSeconds);
        json.WriteNumber("to_s", scan.Traversal.End.TotalSeconds);
        json.WriteNumber("progress_pages", scan.Traversal.Progress);
        json.WriteNumber("passes", scan.Traversal.Passes);
        json.WriteNumber("visits", scan.Traversal.Visits);
        json.WriteStartArray("statuses");
        foreach ((ScanResult status, long ranges) in scan.Statuses)
        {
            json.WriteStartObject();
            json.WriteString("status", status.Text());
            json.WriteString("identifier", ScanResultNumbers.Identifier(status));
            json.WriteNumber("number", Numbers[status]);
            json.WriteNumber("ranges", ranges);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
