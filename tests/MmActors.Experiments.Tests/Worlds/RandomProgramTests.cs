using CsCheck;
using MmActors.Actors;
using MmActors.Model.Memory;
using MmActors.Runtime;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Random programs through the real actors, in order of arrival and in random order: whatever a task does while
/// khugepaged works, the invariants hold, every task ends and every page comes back.</summary>
public class RandomProgramTests
{
    /// <summary>Programs a run, the same in every run. MMACTORS_PROGRAMS=N asks for N new ones, and shrinks what fails.</summary>
    private const int Programs = 4000;
    private const int ProgramsUnderPressure = 10_000;

    private static readonly TimeSpan AuditInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A task over memory.high sleeps up to 2 s after each fault (RC-61), so its world lasts longer.</summary>
    private static readonly TimeSpan PatienceOverHigh = TimeSpan.FromMinutes(20);

    [Fact] // architecture.md section 5
    public void Random_programs_keep_every_invariant() => SampleWorlds(WorldGen.Worlds, Programs);

    [Fact] // architecture.md section 5, under reclaim, swap, limits and OOM kills
    public void Random_programs_under_pressure_keep_every_invariant() => SampleWorlds(PressureGen.Worlds, ProgramsUnderPressure);

    private static void SampleWorlds(Gen<GeneratedWorld> worlds, int programs)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("MMACTORS_PROGRAMS"), out int wanted))
        {
            worlds.Sample(CheckWorld, iter: wanted, print: static world => world.ToString());
            return;
        }

        FixedPrograms.Check(worlds, programs, CheckWorld);
    }

    /// <summary>Worlds that once failed, as long as the generator is what it was: a page served twice, a swap entry read for
    /// ever, a swap cache look-up of a folio that left, an activation of a folio still on its list, an mm that exited between two
    /// steps of a reverse-map walk.</summary>
    [Theory]
    [InlineData("bYoGMdUoiQd1")]
    [InlineData("7VzyhFIbEyo2")]
    [InlineData("0ns49kwiOz62")]
    [InlineData("bYG8Zn-LYK41")]
    [InlineData("2TToyEDozB51")]
    [InlineData("3PkXUUO1lP82")]
    public void Worlds_that_once_failed_keep_every_invariant(string seed) =>
        FixedPrograms.CheckOne(PressureGen.WorldsOf(withHigh: true), seed, CheckWorld);

    /// <summary>As above, of the mixture with and without memory.high: a page of the swap cache reused while its parent's entry
    /// named the slot.</summary>
    [Theory]
    [InlineData("73H1W1NNVzs4")]
    [InlineData("es1vijLmhso1Q1")]
    [InlineData("8RljevfG9PWLB")]
    public void Worlds_of_the_mixture_that_once_failed_keep_every_invariant(string seed) => FixedPrograms.CheckOne(PressureGen.Worlds, seed, CheckWorld);

    internal static void CheckWorld(GeneratedWorld generated) => Hosts.Use(generated.Settings, host => CheckWorldOn(host, generated));

    internal static void CheckWorldOn(IRunHost host, GeneratedWorld generated)
    {
        var world = new World(host, generated.Spec);
        var log = new EventLog();
        world.Events.Attach(log);
        bool hasHigh = generated.Pressure?.HasHighLimit(generated.Tasks) ?? false;
        RunToTheEnd(host, world, hasHigh ? PatienceOverHigh : Patience, reclaims: generated.Pressure is not null);
        WorldChecks.RequireNoForgottenLock(world);
        WorldChecks.RequireCollapseCounters(world, log, underWay: 1);
        WorldChecks.RequireBudgetAddsUp(log, generated.Switches);
        WorldChecks.RequireFaultCounters(world, log);
        WorldChecks.RequireOneRegistrationEach(log);
        WorldChecks.RequireNothingLeaked(world, generated.Pressure?.KernelPages ?? 0);
    }

    private static void RunToTheEnd(IRunHost host, World world, TimeSpan patience, bool reclaims)
    {
        long[] counters = new long[VmStat.Count];
        TimeSpan time = TimeSpan.Zero;
        for (int rest = 3; rest > 0 && time < patience; time += time < Patience ? AuditInterval : Patience)
        {
            Assert.Equal(RunOutcome.HorizonReached, world.RunUntil(time));
            world.Audit();
            WorldChecks.RequireSplitQueueMatchesFolios(world);
            if (!reclaims)
            {
                WorldChecks.RequireNoForgottenLock(world);
            }

            for (int index = 0; index < counters.Length; index++)
            {
                long value = world.Context.Vmstat[(VmCounter)index];
                Assert.True(value >= counters[index], $"{VmStat.Name((VmCounter)index)} went back");
                counters[index] = value;
            }

            rest -= world.Report.Tasks.All(static task => task.HasExited) ? 1 : 0;
        }

        world.Finish();
        Assert.All(world.Report.Tasks, task => Assert.True(task.HasExited, $"{task.Name} did not end by {host.Kernel.Now}"));
    }
}
