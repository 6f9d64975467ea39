using System.Runtime.CompilerServices;
using MmActors.Model.Costs;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>A batch of uniform random reads over a region: which pages it touches, and what maps them. The pages are
/// drawn per page with the probability that at least one of the reads hits it, so no read is simulated singly.</summary>
public sealed class RandomReadBatch(Mm mm, long start, int pages, int accesses, bool wantsHugeMap)
{
    private long FirstRange => Geometry.PmdFloor(start);

    private long End => start + ((long)pages << Geometry.PageShift);

    /// <summary>Sets the accessed bits; returns the reads that need a fault.</summary>
    public List<Access> Touch(RandomStream random)
    {
        double missed = Power(1.0 - (1.0 / pages), accesses);
        List<Access> faulting = [];
        long end = End;
        for (long range = FirstRange; range < end; range += Geometry.PmdSize)
        {
            ref PmdEntry entry = ref mm.Directory.Find(range);
            PmdState state = Unsafe.IsNullRef(ref entry) ? PmdState.None : entry.State;
            if (state == PmdState.Huge)
            {
                entry.Huge!.Young = true;
                continue;
            }

            if (state == PmdState.HugeZero || (state == PmdState.Table && IsAllYoung(entry.Table!)))
            {
                continue;
            }

            Bits512 drawn = Draw(random, 1.0 - missed) & Windows.PagesOf(range, start, end);
            Bits512 left = UserAccess.Apply(mm, new Access(range, drawn, false, 0, false));
            if (!left.IsEmpty)
            {
                faulting.Add(new Access(range, left, false, 0, false));
            }
        }

        return faulting;
    }

    /// <summary>Pages mapped huge, pages mapped by PTEs, and one bit per range that is huge.</summary>
    public (int Huge, int Small, ulong[]? Map) Mappings()
    {
        int huge = 0;
        ulong[]? map = wantsHugeMap ? new ulong[((End - FirstRange) >> Geometry.PmdShift >> 6) + 1] : null;
        int index = 0;
        long end = End;
        for (long range = FirstRange; range < end; range += Geometry.PmdSize, index++)
        {
            if (mm.Directory.StateOf(range) is PmdState.Huge or PmdState.HugeZero)
            {
                huge += (int)((Math.Min(range + Geometry.PmdSize, end) - Math.Max(range, start)) >> Geometry.PageShift);
                if (map is not null)
                {
                    map[index >> 6] |= 1UL << index;
                }
            }
        }

        return (huge, pages - huge, map);
    }

    /// <summary>An integer power by squaring: only multiplications, so every machine gets the same bits.</summary>
    private static double Power(double factor, int exponent)
    {
        double power = 1.0;
        for (; exponent > 0; exponent >>= 1)
        {
            power *= (exponent & 1) != 0 ? factor : 1.0;
            factor *= factor;
        }

        return power;
    }

    private static bool IsAllYoung(PteTable table) => (table.Young & (table.Present | table.Zero)).IsFull;

    private static Bits512 Draw(RandomStream random, double probability)
    {
        Bits512 drawn = Bits512.None;
        for (int word = 0; word < Bits512.Words; word++)
        {
            drawn[word] = random.NextMask(probability);
        }

        return drawn;
    }
}
