using System.IO.Hashing;
using System.Runtime.InteropServices;
using MmActors.Actors;
using MmActors.Actors.Tasks;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Experiments.Exploring;

/// <summary>What is checked when no message is on its way, and what must be true once everybody has ended.</summary>
internal static class RestChecks
{
    /// <summary>The full audit, and a split queue that agrees with the folios (DS-2, DS-6).</summary>
    /// <exception cref="InvariantException">Something does not hold.</exception>
    public static void Audit(World world)
    {
        world.Audit();
        FolioTable folios = world.Context.Folios;
        foreach (int head in world.Report.SplitQueue.Heads)
        {
            if (!folios.IsLarge(head) || !folios.Has(head, FolioFlags.DeferredQueued))
            {
                throw new InvariantException($"pfn {head} is on a split queue, but is no queued huge page");
            }
        }
    }

    /// <summary>Whether every task has ended and khugepaged has let go of every address space.</summary>
    public static bool HasEnded(World world)
    {
        foreach (TaskReport task in world.Report.Tasks)
        {
            if (!task.HasExited)
            {
                return false;
            }
        }

        return !world.Context.Thp.KhugepagedRuns || !world.Report.Spaces.Any(static mm => mm.IsRegistered);
    }

    /// <summary>Who has not ended, for a message.</summary>
    public static string WhoWaits(World world)
    {
        string[] tasks = [.. world.Report.Tasks.Where(static task => !task.HasExited).Select(static task => task.Name)];
        return tasks.Length > 0
            ? $"task {string.Join(", ", tasks)} waits for ever"
            : "khugepaged finishes no scan: the slot of an exited mm is never freed";
    }

    /// <summary>After the last exit every page is free, in the blocks it came from, and no slot of the swap device is used. Only
    /// what stood in the swap cache when its last user left may wait for the next reclaim.</summary>
    /// <param name="world">The world.</param>
    /// <param name="kernelPages">Pages the kernel held at boot; page tables have gone with their address spaces.</param>
    /// <exception cref="InvariantException">Something was kept.</exception>
    public static void RequireNothingLeft(World world, int kernelPages)
    {
        MemoryNode node = world.Report.Node;
        node.DrainAll();
        if (node.KernelPages != kernelPages)
        {
            throw new InvariantException($"all tasks have ended, but the kernel holds {node.KernelPages} pages instead of {kernelPages}");
        }

        int orphans = SwapCacheOrphans(node.Folios);
        if (node.FreePages + node.KernelPages + orphans != node.Folios.Pages)
        {
            throw new InvariantException(
                $"all tasks have ended, but {node.Folios.Pages - node.FreePages - node.KernelPages - orphans} pages are not free");
        }

        if ((world.Report.Swap?.UsedSlots ?? 0) != orphans)
        {
            throw new InvariantException($"all tasks have ended, but {world.Report.Swap!.UsedSlots - orphans} swap slots are in use");
        }

        if (world.Report.Spaces.FirstOrDefault(static mm => mm.RssPages != 0 || mm.HugeRanges != 0) is { } mm)
        {
            throw new InvariantException($"mm {mm.Id} has ended with {mm.RssPages} resident pages, {mm.HugeRanges} huge ranges");
        }
    }

    private static int SwapCacheOrphans(FolioTable folios)
    {
        int pages = 0;
        for (int pfn = 0; pfn < folios.Pages;)
        {
            uint word = folios.Word(pfn);
            if (FolioTable.FreePages(word) is > 0 and var free)
            {
                pfn += free;
                continue;
            }

            int size = folios.FolioPages(pfn);
            bool isOrphan = (word & (uint)FolioFlags.SwapCache) != 0 && folios.MapCount(pfn) == 0
                && folios.TransientReferences(pfn) == 0 && (word & (uint)(FolioFlags.Locked | FolioFlags.Writeback)) == 0;
            pages += isOrphan ? size : 0;
            pfn += size;
        }

        return pages;
    }

    /// <summary>Equal for worlds whose pages, page tables and counters are the same.</summary>
    public static ulong Fingerprint(World world)
    {
        var hash = new XxHash3();
        hash.Append(MemoryMarshal.AsBytes(world.Context.Folios.Words));
        Span<long> figures = stackalloc long[4];
        foreach (Mm mm in world.Report.Spaces)
        {
            figures[0] = mm.RssPages;
            figures[1] = mm.HugeRanges;
            figures[2] = (mm.IsExiting ? 1 : 0) | (mm.IsRegistered ? 2 : 0) | (mm.ThpDisabled ? 4 : 0);
            figures[3] = Tables(mm);
            hash.Append(MemoryMarshal.AsBytes(figures));
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static long Tables(Mm mm)
    {
        long mixed = 0;
        foreach (long key in mm.Directory.PageKeys)
        {
            foreach (ref readonly PmdEntry entry in mm.Directory.PageAt(key).AsSpan())
            {
                int pages = entry.State == PmdState.Table ? entry.Table!.Present.Count() : 0;
                mixed = unchecked((mixed * 31) + ((long)entry.State * (Geometry.PtesPerTable + 1)) + pages);
            }
        }

        return mixed;
    }
}
