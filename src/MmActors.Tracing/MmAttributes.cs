namespace MmActors.Tracing;

/// <summary>Every name under which telemetry says something: attributes of spans, metrics and resources. docs/telemetry.md
/// explains each; a test compares the two.</summary>
public static class MmAttributes
{
    /// <summary>Resource: name of the scenario.</summary>
    public const string Scenario = "mm.scenario";
    /// <summary>Resource: name of the variant.</summary>
    public const string Variant = "mm.variant";
    /// <summary>Resource: seed, as text because it may exceed a signed 64-bit number.</summary>
    public const string Seed = "mm.seed";
    /// <summary>Resource: kernel preset the variant starts from.</summary>
    public const string Kernel = "mm.kernel";
    /// <summary>Resource: machine preset.</summary>
    public const string Machine = "mm.machine";

    /// <summary>run: hash of the event stream, the identity of the run.</summary>
    public const string RunHash = "mm.run.hash";
    /// <summary>run: it was interrupted.</summary>
    public const string RunPartial = "mm.run.partial";
    /// <summary>run: nanoseconds since 1970 that stand for simulated time 0.</summary>
    public const string RunEpoch = "mm.run.epoch_unix_nano";
    /// <summary>run: spans of this trace.</summary>
    public const string SpansKept = "mm.spans.kept";
    /// <summary>run: spans left out because the limit was reached.</summary>
    public const string SpansDropped = "mm.spans.dropped";
    /// <summary>run: spans left out by sampling.</summary>
    public const string SpansSampledOut = "mm.spans.sampled_out";

    /// <summary>Name of the task an mm belongs to.</summary>
    public const string Task = "mm.task";
    /// <summary>Number of the address space in the event stream.</summary>
    public const string MmId = "mm.id";
    /// <summary>First address concerned, as 0x….</summary>
    public const string Address = "mm.address";
    /// <summary>SCAN_* result under its trace name.</summary>
    public const string ScanStatus = "mm.scan.status";
    /// <summary>Who collapses: khugepaged or madvise.</summary>
    public const string CollapseBy = "mm.collapse.by";
    /// <summary>referenced of the isolation's trace line.</summary>
    public const string Referenced = "mm.scan.referenced";
    /// <summary>none_or_zero of the isolation's trace line.</summary>
    public const string NoneOrZero = "mm.scan.none_or_zero";
    /// <summary>Pages that C3 swapped in.</summary>
    public const string SwappedIn = "mm.collapse.swapped_in";

    /// <summary>Number of the pass, from 1.</summary>
    public const string Pass = "mm.khugepaged.pass";
    /// <summary>Budget in pages: of the pass, or before the VISIT.</summary>
    public const string Budget = "mm.khugepaged.budget";
    /// <summary>Progress in pages, charged against the budget.</summary>
    public const string Progress = "mm.khugepaged.progress";
    /// <summary>Ranges looked at.</summary>
    public const string Ranges = "mm.khugepaged.ranges";
    /// <summary>Ranges by result, "status=count" in order of first occurrence.</summary>
    public const string Statuses = "mm.khugepaged.statuses";
    /// <summary>full_scan_finished of the VISIT's trace line.</summary>
    public const string FullScan = "mm.khugepaged.full_scan_finished";

    /// <summary>Who reclaims: direct, khugepaged or kswapd.</summary>
    public const string Reclaimer = "mm.reclaim.by";
    /// <summary>Which LRU list: inactive_anon, active_anon, inactive_file or active_file.</summary>
    public const string LruList = "mm.lru.list";
    /// <summary>What needs the memory: a collapse, a fault or a call.</summary>
    public const string ReclaimFor = "mm.reclaim.for";
    /// <summary>Number of the target group; 0 is the node or the root group.</summary>
    public const string Group = "mm.reclaim.group";
    /// <summary>The target is a group's limit or file.</summary>
    public const string Memcg = "mm.reclaim.memcg";
    /// <summary>Pages asked for.</summary>
    public const string Goal = "mm.reclaim.goal";
    /// <summary>Pages got back.</summary>
    public const string Reclaimed = "mm.reclaim.reclaimed";
    /// <summary>Pages, or objects of the shrinker, looked at.</summary>
    public const string Scanned = "mm.reclaim.scanned";
    /// <summary>Reclaim priority, 12 (gentle) to 0.</summary>
    public const string Priority = "mm.reclaim.priority";
    /// <summary>Huge pages the shrinker split.</summary>
    public const string Splits = "mm.shrinker.splits";

    /// <summary>Call that waited for mmap_lock: fault, populate, mmap, munmap, madvise, vma or fork.</summary>
    public const string StallCall = "mm.stall.call";
    /// <summary>errno of a call; 0 when it succeeded.</summary>
    public const string Errno = "mm.errno";
    /// <summary>Pages a call covered.</summary>
    public const string Pages = "mm.pages";
    /// <summary>The run ended before the span did.</summary>
    public const string Unfinished = "mm.unfinished";
}
