using CsCheck;
using MmActors.Actors;
using MmActors.Experiments.Explaining;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Tests.Worlds;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Programs;

namespace MmActors.Experiments.Tests.Explaining;

/// <summary>Random worlds with a range followed: the run stays the same run, every history can be told, and what is told
/// agrees with the trace.</summary>
public class RandomHistoryTests
{
    private const int Programs = 120;
    private static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void Random_worlds_can_be_told_and_are_not_changed() => Check(WorldGen.Worlds);

    [Fact]
    public void Random_worlds_under_pressure_can_be_told_and_are_not_changed() => Check(PressureGen.Worlds);

    private static void Check(Gen<GeneratedWorld> worlds)
    {
        int scans = 0;
        int deciding = 0;
        void Tell(GeneratedWorld generated)
        {
            foreach (var scan in Histories(generated).SelectMany(static history => history.Scans))
            {
                Interlocked.Increment(ref scans);
                Interlocked.Add(ref deciding, scan.Page is null ? 0 : 1);
                RequireAgreement(scan);
            }
        }

        FixedPrograms.Check(worlds, Programs, Tell);
        Assert.True(scans > Programs && deciding > 10, $"only {scans} scans were told, {deciding} with a deciding page");
    }

    /// <summary>The page that is named bears the state for which the scan is said to have ended.</summary>
    private static void RequireAgreement(ScanEpisode scan)
    {
        var page = scan.Page;
        if (page is null)
        {
            return;
        }

        Assert.True(scan.FailedAtIsolate || page.Index == scan.Scan.Extra - 1, "the deciding page is the last one visited");
        switch (scan.Status)
        {
            case ScanResult.PageLazyfree:
                Assert.True(page.IsPresent && !page.Dirty && (page.Folio & Model.Memory.FolioFlags.SwapBacked) == 0);
                break;
            case ScanResult.ExceedNonePte:
                Assert.False(page.IsPresent || page.IsNonPresent);
                break;
            case ScanResult.ExceedSwapPte or ScanResult.PteNonPresent:
                Assert.True(page.IsNonPresent);
                break;
            case ScanResult.ExceedSharedPte or ScanResult.PageLru or ScanResult.PageLock or ScanResult.PageCount:
                Assert.True(page.IsPresent);
                break;
        }
    }

    private static RangeHistory[] Histories(GeneratedWorld generated)
    {
        string hash = "";
        Hosts.Use(generated.Settings, host =>
        {
            var world = new World(host, generated.Spec);
            world.RunUntil(Horizon);
            hash = world.Events.Hash;
        });
        var variant = new Variant("v", "v6.12", generated.Switches, generated.Thp) { Tasks = generated.Tasks };
        var collectors = generated.Tasks
            .SelectMany(static task => task.Program.OfType<MapStep>(), static (task, map) => new RangeName(task.Name, map.Region, 0, 1))
            .Distinct().Select(name => new HistoryCollector(name, variant)).ToList();
        Hosts.Use(generated.Settings, host =>
        {
            var world = new World(host, generated.Spec);
            foreach (IKernelEventSink collector in collectors)
            {
                world.Events.AttachFollower(collector);
            }

            world.RunUntil(Horizon);
            Assert.Equal(hash, world.Events.Hash);
        });
        RangeHistory[] histories = [.. collectors.Select(static collector => collector.History())];
        Assert.All(histories, static history => Assert.NotEmpty(Narrator.Tell(history).Headline));
        return histories;
    }
}
