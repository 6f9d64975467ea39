using System.Runtime.CompilerServices;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Invariant 4: a page reads as what was last written to it or, after MADV_FREE, as that or zero; nothing
/// written after MADV_FREE is lost.</summary>
public static class ContentAudit
{
    /// <summary>The content tag a load of this page sees; throws when the invariant is broken.</summary>
    public static byte ReadChecked(Mm mm, long range, int index)
    {
        ref PmdEntry entry = ref mm.Directory.Find(range);
        if (Unsafe.IsNullRef(ref entry) || entry.State is PmdState.None or PmdState.HugeZero)
        {
            return ContentTag.Zero;
        }

        if (entry.State == PmdState.Huge)
        {
            HugeMapping huge = entry.Huge!;
            byte held = mm.Folios.Content(huge.Head + index);
            Check(mm, range, index, held, huge.LastWritten(index), huge.MayBeZero.Has(index));
            return held;
        }

        return ReadChecked(mm, range, entry.Table!, index);
    }

    private static byte ReadChecked(Mm mm, long range, PteTable table, int index)
    {
        if (table.NonPresent.Has(index))
        {
            return table.LastWritten[index];
        }

        byte content = table.Present.Has(index) ? mm.Folios.Content(table.Pfns[index]) : ContentTag.Zero;
        Check(mm, range, index, content, table.LastWritten[index], table.MayBeZero.Has(index));
        return content;
    }

    /// <summary>Checks every page of one range.</summary>
    /// <exception cref="InvariantException">Names the first page that lies.</exception>
    public static void CheckRange(Mm mm, long range)
    {
        for (int index = 0; index < Geometry.PtesPerTable; index++)
        {
            ReadChecked(mm, range, index);
        }
    }

    /// <summary>Checks every page of the address space; throws <see cref="InvariantException"/> at the first lie.</summary>
    public static void CheckAll(Mm mm)
    {
        long resident = 0;
        int huge = 0;
        foreach (long key in mm.Directory.PageKeys)
        {
            PmdEntry[] page = mm.Directory.PageAt(key);
            for (int slot = 0; slot < page.Length; slot++)
            {
                if (page[slot].State == PmdState.None)
                {
                    continue;
                }

                long range = (key << Geometry.PudShift) + ((long)slot << Geometry.PmdShift);
                huge += page[slot].State == PmdState.Huge ? 1 : 0;
                resident += page[slot].State == PmdState.Huge ? Geometry.PtesPerTable : page[slot].Table?.Present.Count() ?? 0;
                for (int index = 0; index < Geometry.PtesPerTable; index++)
                {
                    ReadChecked(mm, range, index);
                }
            }
        }

        if (mm.Detached is { } detached)
        {
            resident += detached.Table.Present.Count();
            for (int index = 0; index < Geometry.PtesPerTable; index++)
            {
                ReadChecked(mm, detached.Range, detached.Table, index);
            }
        }

        if (resident != mm.RssPages || huge != mm.HugeRanges)
        {
            throw new InvariantException(
                $"mm {mm.Id}: page tables hold {resident} pages, {huge} huge ranges; counted {mm.RssPages} and {mm.HugeRanges}");
        }
    }

    private static void Check(Mm mm, long range, int index, byte held, byte written, bool mayBeZero)
    {
        if (held != written && !(mayBeZero && held == ContentTag.Zero))
        {
            throw new InvariantException(
                $"mm {mm.Id} range {range:x} page {index}: holds {held}, but {written} was written{(mayBeZero ? " (or zero)" : "")}");
        }
    }
}
