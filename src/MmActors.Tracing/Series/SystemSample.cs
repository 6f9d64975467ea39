using System.Collections.Immutable;
using MmActors.Model.Reclaim;

namespace MmActors.Tracing.Series;

/// <summary>What a look into /proc, /sys and smaps shows at one simulated moment.</summary>
/// <param name="Time">Simulated time.</param>
/// <param name="Vmstat">Every counter of /proc/vmstat, by <see cref="Model.Memory.VmCounter"/>.</param>
/// <param name="FreePages">nr_free_pages.</param>
/// <param name="Lists">Sizes of the LRU lists: nr_inactive_anon and the others.</param>
/// <param name="HugePages">nr_anon_transparent_hugepages: huge pages that somebody maps by a PMD.</param>
/// <param name="SplitQueueLength">Huge pages on the deferred split queues of all groups.</param>
/// <param name="Tasks">One entry per task that maps memory, in order of creation; fork children come later.</param>
public sealed record SystemSample(
    TimeSpan Time, ImmutableArray<long> Vmstat, long FreePages, LruPages Lists, int HugePages, int SplitQueueLength, ImmutableArray<TaskSample> Tasks);

/// <summary>smaps of one task; all zero before it starts and after it ends.</summary>
/// <param name="Mm">Number of its address space in the event stream.</param>
/// <param name="Name">Task name.</param>
/// <param name="HugeRanges">2 MiB ranges mapped by a PMD.</param>
/// <param name="LazyfreePages">LazyFree of smaps, in pages (SM-20).</param>
/// <param name="RssPages">Rss in pages.</param>
/// <param name="SwapPages">Swap in pages.</param>
public readonly record struct TaskSample(
    int Mm, string Name, int HugeRanges, long LazyfreePages, long RssPages, long SwapPages);
