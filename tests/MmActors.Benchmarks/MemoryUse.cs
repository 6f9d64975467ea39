using MmActors.Benchmarks.Support;
using MmActors.Model.Units;

namespace MmActors.Benchmarks;

/// <summary>Measures what the model keeps per simulated page and per huge range: live bytes of the heap before and
/// after. It was 19 bytes per 4 KiB page all told before a page knew its owner, which reclaim needs; and it must stay a
/// constant per huge range.</summary>
internal static class MemoryUse
{
    private const int Ranges = 4096;

    /// <summary>Prints the figures.</summary>
    public static void Print()
    {
        long empty = LiveBytes();
        var machine = new ModelMachine(Ranges);
        long built = LiveBytes();
        for (int range = 0; range < Ranges; range++)
        {
            machine.Populate(range);
        }

        long populated = LiveBytes();
        const double MappedPages = (double)Ranges * Geometry.PtesPerTable;
        double node = (double)(built - empty) / machine.Folios.Pages;
        double tables = (populated - built) / MappedPages;
        GC.KeepAlive(machine);
        Console.WriteLine($"{Ranges} ranges of 4 KiB pages, bytes per page:");
        Console.WriteLine($"  page array, lists, content   {node,8:F2}");
        Console.WriteLine($"  page tables                  {tables,8:F2}");
        Console.WriteLine($"  together                     {node + tables,8:F2}");
        PrintHuge();
    }

    private static void PrintHuge()
    {
        var machine = new ModelMachine(Ranges);
        long built = LiveBytes();
        for (int range = 0; range < Ranges; range++)
        {
            machine.PopulateHuge(range);
        }

        Console.WriteLine($"{Ranges} huge ranges, bytes per range besides the node's page array:");
        Console.WriteLine($"  mapping and PMD entry        {(double)(LiveBytes() - built) / Ranges,8:F2}");
        GC.KeepAlive(machine);
    }

    private static long LiveBytes() => GC.GetTotalMemory(forceFullCollection: true);
}
