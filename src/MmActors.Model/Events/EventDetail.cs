using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Model.Events;

/// <summary>What an event says besides its numbers. The run's hash does not know it.</summary>
public sealed record EventDetail
{
    /// <summary>A task, a region, or a knob with the value written to it.</summary>
    public string? Name { get; init; }

    /// <summary>When what the event ends began; told to those who derive durations.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>On whose behalf an operation began, or which one a task waited for.</summary>
    public Origin Cause { get; init; }

    /// <summary>Pages an madvise call covered.</summary>
    public long Pages { get; init; }

    /// <summary>The followed range right after the event.</summary>
    public RangeImage? Image { get; init; }

    /// <summary>The PTE at which a loop over the range ended; null when it reached the end.</summary>
    public PteImage? Page { get; init; }
}

/// <summary>Names of waiters for mmap_lock that are no user task.</summary>
public static class KernelWaiters
{
    /// <summary>A collapse, or MADV_COLLAPSE's scan.</summary>
    public const string Collapse = "collapse";
}

/// <summary>One 2 MiB range at one moment, counted in PTEs.</summary>
/// <param name="State">What its PMD entry holds; null when not even the page of PMD entries exists.</param>
/// <param name="Present">PTEs that map a page; 512 when huge.</param>
/// <param name="ZeroPages">PTEs that map the shared zero page.</param>
/// <param name="Swapped">Non-present PTEs.</param>
/// <param name="Referenced">Present PTEs that count as referenced (KH 2.7 step 12).</param>
/// <param name="Lazyfree">Present PTEs of lazyfree folios that are clean.</param>
/// <param name="Shared">Present PTEs whose page somebody else maps too (SM-10).</param>
/// <param name="Head">The order-9 folio of a huge range, else −1.</param>
public sealed record RangeImage(
    PmdState? State, int Present, int ZeroPages, int Swapped, int Referenced, int Lazyfree, int Shared, int Head)
{
    /// <summary>Whether a PMD maps the range.</summary>
    public bool IsHuge => State is PmdState.Huge or PmdState.HugeZero;
}

/// <summary>One PTE at one moment.</summary>
/// <param name="Index">Its place in the table, 0…511.</param>
/// <param name="IsPresent">It maps a page of a folio.</param>
/// <param name="IsNonPresent">A swap entry, migration entry or marker (SM-1).</param>
/// <param name="IsZeroPage">It maps the shared zero page.</param>
/// <param name="Dirty">The dirty bit.</param>
/// <param name="Folio">Flags of the folio behind a present PTE.</param>
public sealed record PteImage(
    int Index, bool IsPresent, bool IsNonPresent, bool IsZeroPage, bool Dirty, FolioFlags Folio);
