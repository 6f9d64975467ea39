using Akka.Actor;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Khugepaged;

namespace MmActors.Actors.Protocol;

/// <summary>An mm joins khugepaged's list (KH-7, KH-8).</summary>
public sealed record RegisterMm(int Mm, IActorRef Space);

/// <summary>mm_users of a registered mm reached 0 (KH-10).</summary>
public sealed record MmIsExiting(int Mm);

/// <summary>khugepaged freed the slot of an exited mm.</summary>
public sealed record ExitedSlotGone;

/// <summary>A sysfs write that makes the current sleep expire (KH-1), or that switched THP on or off (KH-2).</summary>
public sealed record WakeKhugepaged;

/// <summary>KH-11…13: begins a VISIT with a try-lock for read and looks for the first range from the address.
/// Reply: <see cref="VisitRefused"/>, <see cref="VisitEnded"/> or <see cref="RangeScanned"/>.</summary>
public sealed record BeginVisit(long Address, Origin Origin) : CausedRequest(Origin);

/// <summary>KH-14: the VISIT goes on at this address; mmap_lock is still held. Same replies.</summary>
public sealed record ContinueVisit(long Address);

/// <summary>Drop mmap_lock: the budget is spent, or the range goes to COLLAPSE (C0).</summary>
public sealed record StopVisit;

/// <summary>KH-12: mmap_lock was not to be had.</summary>
public sealed record VisitRefused(int Mm);

/// <summary>The iteration ran off the end, or the mm is closed to khugepaged; mmap_lock was dropped.</summary>
/// <param name="SkippedVmas">Charge for areas stepped over since the last range.</param>
/// <param name="IsExiting">mm_users is 0: the slot is to be freed.</param>
/// <param name="IsDisabled">THP-disabled (KH-18).</param>
/// <param name="RanOffTheEnd">The iteration saw every area.</param>
public sealed record VisitEnded(int SkippedVmas, bool IsExiting, bool IsDisabled, bool RanOffTheEnd);

/// <summary>One range was scanned. khugepaged still holds mmap_lock for read; with result Succeed it lets go after the time
/// of the scan and collapses the range. MADV_COLLAPSE's lock was dropped.</summary>
/// <param name="Address">Start of the range.</param>
/// <param name="SkippedVmas">Areas stepped over on the way.</param>
/// <param name="Scan">What the scan found.</param>
/// <param name="Memcg">Group a collapse is charged to (RC-64).</param>
public sealed record RangeScanned(long Address, int SkippedVmas, RangeScan Scan, int Memcg = 0);

/// <summary>madvise works area by area: asks for the parts of a window that are mapped. Reply: <see cref="AreasFound"/>.</summary>
public sealed record FindAreas(long Start, long End);

/// <summary>The mapped parts of a window in address order, one per area, and whether there is a hole (ENOMEM at the end).</summary>
public sealed record AreasFound(IReadOnlyList<(long Start, long End)> Areas, bool HasHole);

/// <summary>MADV_COLLAPSE's look at one range (KH-43): takes mmap_lock for read, revalidates if it was dropped, scans
/// with K=false. Reply: <see cref="CollapseChecked"/> when revalidation failed, else <see cref="RangeScanned"/>;
/// mmap_lock is dropped in both cases.</summary>
public sealed record ScanForCollapse(long Address, bool Revalidate);

/// <summary>C2: mmap_lock for read, revalidate, find the page table again.</summary>
public sealed record RecheckRange(long Address, bool IsKhugepaged, Origin Origin) : CausedRequest(Origin);

/// <summary>C3, with mmap_lock held for read: swaps in every swap entry of the range. Reply: <see cref="RangeSwappedIn"/>.</summary>
public sealed record SwapInRange(long Address, int Referenced, bool IsKhugepaged, Origin Origin) : CausedRequest(Origin);

/// <summary>Outcome of C3; on failure mmap_lock was dropped.</summary>
/// <param name="Result">SCAN_SUCCEED, SCAN_PAGE_LOCK while a read takes its time, or SCAN_PMD_NULL.</param>
public sealed record RangeSwappedIn(ScanResult Result);

/// <summary>C4: mmap_lock for write in place of read, revalidate again; the page of PMD entries must be the one C2
/// answered with, else SCAN_FAIL.</summary>
public sealed record LockRangeForWrite(long Address, bool IsKhugepaged, int PmdPage, Origin Origin) : CausedRequest(Origin);

/// <summary>Outcome of C2 or C4; on failure mmap_lock was dropped.</summary>
/// <param name="Result">Whether the range is still good.</param>
/// <param name="PmdPage">Serial number of the page of PMD entries that was found.</param>
public sealed record CollapseChecked(ScanResult Result, int PmdPage);

/// <summary>C5 and C6.</summary>
public sealed record IsolateRange(long Address, bool IsKhugepaged, Origin Origin) : CausedRequest(Origin);

/// <summary>Outcome of C6; on failure the page table was restored and mmap_lock dropped.</summary>
public sealed record RangeIsolated(IsolateOutcome Outcome);

/// <summary>C7…C10: the copy is done; release the sources, map the new folio, drop mmap_lock.</summary>
public sealed record InstallHuge(int Head, Origin Origin) : CausedRequest(Origin);

/// <summary>Outcome of C7…C10; on SCAN_COPY_MC everything was rolled back.</summary>
public sealed record HugeInstalled(ScanResult Result);
