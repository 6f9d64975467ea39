namespace MmActors.Model.Units;

/// <summary>The x86-64 page geometry every rule of the specification counts in (state-model.md, constants).</summary>
public static class Geometry
{
    /// <summary>log2 of the base page size: 4096 bytes.</summary>
    public const int PageShift = 12;

    /// <summary>Bytes per base page.</summary>
    public const int PageSize = 1 << PageShift;

    /// <summary>log2 of the bytes one PMD entry maps: 2 MiB.</summary>
    public const int PmdShift = 21;

    /// <summary>Bytes per PMD range.</summary>
    public const int PmdSize = 1 << PmdShift;

    /// <summary>log2 of the bytes one page of PMD entries maps: 1 GiB.</summary>
    public const int PudShift = 30;

    /// <summary>PTEs per page table, and base pages per PMD-order folio (HPAGE_PMD_NR).</summary>
    public const int PtesPerTable = 512;

    /// <summary>Buddy order of a PMD-sized folio.</summary>
    public const int PmdOrder = 9;

    /// <summary>The address rounded down to its 2 MiB range.</summary>
    public static long PmdFloor(long address) => address & ~(PmdSize - 1L);

    /// <summary>The address rounded up to the next 2 MiB boundary (KH-14.3: hstart).</summary>
    public static long PmdCeiling(long address) => (address + PmdSize - 1) & ~(PmdSize - 1L);

    /// <summary>Index of the PTE that maps the address within its table, 0…511.</summary>
    public static int PteIndex(long address) => (int)(address >> PageShift) & (PtesPerTable - 1);
}
