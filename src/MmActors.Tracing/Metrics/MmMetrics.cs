namespace MmActors.Tracing.Metrics;

/// <summary>Names of the metrics; docs/telemetry.md explains each, and a test compares the two.</summary>
public static class MmMetrics
{
    /// <summary>Before the kernel's name of a counter of /proc/vmstat: mm.vmstat.pgfault.</summary>
    public const string VmstatPrefix = "mm.vmstat.";
    /// <summary>2 MiB ranges a task has mapped huge, at the end of the run.</summary>
    public const string HugeRanges = "mm.task.huge_ranges";
    /// <summary>LazyFree of a task's smaps at the end of the run.</summary>
    public const string LazyfreePages = "mm.task.lazyfree_pages";
    /// <summary>Simulated time a task waited for mmap_lock.</summary>
    public const string StalledTime = "mm.task.stalled";
    /// <summary>nr_free_pages at the end of the run.</summary>
    public const string FreePages = "mm.node.free_pages";
    /// <summary>Pages of each LRU list at the end of the run.</summary>
    public const string LruPages = "mm.node.lru_pages";
    /// <summary>Huge pages mapped by a PMD at the end of the run.</summary>
    public const string HugePages = "mm.node.huge_pages";
    /// <summary>Huge pages on the deferred split queues at the end of the run.</summary>
    public const string SplitQueueLength = "mm.split_queue.length";
    /// <summary>What was left of khugepaged's budget in the last pass.</summary>
    public const string BudgetLeft = "mm.khugepaged.budget_left";
    /// <summary>Budget charged, by task and result.</summary>
    public const string BudgetSpent = "mm.khugepaged.budget_spent";
    /// <summary>How long collapse attempts took, by result.</summary>
    public const string CollapseDuration = "mm.collapse.duration";
    /// <summary>How long tasks waited for mmap_lock, wait by wait.</summary>
    public const string LockWait = "mm.mmap_lock.wait";
    /// <summary>Budget one range cost, by result.</summary>
    public const string ScanCost = "mm.scan.cost";
    /// <summary>Spans left out because the limit was reached.</summary>
    public const string SpansDropped = "mm.telemetry.spans_dropped";
}
