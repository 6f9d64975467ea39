using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

/// <summary>The recorded LRU-order run (4.12.1): 8 MiB each of lazyfree pages left alone, read once, and half
/// rewritten, above anon pages, with swap.</summary>
public class LruOrderExampleTests
{
    private const int Region = 2048;
    private const long FourMegabytes = 1024;

    /// <summary>Priorities 12, 11, … of each of the ten calls.</summary>
    private static readonly int[][] Cells =
    [
        [1, 2, 5, 11, 23, 47, 94, 186],
        [1, 2, 5, 11, 22, 44, 88],
        [1, 2, 5, 10, 21, 43, 86],
        [1, 2, 5, 10, 21, 42],
        [1, 2, 5, 10, 20, 41],
        [1, 2, 5, 10, 20],
        [1, 2, 5, 10, 20],
        [1, 2, 5, 10, 20],
        [1, 2, 5, 10, 20],
        [1, 2, 4, 9, 19],
    ];

    [Fact] // RC-15, RC-16e, RC-19, RC-20, RC-40
    public void First_request_makes_the_ten_recorded_calls_cell_by_cell()
    {
        QueueGroup group = Recorded();
        List<Call> calls = group.Reclaim(FourMegabytes);
        Assert.Equal([256, 163, 120, 78, 58, 38, 32, 32, 32, 32], calls.Select(call => call.Goal));
        Assert.Equal([369, 173, 168, 81, 79, 38, 38, 38, 38, 35], Results(calls));
        for (int i = 0; i < Cells.Length; i++)
        {
            Assert.Equal(Cells[i], calls[i].Steps.Select(step => (int)step.Amounts.InactiveFile));
            Assert.Equal(Cells[i], calls[i].Steps.Select(step => step.Scanned.Sum()));
            Assert.Equal(Enumerable.Range(0, Cells[i].Length).Select(p => 12 - p), calls[i].Steps.Select(s => s.Priority));
        }

        Assert.Equal(1057, calls.Sum(call => call.Reclaimed));
        Assert.Equal(new LruPages(4117, 2, 5087, 0), group.Sizes);
        Assert.Equal(0, group.Swapped);
    }

    [Fact] // RC-19: rounds of at most 32
    public void First_call_has_the_recorded_rounds()
    {
        List<Step> steps = Recorded().Reclaim(FourMegabytes)[0].Steps;
        Assert.Equal([32, 15], steps[5].Scanned);
        Assert.Equal([32, 32, 30], steps[6].Scanned);
        Assert.Equal([32, 32, 32, 32, 32, 26], steps[7].Scanned);
    }

    [Fact] // RC-25, RC-26: pages that were read get one more turn
    public void Second_request_meets_the_pages_that_were_read()
    {
        QueueGroup group = Recorded();
        group.Reclaim(FourMegabytes);
        List<Call> calls = group.Reclaim(FourMegabytes);
        Assert.Equal([306, 288, 135, 131, 63, 63, 50], Results(calls));
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 96], Scanned(calls[6]));
        Assert.Equal([1, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 45], calls[6].Steps.Select(step => step.Reclaimed));
        Assert.Equal(2048, calls[6].Steps[^1].Amounts.InactiveFile);
    }

    [Fact] // RC-31: the rewritten half survives its first visit
    public void Third_and_fourth_request_give_the_recorded_results()
    {
        QueueGroup group = Recorded();
        group.Reclaim(FourMegabytes);
        group.Reclaim(FourMegabytes);
        Assert.Equal([481, 215, 102, 99, 47, 59, 42], Results(group.Reclaim(FourMegabytes)));
        Assert.Equal([355, 313, 140, 65, 63, 62, 56], Results(group.Reclaim(FourMegabytes)));
        Assert.Equal(1952, group.Sizes.InactiveFile);
    }

    [Fact] // RC-16c, RC-16g, RC-24: stale statistics keep anon out until priority 0
    public void Fifth_request_reaches_anon_only_at_priority_0()
    {
        QueueGroup group = Recorded();
        for (int i = 0; i < 4; i++)
        {
            group.Reclaim(FourMegabytes);
        }

        group.Append(LruKind.InactiveAnon, 37, _ => new QueuedFolio());
        List<Call> calls = group.Reclaim(2 * FourMegabytes);
        Assert.Equal((512, 821), (calls[0].Goal, calls[0].Reclaimed));
        Assert.Equal([0, 0, 1, 3, 7, 15, 30, 59, 114, 215, 377], Scanned(calls[0]));
        Assert.Equal((306, 440), (calls[1].Goal, calls[1].Reclaimed));
        Assert.Equal(107, calls[1].Steps.Take(12).Sum(step => step.Reclaimed));
        Step last = calls[1].Steps[^1];
        Assert.Equal((0, 329), (last.Priority, last.Amounts.InactiveFile));
        Assert.Equal((22, 333), (last.Scanned.Count, last.Reclaimed));
        Assert.Equal(2 + Region / 2, group.Sizes.ActiveAnon);
    }

    private static QueueGroup Recorded()
    {
        var group = new QueueGroup(canSwap: true);
        group.Append(LruKind.InactiveFile, Region, _ => new QueuedFolio { IsFile = true });
        group.Append(LruKind.InactiveFile, Region, _ => new QueuedFolio { IsFile = true, Young = true });
        group.Append(LruKind.InactiveFile, Region,
            i => new QueuedFolio { IsFile = true, Young = i % 2 == 0, Dirty = i % 2 == 0 });
        group.Append(LruKind.InactiveAnon, 4117, i => new QueuedFolio { Young = i < 19 });
        group.Append(LruKind.ActiveAnon, 2, _ => new QueuedFolio());
        return group;
    }

    private static IEnumerable<long> Results(List<Call> calls) => calls.Select(call => call.Reclaimed);

    private static IEnumerable<int> Scanned(Call call) => call.Steps.Select(step => step.Scanned.Sum());
}
