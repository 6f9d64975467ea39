using System.Runtime.CompilerServices;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.AddressSpaces;

/// <summary>Loads or stores of a user task within one 2 MiB range.</summary>
/// <param name="Range">Start of the range.</param>
/// <param name="Pages">The pages touched.</param>
/// <param name="IsWrite">Store or load.</param>
/// <param name="Value">The byte stored.</param>
/// <param name="WholePages">The store fills whole pages (memset) instead of one byte of each.</param>
/// <param name="FirstBytes">The one byte is the first of each page.</param>
public readonly record struct Access(
    long Range, Bits512 Pages, bool IsWrite, byte Value, bool WholePages, bool FirstBytes = false);

/// <summary>What the hardware does without the kernel: sets y and d, stores bytes (SM-2, T1, T2, UT-6, UT-9).</summary>
public static class UserAccess
{
    /// <summary>Carries out the part of the access that needs no fault; returns the pages that do need one.</summary>
    public static Bits512 Apply(Mm mm, in Access access)
    {
        ref PmdEntry entry = ref mm.Directory.Find(access.Range);
        if (Unsafe.IsNullRef(ref entry))
        {
            return access.Pages;
        }

        switch (entry.State)
        {
            case PmdState.Huge:
                return ApplyHuge(mm, entry.Huge!, access);
            case PmdState.Table:
                return ApplyTable(mm, entry.Table!, access);
            case PmdState.HugeZero when !access.IsWrite:
                return Bits512.None;
            default:
                return access.Pages;
        }
    }

    /// <summary>Number of the pages whose first byte reads as nonzero (RN-9); checks invariant 4 on the way.</summary>
    public static int CountNonzero(Mm mm, long range, in Bits512 pages)
    {
        int count = 0;
        for (int index = pages.NextSet(0); index < Geometry.PtesPerTable; index = pages.NextSet(index + 1))
        {
            count += ContentAudit.ReadChecked(mm, range, index) != ContentTag.Zero ? 1 : 0;
        }

        return count;
    }

    private static Bits512 ApplyHuge(Mm mm, HugeMapping huge, in Access access)
    {
        if (access.IsWrite && !huge.Writable)
        {
            return access.Pages;
        }

        huge.Young = true;
        if (!access.IsWrite)
        {
            return Bits512.None;
        }

        huge.Dirty = true;
        if (access.WholePages && access.Pages.IsFull)
        {
            byte filled = ContentTag.Filled(access.Value);
            mm.Folios.SetUniformContent(huge.Head, filled);
            huge.WriteAll(filled);
            return Bits512.None;
        }

        for (int index = access.Pages.NextSet(0); index < Geometry.PtesPerTable; index = access.Pages.NextSet(index + 1))
        {
            byte tag = Store(mm.Folios, huge.Head + index, access);
            huge.Write(index, tag);
        }

        return Bits512.None;
    }

    private static Bits512 ApplyTable(Mm mm, PteTable table, in Access access)
    {
        Bits512 reachable = access.IsWrite ? table.Present & table.Writable : table.Present | table.Zero;
        Bits512 done = access.Pages & reachable;
        table.Young |= done;
        if (access.IsWrite)
        {
            table.Dirty |= done;
            StoreAll(mm.Folios, table, done, access);
        }

        return access.Pages.Without(done);
    }

    private static void StoreAll(FolioTable folios, PteTable table, in Bits512 pages, in Access access)
    {
        byte filled = ContentTag.Filled(access.Value);
        if (access.WholePages && pages.IsFull && folios.TryFillContent(table.Pfns, filled))
        {
            ((Span<byte>)table.LastWritten).Fill(filled);
            table.MayBeZero = Bits512.None;
            return;
        }

        for (int index = pages.NextSet(0); index < Geometry.PtesPerTable; index = pages.NextSet(index + 1))
        {
            table.LastWritten[index] = Store(folios, table.Pfns[index], access);
        }

        table.MayBeZero = table.MayBeZero.Without(pages);
    }

    private static byte Store(FolioTable folios, int pfn, in Access access)
    {
        byte tag = access.WholePages ? ContentTag.Filled(access.Value)
            : access.FirstBytes ? ContentTag.AfterFirstByte(folios.Content(pfn), access.Value)
            : ContentTag.AfterStore(folios.Content(pfn), access.Value);
        folios.SetContent(pfn, tag);
        return tag;
    }
}
