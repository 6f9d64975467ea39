using System.Globalization;
using MmActors.Runtime.Concurrent;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>The random programs again, their actors at work at the same time on real threads: the same checks, at rest every 50
/// simulated milliseconds and at the end. A program that fails need not fail again; its text is in the message.</summary>
public class ConcurrentWorldTests
{
    /// <summary>Programs a run. MMACTORS_CONCURRENT_PROGRAMS=N asks for as many of each kind.</summary>
    private static readonly int Programs = int.TryParse(
        Environment.GetEnvironmentVariable("MMACTORS_CONCURRENT_PROGRAMS"), CultureInfo.InvariantCulture, out int wanted) ? wanted : 150;

    [Fact] // architecture.md sections 4 and 5
    public void Random_programs_keep_every_invariant_on_real_threads() => FixedPrograms.Check(WorldGen.Worlds, Programs, CheckWorld);

    [Fact] // under reclaim, swap, limits and OOM kills
    public void Random_programs_under_pressure_keep_every_invariant_on_real_threads() =>
        FixedPrograms.Check(PressureGen.Worlds, Programs, CheckWorld);

    private static void CheckWorld(GeneratedWorld generated)
    {
        using ConcurrentHost host = ConcurrentHost.Start(new ConcurrentSettings { StepLimit = 100_000_000 });
        RandomProgramTests.CheckWorldOn(host, generated);
    }
}
