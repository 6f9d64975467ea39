using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>What rmap and memcg ask of a folio, in eight bytes: address and family of mms that may map it (the anon_vma
/// tree), and the memory cgroup it is charged to.</summary>
public readonly record struct FolioOwner(long Packed)
{
    private const int AddressBits = 36;
    private const int FamilyBits = 16;
    private const int MemcgShift = AddressBits + FamilyBits;

    /// <summary>Most families (mms that are nobody's fork child) of one world.</summary>
    public const int MaxFamilies = 1 << FamilyBits;

    /// <summary>Most memory cgroups of one world, the root counted.</summary>
    public const int MaxMemcgs = 1 << (64 - MemcgShift - 1);

    /// <summary>Address of the folio's first page in every mm that maps it.</summary>
    public long Address => (Packed & ((1L << AddressBits) - 1)) << Geometry.PageShift;

    /// <summary>Number of the mm at the root of the fork tree.</summary>
    public int Family => (int)(Packed >> AddressBits) & (MaxFamilies - 1);

    /// <summary>Number of the memory cgroup; 0 is the root.</summary>
    public int Memcg => (int)(Packed >> MemcgShift);

    /// <summary>The same for a page that lies further on.</summary>
    public FolioOwner OfPage(int index) => new(Packed + index);

    /// <summary>Packs the three.</summary>
    public static FolioOwner Of(int family, long address, int memcg) =>
        new(((long)memcg << MemcgShift) | ((long)family << AddressBits) | (address >> Geometry.PageShift));
}
