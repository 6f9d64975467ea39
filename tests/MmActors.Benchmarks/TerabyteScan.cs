using System.Diagnostics;
using System.Globalization;
using MmActors.Benchmarks.Support;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Benchmarks;

/// <summary>One full traversal of khugepaged over one huge address space of 4 KiB pages, through the real actors. All
/// pages are old, so every range is refused as lack_referenced_page after its 512 PTEs: the dearest scan there is.</summary>
internal static class TerabyteScan
{
    private const long Mebibyte = 1L << 20;

    /// <summary>Builds, scans and prints. Exit code 2 for a size it cannot read.</summary>
    /// <param name="size">Whole GiB or TiB of mapped memory: 64G, 1T.</param>
    public static int Run(string size)
    {
        if (!TryParse(size, out ByteSize area))
        {
            Console.Error.WriteLine($"--size takes whole GiB or TiB such as 64G or 1T, not '{size}'");
            return 2;
        }

        var clock = Stopwatch.StartNew();
        var memory = new ByteSize(area.Bytes + (area.Bytes / 16));
        using var machine = new ActorMachine(area, memory, new ThpSettings { PagesToScan = uint.MaxValue });
        machine.Populate(old: true);
        double buildSeconds = clock.Elapsed.TotalSeconds;
        long live = GC.GetTotalMemory(forceFullCollection: true);
        long steps = machine.Steps;
        clock.Restart();
        machine.RunFullScan();
        double scanSeconds = clock.Elapsed.TotalSeconds;
        Print($"mapped                {area} = {area.Pages:N0} pages in {machine.Ranges:N0} ranges");
        Print($"build                 {buildSeconds:F2} s, {buildSeconds / machine.Ranges * 1e9:N0} ns per range");
        Print($"live heap             {live / Mebibyte:N0} MiB, {(double)live / area.Pages:F2} bytes per mapped page");
        Print($"process               {Environment.WorkingSet / Mebibyte:N0} MiB resident");
        Print($"traversal             {scanSeconds:F3} s, {machine.Ranges / scanSeconds:N0} ranges/s");
        Print($"per range             {scanSeconds / machine.Ranges * 1e9:F0} ns, {(double)(machine.Steps - steps) / machine.Ranges:F2} messages");
        Print($"simulated             {machine.TraversalTime.TotalSeconds:N3} s");
        return 0;
    }

    private static bool TryParse(string text, out ByteSize size)
    {
        size = default;
        int shift = text.EndsWith('T') ? 40 : text.EndsWith('G') ? 30 : 0;
        if (shift == 0 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is 0 or > 1024)
        {
            return false;
        }

        size = new ByteSize((long)count << shift);
        return size.Bytes <= 4L << 40;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
