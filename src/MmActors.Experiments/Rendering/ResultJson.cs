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
    /// <param name="writer">Where to.</param>
    /// <param name="result">The comparison.</param>
    /// <param name="evidence">Further comparisons that belong to it.</param>
    /// <param name="moreSeeds">The same variants with further seeds.</param>
    public static void Write(
        TextWriter writer, ComparisonResult result, IReadOnlyCollection<ComparisonResult>? evidence = null,
        IReadOnlyCollection<ComparisonResult>? moreSeeds = null)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            WriteComparison(json, result);
            WriteAll(json, "evidence", evidence);
            WriteAll(json, "more_seeds", moreSeeds);
            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        writer.Write('\n');
    }

    /// <summary>An array of comparisons; none when there are none.</summary>
    private static void WriteAll(Utf8JsonWriter json, string name, IReadOnlyCollection<ComparisonResult>? all)
    {
        if (all is not { Count: > 0 })
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var one in all)
        {
            json.WriteStartObject();
            WriteComparison(json, one);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteComparison(Utf8JsonWriter json, ComparisonResult result)
    {
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
    }

    private static void WriteVariant(Utf8JsonWriter json, VariantResult variant)
    {
        json.WriteStartObject();
        json.WriteString("name", variant.Name);
        json.WriteString("hash", variant.IsConcurrent ? null : variant.Hash);
        if (variant.IsConcurrent)
        {
            json.WriteString("mode", "concurrent");
            json.WriteNumber("audits", variant.Audits);
        }

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
        WriteReclaim(json, variant.Reclaim);
        WriteCgroupWrites(json, variant.CgroupWrites);
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

    private static void WriteReclaim(Utf8JsonWriter json, ReclaimResult reclaim)
    {
        json.WriteStartObject("reclaim");
        if (reclaim.PressureSeconds is { } pressure)
        {
            json.WriteNumber("pressure_s", pressure);
        }

        json.WriteNumber("collapsed_before_pressure", reclaim.CollapsedBefore);
        json.WriteNumber("collapsed_after_pressure", reclaim.CollapsedAfter);
        json.WriteNumber("lazy_collapsed_before_pressure", reclaim.LazyCollapsedBefore);
        json.WriteNumber("hollow_collapsed_after_pressure", reclaim.HollowCollapsedAfter);
        json.WriteNumber("lazyfreed_pages", reclaim.LazyfreedPages);
        json.WriteNumber("swapped_out_pages", reclaim.SwappedOutPages);
        json.WriteNumber("swapped_in_pages", reclaim.SwappedInPages);
        json.WriteNumber("major_faults", reclaim.MajorFaults);
        json.WriteNumber("thps_swapped", reclaim.ThpsSwapped);
        json.WriteNumber("thps_walked", reclaim.ThpsWalked);
        json.WriteNumber("thps_split", reclaim.ThpsSplit);
        json.WriteNumber("underused_split", reclaim.UnderusedSplit);
        json.WriteNumber("split_freed_kb", reclaim.SplitFreedKb);
        json.WriteNumber("max_ptes_none_at_end", reclaim.MaxPtesNone);
        json.WriteEndObject();
    }

    private static void WriteCgroupWrites(Utf8JsonWriter json, ImmutableArray<CgroupWriteResult> writes)
    {
        json.WriteStartArray("cgroup_writes");
        foreach (var write in writes)
        {
            json.WriteStartObject();
            json.WriteNumber("t_s", write.TimeSeconds);
            json.WriteString("task", write.Task);
            json.WriteString("group", write.Group);
            json.WriteString("file", write.File);
            if (write.Kb is { } kb)
            {
                json.WriteNumber("kb", kb);
            }

            if (write.Errno is { } errno)
            {
                json.WriteString("errno", errno);
            }

            json.WriteNumber("reclaimed_kb", write.ReclaimedKb);
            json.WriteEndObject();
        }

        json.WriteEndArray();
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
            if (!snap.Groups.IsEmpty)
            {
                json.WriteStartObject("groups");
                foreach (var group in snap.Groups)
                {
                    json.WriteNumber(group.Group, group.CurrentKb);
                }

                json.WriteEndObject();
            }

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
