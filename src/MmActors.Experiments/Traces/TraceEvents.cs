namespace MmActors.Experiments.Traces;

/// <summary>Which events are read, and what each version prints in them (6.2, 6.3, TC-12).</summary>
internal static class TraceEvents
{
    private const string Direct = "mm_vmscan_direct_reclaim_";
    private const string Memcg = "mm_vmscan_memcg_reclaim_";

    /// <summary>The record of a line, or null when the simulator has no counterpart for it.</summary>
    /// <param name="file">Name of the file for messages.</param>
    /// <param name="line">The line.</param>
    public static TraceRecord? Read(string file, in TraceLine line)
    {
        var fields = new TracePayload(file, line);
        TraceStamp stamp = line.Stamp;
        return line.Event switch
        {
            "mm_khugepaged_scan_pmd" => ScanPmd(stamp, fields),
            "mm_khugepaged_scan" => new ScanRecord(
                stamp, fields.Pointer("mm"), fields.Long("progress"), fields.Flag("full_scan_finished"))
            {
                Budget = fields.OptionalLong("budget"),
                OwnerPid = fields.OptionalInt("pid"),
            },
            "mm_collapse_huge_page" => new CollapseRecord(
                stamp, fields.Pointer("mm"), fields.Int("isolated"), fields.Status("status"))
            {
                Address = fields.OptionalLong("addr"),
                OwnerPid = fields.OptionalInt("pid"),
                Order = fields.OptionalInt("order"),
            },
            "mm_collapse_huge_page_isolate" => new IsolateRecord(
                stamp, fields.Status("status"), fields.Int("referenced"), fields.Int("none_or_zero"))
            {
                ScanPfn = fields.OptionalLong("scan_pfn"),
                Writable = fields.OptionalFlag("writable"),
                Order = fields.OptionalInt("order"),
            },
            "mm_collapse_huge_page_swapin" => new SwapinRecord(
                stamp, fields.Pointer("mm"), fields.Int("swapped_in"), fields.Int("referenced"), fields.Int("ret"))
            {
                Order = fields.OptionalInt("order"),
            },
            "lab_deferred_split" => new DeferredSplitRecord(
                stamp, fields.Long("pfn"), fields.Flag("partially_mapped"), fields.Flag("underused"), fields.Flag("split")),
            "tracing_mark_write" => new MarkerRecord(stamp, line.Payload),
            "print" => Print(stamp, line.Payload),
            _ => Vmscan(line, stamp, fields),
        };
    }

    private static ScanPmdRecord ScanPmd(TraceStamp stamp, TracePayload fields) => new(
        stamp, fields.Pointer("mm"), fields.Status("status"), fields.Int("referenced"), fields.Int("none_or_zero"),
        fields.Int("unmapped"))
    {
        ScanPfn = fields.OptionalLong("scan_pfn"),
        Writable = fields.OptionalFlag("writable"),
        Address = fields.OptionalLong("addr"),
        Looked = fields.OptionalInt("looked"),
        OwnerPid = fields.OptionalInt("pid"),
    };

    /// <summary>trace-cmd puts the writing function before the text of a marker.</summary>
    private static MarkerRecord Print(TraceStamp stamp, string payload)
    {
        int at = payload.IndexOf(": ", StringComparison.Ordinal);
        bool isFunction = at > 0 && !payload.AsSpan(0, at).Contains(' ');
        return new MarkerRecord(stamp, isFunction ? payload[(at + 2)..] : payload);
    }

    private static TraceRecord? Vmscan(in TraceLine line, TraceStamp stamp, TracePayload fields) => line.Event switch
    {
        Direct + "begin" or Memcg + "begin" => new ReclaimBeginRecord(stamp, line.Event.StartsWith(Memcg), fields.Int("order")),
        Direct + "end" or Memcg + "end" =>
            new ReclaimEndRecord(stamp, line.Event.StartsWith(Memcg), fields.Long("nr_reclaimed")),
        "mm_vmscan_kswapd_wake" => new KswapdRecord(stamp, IsWake: true, fields.Int("nid")),
        "mm_vmscan_kswapd_sleep" => new KswapdRecord(stamp, IsWake: false, fields.Int("nid")),
        "mm_vmscan_lru_shrink_inactive" => new ShrinkInactiveRecord(
            stamp, fields.Long("nr_scanned"), fields.Long("nr_reclaimed"),
            Activated(fields), fields.Long("nr_ref_keep"), fields.Int("priority"), IsFile(fields)),
        "mm_vmscan_lru_shrink_active" => new ShrinkActiveRecord(
            stamp, fields.Long("nr_taken"), fields.Long("nr_deactivated"), fields.Int("priority"), IsFile(fields)),
        "mm_shrink_slab_start" when IsDeferredSplit(line) => new ShrinkSlabStartRecord(
            stamp, fields.After("objects to shrink"), fields.After("cache items"), fields.After("delta"),
            fields.After("total_scan"), (int)Math.Clamp(fields.After("priority"), int.MinValue, int.MaxValue)),
        "mm_shrink_slab_end" when IsDeferredSplit(line) => new ShrinkSlabEndRecord(
            stamp, fields.After("unused scan count"), fields.After("new scan count"), fields.After("total_scan"),
            fields.After("last shrinker return val")),
        _ => null,
    };

    /// <summary>The slabs of the rest of the kernel are not simulated.</summary>
    private static bool IsDeferredSplit(in TraceLine line) =>
        line.Payload.StartsWith("deferred_split_scan", StringComparison.Ordinal);

    private static long Activated(TracePayload fields) => unchecked(fields.Long("nr_activate_anon") + fields.Long("nr_activate_file"));

    private static bool IsFile(TracePayload fields) => fields.Text("flags") is { } flags
        ? flags.Contains("FILE", StringComparison.Ordinal)
        : throw fields.Fault("a round over a list needs 'flags='");
}
