using MmActors.Model.Units;

namespace MmActors.Model.Settings;

/// <summary>A memory cgroup of a scenario (memcg v2): the root always exists and is not listed.</summary>
/// <param name="Path">Path below /sys/fs/cgroup without leading slash, e.g. <c>g</c> or <c>g/a</c>; a parent is listed
/// before its children.</param>
/// <param name="Limits">What its memory.* files say at the start.</param>
public sealed record CgroupSpec(string Path, MemcgLimits Limits);

/// <summary>The limit files of a memory cgroup, in pages (reclaim.md 4.10). <see cref="Unlimited"/> stands for "max".</summary>
public sealed record MemcgLimits
{
    /// <summary>The word "max".</summary>
    public const long Unlimited = long.MaxValue;

    /// <summary>memory.max: a charge beyond it reclaims, then kills (RC-60, RC-62).</summary>
    public long MaxPages { get; init; } = Unlimited;

    /// <summary>memory.high: usage beyond it is reclaimed and slows the tasks, never kills (RC-61).</summary>
    public long HighPages { get; init; } = Unlimited;

    /// <summary>memory.low: below it the group is spared while anything else can be reclaimed (RC-14).</summary>
    public long LowPages { get; init; }

    /// <summary>memory.min: below it the group is never reclaimed (RC-14).</summary>
    public long MinPages { get; init; }

    /// <summary>memory.swap.max (RC-63).</summary>
    public long SwapMaxPages { get; init; } = Unlimited;
}

/// <summary>The writable files of a memory cgroup the simulator knows.</summary>
public enum MemcgFile
{
    /// <summary>memory.max.</summary>
    Max,
    /// <summary>memory.high.</summary>
    High,
    /// <summary>memory.low.</summary>
    Low,
    /// <summary>memory.min.</summary>
    Min,
    /// <summary>memory.swap.max.</summary>
    SwapMax,
    /// <summary>memory.reclaim: reclaims that much now (RC-40).</summary>
    Reclaim,
}

/// <summary>What kind of device the swap space lies on (RC-36).</summary>
public enum SwapKind
{
    /// <summary>A RAM disk: I/O is done when the call returns (SWP_SYNCHRONOUS_IO).</summary>
    Ram,
    /// <summary>A disk: I/O completes after a latency; meanwhile the folio is under writeback in the swap cache.</summary>
    Disk,
}

/// <summary>The swap device of a machine; a machine without one has none.</summary>
/// <param name="Size">Its size, a multiple of the page size.</param>
/// <param name="Kind">Its kind.</param>
public sealed record SwapSpec(ByteSize Size, SwapKind Kind)
{
    /// <summary>Largest device the model takes: 256 GiB, 2^26 slots. A slot costs 16 to 24 bytes once it was used, so a
    /// full device of this size takes about 1.6 GB, an empty one nothing.</summary>
    public static readonly ByteSize Largest = new(1L << 38);
}

/// <summary>The files below /proc/sys/vm the simulator knows (TC-10).</summary>
public sealed record VmSettings
{
    /// <summary>swappiness, 0…200.</summary>
    public int Swappiness { get; init; } = 60;

    /// <summary>min_free_kbytes as the user set it; null: computed (RC-1, RC-2).</summary>
    public int? MinFreeKbytes { get; init; }

    /// <summary>watermark_scale_factor, 1…3000.</summary>
    public int WatermarkScaleFactor { get; init; } = 10;
}

/// <summary>The writable files below /proc/sys/vm the simulator knows.</summary>
public enum VmFile
{
    /// <summary>drop_caches: 1, 2 or 3; bit 1 runs every shrinker at priority 0 (DS-8, RC-42).</summary>
    DropCaches,
    /// <summary>swappiness: what anon pages are worth against file pages (RC-16f).</summary>
    Swappiness,
    /// <summary>min_free_kbytes: the min watermark, instead of RC-1.</summary>
    MinFreeKbytes,
    /// <summary>watermark_scale_factor: distance of low and high from it, in ten thousandths of memory (RC-3).</summary>
    WatermarkScaleFactor,
}
