using MmActors.Actors;
using MmActors.Model.Injection;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Experiments.Exploring;

/// <summary>One member of a swarm: tunables, memory, and what goes wrong how often, all drawn from one seed. Many differing
/// configurations find more than one that has everything (Groce, Zhang, Eide, Chen and Regehr, "Swarm Testing", ISSTA
/// 2012); each draw therefore leaves out about half of what could be varied.</summary>
/// <param name="Spec">The world.</param>
/// <param name="Rates">Chances of the fault points.</param>
/// <param name="KillStep">Step after which a task is killed; 0 for none.</param>
/// <param name="KillMm">Its address space.</param>
internal sealed record SwarmDraw(WorldSpec Spec, FaultRates Rates, long KillStep, int KillMm)
{
    private static readonly int[] PagesToScan = [1, 512, 600, 4096, 65_536];
    private static readonly int[] MaxPtesNone = [0, 64, 255, 409, 511];
    private static readonly int[] MaxPtesSwap = [0, 64, 511];
    private static readonly int[] MaxPtesShared = [0, 256, 511];
    private static readonly int[] ScanSleep = [1, 4, 20, 100];
    private static readonly int[] AllocSleep = [1, 10, 100];
    private static readonly int[] Swappiness = [0, 10, 60, 100, 200];
    private static readonly int[] Rates16Bit = [64, 512, 2048, 8192]; // 0.1 % … 12.5 %

    /// <summary>The scenario as it is: nothing drawn, nothing goes wrong.</summary>
    public static SwarmDraw Nothing(WorldSpec spec) =>
        new(spec, new FaultRates(new int[Enum.GetValues<FaultPoint>().Length]), 0, 0);

    /// <summary>Draws a member.</summary>
    /// <param name="spec">The scenario's world.</param>
    /// <param name="seed">Seed of the schedule.</param>
    /// <param name="expectedSteps">Steps of a run, about: a kill falls into them.</param>
    public static SwarmDraw Of(WorldSpec spec, ulong seed, long expectedSteps)
    {
        SeededRandom random = SeededRandom.ForStream(seed, "swarm");
        ThpSettings thp = spec.Thp with
        {
            PagesToScan = (uint)Maybe(random, PagesToScan, (int)Math.Min(int.MaxValue, spec.Thp.PagesToScan)),
            ScanSleepMillisecs = (uint)Maybe(random, ScanSleep, (int)spec.Thp.ScanSleepMillisecs),
            AllocSleepMillisecs = (uint)Maybe(random, AllocSleep, (int)spec.Thp.AllocSleepMillisecs),
            MaxPtesNone = Maybe(random, MaxPtesNone, spec.Thp.MaxPtesNone),
            MaxPtesSwap = Maybe(random, MaxPtesSwap, spec.Thp.MaxPtesSwap),
            MaxPtesShared = Maybe(random, MaxPtesShared, spec.Thp.MaxPtesShared),
        };
        WorldSpec drawn = spec with
        {
            Thp = thp,
            Vm = spec.Vm with { Swappiness = Maybe(random, Swappiness, spec.Vm.Swappiness) },
            Memory = Memory(spec, random),
        };
        var chances = new int[Enum.GetValues<FaultPoint>().Length];
        for (int point = 0; point < chances.Length; point++)
        {
            chances[point] = Maybe(random, Rates16Bit, 0);
        }

        bool kills = chances[(int)FaultPoint.TaskKill] > 0;
        long step = 1 + random.NextInt64(Math.Max(1, expectedSteps));
        int mm = 1 + random.NextInt32(spec.Tasks.Length);
        return new SwarmDraw(drawn, new FaultRates(chances), kills ? step : 0, mm);
    }

    private static ByteSize Memory(WorldSpec spec, SeededRandom random)
    {
        long ranges = spec.Memory.Bytes / Geometry.PmdSize;
        long least = Math.Max(8, (ranges + 1) / 2);
        bool varies = random.NextInt32(2) == 0;
        long drawn = least + random.NextInt64(ranges - least + 1);
        return varies && spec.KernelPages < drawn * Geometry.PtesPerTable / 2
            ? ByteSize.FromPages(drawn * Geometry.PtesPerTable) : spec.Memory;
    }

    /// <summary>One of the values, or in half of all cases what was there.</summary>
    private static int Maybe(SeededRandom random, int[] values, int otherwise)
    {
        bool varies = random.NextInt32(2) == 0;
        int drawn = values[random.NextInt32(values.Length)];
        return varies ? drawn : otherwise;
    }
}
