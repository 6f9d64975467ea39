using Akka.Actor;
using MmActors.Actors.Reclaim;
using MmActors.Model.Memory;

namespace MmActors.Experiments.Tests.Soaking;

/// <summary>No larger at the end than in the middle. By itself, because other tests' memory would be counted with it.</summary>
[Collection(nameof(SoakGrowthTests))]
[CollectionDefinition(nameof(SoakGrowthTests), DisableParallelization = true)]
public class SoakGrowthTests
{
    [Fact]
    public void Nothing_grows_with_the_number_of_tasks_there_have_been()
    {
        List<(long Started, int Size, long Bytes)> seen = [];
        Soaks.Run(Soaks.OfBriefTasks(TimeSpan.FromMinutes(60)) with { AuditEvery = TimeSpan.FromHours(1) }, run =>
        {
            int size = ActorsBelow((ActorRefWithCell)((ExtendedActorSystem)run.Host.System).Guardian)
                + run.World.Report.Tasks.Count + run.World.Report.Spaces.Count + Families(run.World.Context.Families)
                + run.Host.Kernel.PendingTimers;
            seen.Add((run.World.Report.Started, size, GC.GetTotalMemory(forceFullCollection: true)));
        });

        // Looks ten minutes apart: what is there at the first half is what is there at the second.
        Assert.Equal(6, seen.Count);
        Assert.True(seen[^1].Started > 5 * seen[0].Started);
        Assert.True(seen[^1].Started > 8_000);
        double early = seen.Take(3).Average(static look => look.Size);
        Assert.InRange(seen.Skip(3).Average(static look => look.Size), 0.8 * early, 1.2 * early);
        Assert.InRange(seen.Max(static look => look.Size), 1, 600);
        double earlyBytes = seen.Take(3).Average(static look => look.Bytes);
        Assert.InRange(seen.Skip(3).Average(static look => look.Bytes), 0, 1.1 * earlyBytes);
    }

    private static int ActorsBelow(ActorRefWithCell actor) =>
        actor.Children.Sum(static child => 1 + (child is ActorRefWithCell parent ? ActorsBelow(parent) : 0));

    private static int Families(RmapFamilies families) =>
        Enumerable.Range(1, FolioOwner.MaxFamilies - 1).Count(number => !families[number].IsEmpty);
}
