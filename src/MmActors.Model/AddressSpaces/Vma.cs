using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>VMA flags the rules ask for (state-model.md 1.3).</summary>
[Flags]
public enum VmaFlags
{
    /// <summary>No flag.</summary>
    None = 0,
    /// <summary>VM_WRITE.</summary>
    Write = 1,
    /// <summary>VM_HUGEPAGE, from MADV_HUGEPAGE.</summary>
    HugePage = 2,
    /// <summary>VM_NOHUGEPAGE, from MADV_NOHUGEPAGE.</summary>
    NoHugePage = 4,
    /// <summary>VM_DROPPABLE.</summary>
    Droppable = 8,
    /// <summary>Part of the process image; never eligible for khugepaged.</summary>
    Image = 16,
    /// <summary>Registered with userfaultfd for write protection: max_ptes_none counts as 0.</summary>
    UffdArmed = 32,
}

/// <summary>One virtual memory area, [<see cref="Start"/>, <see cref="End"/>) in bytes.</summary>
public sealed class Vma
{
    /// <summary>First address.</summary>
    public required long Start { get; set; }

    /// <summary>First address behind the area.</summary>
    public required long End { get; set; }

    /// <summary>What was asked for this area; equal neighbours with equal flags merge.</summary>
    public required VmaFlags Flags { get; set; }

    /// <summary>True once a private page was faulted in; without it the area is not eligible (KH-20).</summary>
    public bool HasAnonVma { get; set; }

    /// <summary>KH-14.3 hstart: the first 2 MiB boundary inside.</summary>
    public long HugeStart => Geometry.PmdCeiling(Start);

    /// <summary>KH-14.3 hend: the last 2 MiB boundary inside; below <see cref="HugeStart"/> for a small area.</summary>
    public long HugeEnd => Geometry.PmdFloor(End);

    /// <summary>Whether the address lies inside.</summary>
    public bool Contains(long address) => address >= Start && address < End;

    /// <summary>Whether all given flags are set.</summary>
    public bool Has(VmaFlags flags) => (Flags & flags) == flags;

    /// <summary>Whether the aligned 2 MiB range at this address lies inside.</summary>
    public bool ContainsRange(long range) => range >= Start && range + Geometry.PmdSize <= End;

    /// <summary>A copy with other bounds.</summary>
    public Vma With(long start, long end) => new() { Start = start, End = end, Flags = Flags, HasAnonVma = HasAnonVma };
}
