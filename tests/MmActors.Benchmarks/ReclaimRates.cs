using System.Diagnostics;
using System.Globalization;
using MmActors.Benchmarks.Support;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Benchmarks;

/// <summary>How much memory a second reclaim, swap and the shrinker get through, actors and messages included.</summary>
internal static class ReclaimRates
{
    private const int Rounds = 5;

    /// <summary>Prints the figures: median and range of five rounds after one that is not counted.</summary>
    /// <param name="only">lazyfree, swap or underused; null for all three.</param>
    /// <returns>Exit code 0, or 1 when there is no such figure.</returns>
    public static int Run(string? only)
    {
        bool any = false;
        any |= MeasureIf(only, "lazyfree", "1 GiB lazyfree reclaimed", "pages/s",
            static () => ReclaimMachine.Lazyfree(ByteSize.FromMebibytes(1024)), VmCounter.PgLazyfreed);
        any |= MeasureIf(only, "swap", "256 MiB swapped out and in", "pages/s",
            static () => ReclaimMachine.Swapping(ByteSize.FromMebibytes(256)), VmCounter.PswpIn);
        any |= MeasureIf(only, "underused", "2 GiB of underused THPs split", "THPs/s",
            static () => ReclaimMachine.Underused(ByteSize.FromMebibytes(2048)), VmCounter.ThpUnderusedSplitPage);
        return any ? 0 : 1;
    }

    private static bool MeasureIf(
        string? only, string name, string what, string unit, Func<ReclaimMachine> build, VmCounter counter)
    {
        bool wanted = only is null || only == name;
        if (wanted)
        {
            Measure(what, unit, build, counter);
        }

        return wanted;
    }

    private static void Measure(string what, string unit, Func<ReclaimMachine> build, VmCounter counter)
    {
        var rates = new List<double>();
        long done = 0;
        long messages = 0;
        long allocated = 0;
        for (int round = 0; round <= Rounds; round++)
        {
            using ReclaimMachine machine = build();
            long steps = machine.Steps;
            long before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            machine.Run();
            double seconds = clock.Elapsed.TotalSeconds;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            done = machine.World.Context.Vmstat[counter];
            messages = machine.Steps - steps;
            if (round > 0)
            {
                rates.Add(done / seconds);
            }
        }

        rates.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-30} {rates[Rounds / 2],12:N0} {unit} ({rates[0]:N0} to {rates[^1]:N0}), {(double)messages / done:F3} messages and "
            + $"{(double)allocated / done:F0} bytes each"));
    }
}
