using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

/// <summary>The recorded re-collapse run with swap (4.12.2): sixteen THPs and 23 small pages on inactive_anon, nothing
/// else.</summary>
public class SwappedThpExampleTests
{
    private const long EightMegabytes = 2048;

    [Fact] // RC-15, RC-16f, RC-39
    public void Every_row_of_the_table_has_the_recorded_cost_share_and_amount()
    {
        List<Step> steps = Recorded().ReclaimWithOldStatistics(EightMegabytes)[0].Steps;
        Assert.Equal([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2], steps.Select(step => step.Priority));
        Assert.Equal([2, 4, 8, 16, 32, 64, 128, 256, 513, 1026, 2053], steps.Select(s => s.Sizes.InactiveAnon >> s.Priority));
        Assert.Equal([0, 0, 1, 2, 5, 11, 532, 1044, 1034, 1541, 1088], steps.Select(step => step.AnonCostBefore));
        Assert.Equal([0, 1, 1, 3, 6, 11, 22, 44, 89, 179, 359], steps.Select(step => step.Amounts.InactiveAnon));
        (long, long)[] shares =
        [
            (60, 140), (60, 140), (80, 280), (84, 326), (87, 373), (88, 396),
            (89, 419), (89, 419), (89, 419), (89, 419), (89, 419),
        ];
        Assert.Equal(shares, steps.Select(step => ScanBalance.Shares(60, step.AnonCostBefore, 0)));
    }

    [Fact] // RC-19, RC-21: one THP exceeds the 32 pages of a turn
    public void Rounds_take_what_was_recorded()
    {
        List<Step> steps = Recorded().ReclaimWithOldStatistics(EightMegabytes)[0].Steps;
        Assert.Equal([0, 1, 1, 3, 6, 521, 512, 1024, 1536, 3072, 2071], steps.Select(step => step.Scanned.Sum()));
        Assert.Equal([512, 512, 512, 535], steps[^1].Scanned);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 534], steps.Select(step => step.Reclaimed));
    }

    [Fact] // RC-36a, RC-40
    public void First_request_swaps_four_whole_THPs()
    {
        QueueGroup group = Recorded();
        List<Call> calls = group.ReclaimWithOldStatistics(EightMegabytes);
        Assert.Equal([512, 378, 250, 122], calls.Select(call => call.Goal));
        Assert.Equal([534, 512, 512, 512], calls.Select(call => call.Reclaimed));
        Assert.All(calls.Skip(1), call => Assert.Equal([0L, 0, 1], call.Steps.Select(s => s.Amounts.InactiveAnon)));
        Assert.Equal(2070, group.Swapped);
        Assert.Equal(12, calls[^1].Steps[^1].Thps);
    }

    [Fact] // DS-9, DS-8: the shrinker looks after the lists of the same step
    public void Shrinker_carries_over_what_was_recorded()
    {
        List<Call> calls = Recorded().ReclaimWithOldStatistics(EightMegabytes);
        List<Step> steps = calls[0].Steps;
        Assert.Equal([16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 15], steps.Select(step => step.Thps));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 2, 6, 12], steps.Select(step => step.Deferred));
        Assert.Equal([(14, 12L), (13, 12L), (12, 12L)],
            calls.Skip(1).Select(call => (call.Steps[^1].Thps, call.Steps[^1].Deferred)));
    }

    [Fact] // RC-40
    public void Second_request_has_the_recorded_results()
    {
        QueueGroup group = Recorded();
        group.ReclaimWithOldStatistics(EightMegabytes);
        Assert.Equal([1024, 1024, 512, 512, 512, 512], group.Reclaim(2 * EightMegabytes).Select(call => call.Reclaimed));
    }

    /// <summary>Three pages are younger than the THPs and than the last flush; one of them was just used.</summary>
    private static QueueGroup Recorded()
    {
        var group = new QueueGroup(canSwap: true);
        group.Append(LruKind.InactiveAnon, 20, _ => new QueuedFolio { Young = true });
        group.Append(LruKind.InactiveAnon, 16, _ => new QueuedFolio { Young = true, Pages = 512 });
        group.Stale = group.Sizes;
        group.Append(LruKind.InactiveAnon, 3, i => new QueuedFolio { Young = i == 0 });
        return group;
    }
}
