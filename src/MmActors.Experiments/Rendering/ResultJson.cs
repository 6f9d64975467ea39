using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using MmActors.Experiments.Results;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Rendering;

/// <summary>The machine-readable form of a result, as <c>config/result.schema.json</c> describes it. Written token by
/// token: the order is the declared one and nothing depends on reflection.</summary>
public static class ResultJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n" };

    /// <summary>Writes one JSON document and a final line feed.</summary>
    public static void Write(TextWriter writer, ComparisonResult result)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("scenario", result.Scenario);
            json.WriteNumber("seed", result.Seed);
            json.WriteString("version", result.Version);
            json.WriteString("machine", result.Machine);
            json.WriteString("tlb", result.Tlb);
            json.WriteStartArray("variants");
            foreach (var variant in result.Variants)
            {
                WriteVariant(json, variant);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        writer.Write('\n');
    }

    private static void WriteVariant(Utf8JsonWriter json, VariantResult variant)
    {
        json.WriteStartObject();
        json.WriteString("name", variant.Name);
        json.WriteString("hash", variant.Hash);
        json.WriteString("preset", variant.Preset);
        WriteSwitches(json, variant.Switches);
        json.WriteNumber("simulated_s", variant.SimulatedSeconds);
        json.WriteNumber("wall_s", variant.WallSeconds);
        json.WriteBoolean("partial", variant.Partial);
        json.WriteStartObject("tasks");
        foreach (var task in variant.Tasks)
        {
            WriteTask(json, task);
        }

        json.WriteEndObject();
        WriteKhugepaged(json, variant.Khugepaged);
        json.WriteStartObject("vmstat");
        foreach (var counter in variant.Vmstat)
        {
            json.WriteNumber(counter.Name, counter.Delta);
        }

        json.WriteEndObject();
        json.WriteNumber("oom_kills", variant.OomKills);
        WriteSnaps(json, variant.Snaps);
        WriteTimeline(json, variant.Timeline);
        json.WriteEndObject();
    }

    /// <summary>Keys and words as scenario files spell them: a switch can be copied from here to there.</summary>
    private static void WriteSwitches(Utf8JsonWriter json, KernelSwitches switches)
    {
        json.WriteStartObject("switches");
        json.WriteString("charging", SwitchWords.Of(switches.Charging));
        json.WriteString("lazyfree", SwitchWords.Of(switches.Lazyfree));
        json.WriteBoolean("merged-no-pte-table", switches.MergedNoPteTable);
        json.WriteBoolean("require-writable", switches.RequireWritable);
        json.WriteBoolean("visit-tracepoint", switches.VisitTracepoint);
        json.WriteBoolean("leaves-disabled-mm-at-once", switches.LeavesDisabledMmAtOnce);
        json.WriteBoolean("migration-reported-as-mapped", switches.MigrationReportedAsMapped);
        json.WriteBoolean("exact-mapped-shared", switches.ExactMappedShared);
        json.WriteBoolean("collapse-tolerates-empty-range", switches.CollapseToleratesEmptyRange);
        json.WriteEndObject();
    }

    private static void WriteTask(Utf8JsonWriter json, TaskResult task)
    {
        json.WriteStartObject(task.Name);
        json.WriteNumber("huge_ranges", task.HugeRanges);
        json.WriteNumber("ranges", task.Ranges);
        json.WriteNumber("rss_pages", task.RssPages);
        json.WriteNumber("swap_pages", task.SwapPages);
        json.WriteNumber("lazyfree_pages", task.LazyfreePages);
        json.WriteNumber("stalled_s", task.StalledSeconds);
        if (task.Measured is { } measured)
        {
            json.WriteStartObject("measured");
            json.WriteNumber("elapsed_s", measured.ElapsedSeconds);
            json.WriteNumber("cycles_per_access", measured.CyclesPerAccess);
            json.WriteNumber("throughput_m_per_s", measured.ThroughputMPerS);
            json.WriteNumber("dtlb_load_misses", measured.DtlbLoadMisses);
            json.WriteNumber("start_s", measured.StartSeconds);
            json.WriteNumber("huge_ranges_at_start", measured.HugeRangesAtStart);
            json.WriteNumber("huge_ranges_at_end", measured.HugeRangesAtEnd);
            json.WriteEndObject();
        }

        if (task.Fault is { } fault)
        {
            json.WriteString("fault", fault);
        }

        json.WriteEndObject();
    }

    private static void WriteKhugepaged(Utf8JsonWriter json, KhugepagedResult khugepaged)
    {
        json.WriteStartObject("khugepaged");
        json.WriteNumber("pages_collapsed", khugepaged.PagesCollapsed);
        json.WriteNumber("full_scans", khugepaged.FullScans);
        json.WriteNumber("passes", khugepaged.Passes);
        WriteStatuses(json, "budget", khugepaged.Budget);
        WriteStatuses(json, "statuses", khugepaged.Statuses);
        json.WriteStartArray("scans");
        foreach (var scan in khugepaged.Scans)
        {
            json.WriteStartObject();
            json.WriteNumber("start_s", scan.StartSeconds);
            json.WriteNumber("end_s", scan.EndSeconds);
            json.WriteNumber("progress_pages", scan.ProgressPages);
            json.WriteNumber("passes", scan.Passes);
            json.WriteNumber("visits", scan.Visits);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteStatuses(Utf8JsonWriter json, string name, ImmutableArray<TaskStatuses> tasks)
    {
        json.WriteStartObject(name);
        foreach (var task in tasks)
        {
            json.WriteStartObject(task.Task);
            foreach (var amount in task.Amounts)
            {
                json.WriteNumber(amount.Status, amount.Amount);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteSnaps(Utf8JsonWriter json, ImmutableArray<SnapResult> snaps)
    {
        json.WriteStartArray("snaps");
        foreach (var snap in snaps)
        {
            json.WriteStartObject();
            json.WriteString("name", snap.Name);
            json.WriteNumber("t_s", snap.TimeSeconds);
            json.WriteStartObject("tasks");
            foreach (var task in snap.Tasks)
            {
                json.WriteStartObject(task.Task);
                json.WriteNumber("rss_kb", task.RssKb);
                json.WriteNumber("huge_kb", task.HugeKb);
                json.WriteNumber("lazyfree_kb", task.LazyfreeKb);
                json.WriteNumber("swap_kb", task.SwapKb);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTimeline(Utf8JsonWriter json, ImmutableArray<TimelinePoint> timeline)
    {
        json.WriteStartArray("timeline");
        foreach (var point in timeline)
        {
            json.WriteStartObject();
            json.WriteNumber("t_s", point.TimeSeconds);
            json.WriteStartObject("huge_ranges");
            foreach (var ranges in point.HugeRanges)
            {
                json.WriteNumber(ranges.Task, ranges.Ranges);
            }

            json.WriteEndObject();
            WriteStatuses(json, "statuses", point.Statuses);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
