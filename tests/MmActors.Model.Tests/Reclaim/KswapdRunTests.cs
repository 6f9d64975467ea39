using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

public class KswapdRunTests
{
    private const long Target = 8448;

    [Fact] // RC-11
    public void RC_11_priority_stays_while_enough_is_scanned_and_something_found()
    {
        KswapdRun run = Started();
        run.EndStep(Target, 1, Target, balanced: false, cacheTrimSeen: false);
        Assert.Equal(12, run.Priority);
        run.EndStep(Target - 1, 500, Target, balanced: false, cacheTrimSeen: false);
        Assert.Equal(11, run.Priority);
        run.EndStep(2 * Target, 0, Target, balanced: false, cacheTrimSeen: false);
        Assert.Equal(10, run.Priority);
        Assert.Equal(501, run.Reclaimed);
    }

    [Fact] // RC-11
    public void RC_11_a_balanced_node_ends_the_run()
    {
        KswapdRun run = Started();
        run.EndStep(10, 0, Target, balanced: true, cacheTrimSeen: true);
        Assert.True(run is { IsOver: true, EndedBalanced: true, Failed: false, CacheTrimOff: false });
    }

    [Fact] // RC-11, RC-12
    public void RC_12_a_full_run_without_a_page_fails()
    {
        KswapdRun run = Started();
        Assert.Equal(12, Steps(run, reclaimed: 0, cacheTrimSeen: false));
        Assert.True(run is { EndedBalanced: false, Failed: true, Priority: 0 });
        run.Begin();
        Assert.Equal(12, Steps(run, reclaimed: 1, cacheTrimSeen: true));
        Assert.False(run.Failed || run.CacheTrimOff);
        Assert.Equal(12, run.Reclaimed);
    }

    [Fact] // RC-11
    public void RC_11_a_run_in_vain_is_repeated_once_without_cache_trim()
    {
        KswapdRun run = Started();
        Assert.Equal(24, Steps(run, reclaimed: 0, cacheTrimSeen: true));
        Assert.True(run is { CacheTrimOff: true, Failed: true });
        run.Begin();
        Assert.False(run.CacheTrimOff || run.IsOver);
    }

    [Fact] // RC-11: the loop ends at priority 0 before the node is looked at again
    public void RC_11_after_the_last_priority_balance_is_not_asked()
    {
        KswapdRun run = Started();
        for (int i = 0; i < 11; i++)
        {
            run.EndStep(0, 0, Target, balanced: false, cacheTrimSeen: false);
        }

        run.EndStep(0, 0, Target, balanced: true, cacheTrimSeen: false);
        Assert.True(run is { IsOver: true, EndedBalanced: false, Failed: true });
    }

    [Fact]
    public void A_step_outside_a_run_is_refused() =>
        Assert.Throws<InvariantException>(() => new KswapdRun().EndStep(1, 1, 1, balanced: false, cacheTrimSeen: false));

    private static KswapdRun Started()
    {
        var run = new KswapdRun();
        run.Begin();
        return run;
    }

    private static int Steps(KswapdRun run, long reclaimed, bool cacheTrimSeen)
    {
        int steps = 0;
        while (!run.IsOver)
        {
            run.EndStep(Target - 1, reclaimed, Target, balanced: false, cacheTrimSeen);
            steps++;
        }

        return steps;
    }
}
