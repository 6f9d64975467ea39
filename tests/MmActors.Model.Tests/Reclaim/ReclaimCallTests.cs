using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

/// <summary>Calls, writes and charges: who tries how often (RC-20, RC-40, RC-60, RC-62).</summary>
public class ReclaimCallTests
{
    [Fact] // RC-20
    public void RC_20_a_call_that_finds_nothing_makes_two_passes()
    {
        var call = new ReclaimCall();
        call.Begin(32, isMemcg: true);
        Assert.False(call.WalksAllMemcgs);
        Assert.Equal([.. Descent, .. Descent], Priorities(call));
        Assert.Equal((2, true, false, false), State(call));
    }

    [Fact] // RC-20
    public void RC_20_skipped_deactivation_earns_a_third_pass_that_forces_it()
    {
        var call = new ReclaimCall();
        call.Begin(32, isMemcg: true);
        call.NoteSkippedDeactivation();
        Assert.Equal(3 * 13, Priorities(call).Count);
        Assert.Equal((3, true, true, false), State(call));
    }

    [Fact] // RC-20
    public void RC_20_memory_low_is_ignored_in_the_pass_after()
    {
        var call = new ReclaimCall();
        call.Begin(32, isMemcg: false);
        call.NoteSkippedDeactivation();
        call.NoteLowHonoured();
        Assert.Equal(4 * 13, Priorities(call).Count);
        Assert.Equal((4, true, false, true), State(call));
    }

    [Fact] // RC-20
    public void RC_20_any_page_ends_the_call_after_the_pass()
    {
        var call = new ReclaimCall();
        call.Begin(32, isMemcg: true);
        call.Add(1);
        Assert.Equal(Descent, Priorities(call));
        Assert.Equal((1, 1L), (call.Pass, call.Reclaimed));
    }

    [Fact] // RC-20, RC-14
    public void RC_20_the_goal_ends_the_call_after_the_priority()
    {
        var call = new ReclaimCall();
        call.Begin(32, isMemcg: true);
        Assert.True(call.NextPriority());
        call.Add(31);
        Assert.False(call.GoalReached);
        Assert.True(call.NextPriority());
        call.Add(1);
        Assert.True(call.GoalReached);
        Assert.False(call.NextPriority());
        Assert.Equal(10, call.Priority);
    }

    [Fact] // RC-20
    public void RC_20_compaction_that_is_ready_ends_the_call()
    {
        var call = new ReclaimCall();
        call.Begin(32, isMemcg: false);
        call.NoteCompactionReady();
        Assert.False(call.NextPriority());
    }

    [Theory] // RC-20, DS-11
    [InlineData(false, 40)]
    [InlineData(true, 0)]
    public void RC_20_slab_pages_count_in_global_reclaim_only(bool isMemcg, long counted)
    {
        var call = new ReclaimCall();
        call.Begin(32, isMemcg);
        call.AddSlab(40);
        Assert.Equal(counted, call.Reclaimed);
        Assert.Equal(!isMemcg, call.GoalReached);
    }

    [Fact] // RC-20
    public void RC_20_a_second_call_begins_afresh()
    {
        var call = new ReclaimCall();
        call.Begin(32, isMemcg: true);
        call.NoteSkippedDeactivation();
        Assert.Equal(39, Priorities(call).Count);
        call.Begin(64, isMemcg: true);
        Assert.Equal((12, 1, 0L, 64L), (call.Priority, call.Pass, call.Reclaimed, call.Goal));
        Assert.Equal(26, Priorities(call).Count);
    }

    [Fact] // RC-40
    public void RC_40_the_17th_zero_call_ends_the_write()
    {
        var write = new ReclaimWrite(256);
        for (int i = 0; i < 16; i++)
        {
            Assert.False(write.IsLastRetry);
            write.Add(0);
            Assert.False(write.IsDone);
        }

        Assert.True(write.IsLastRetry);
        write.Add(0);
        Assert.True(write is { IsDone: true, Failed: true, Reclaimed: 0 });
    }

    [Fact] // RC-40
    public void RC_40_pages_between_zero_calls_do_not_restore_the_tolerance()
    {
        var write = new ReclaimWrite(1000);
        for (int i = 0; i < 16; i++)
        {
            write.Add(0);
            write.Add(1);
        }

        Assert.True(write.IsLastRetry && !write.IsDone);
        write.Add(0);
        Assert.True(write.Failed);
        Assert.Equal(16, write.Reclaimed);
    }

    [Fact] // RC-40
    public void RC_40_each_call_aims_at_a_quarter_of_the_rest()
    {
        var write = new ReclaimWrite(1024);
        Assert.Equal(256, write.NextGoal);
        write.Add(369);
        Assert.Equal(163, write.NextGoal);
        write.Add(600);
        Assert.Equal(32, write.NextGoal);
        write.Add(100);
        Assert.True(write is { IsDone: true, Failed: false, Reclaimed: 1069 });
        Assert.True(new ReclaimWrite(0).IsDone);
    }

    [Fact] // RC-62: the recorded run made 16 calls and one kill
    public void RC_62_sixteen_zero_calls_are_followed_by_a_kill()
    {
        var limit = new LimitReclaim();
        int calls = 0;
        while (limit.Next(2000, 1000) == LimitStep.Reclaim)
        {
            calls++;
            limit.Add(0);
        }

        Assert.Equal(16, calls);
        Assert.Equal(LimitStep.OomKill, limit.Next(2000, 1000));
        Assert.Equal(LimitStep.OomKill, limit.Next(1001, 1000));
        Assert.Equal(LimitStep.Done, limit.Next(25, 1000));
    }

    [Fact] // RC-62
    public void RC_62_calls_aim_at_the_excess_while_they_find_pages()
    {
        var limit = new LimitReclaim();
        Assert.Equal((1000L, 32L), (limit.GoalFor(2000, 1000), limit.GoalFor(1001, 1000)));
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(LimitStep.Reclaim, limit.Next(2000 - i, 1000));
            limit.Add(1);
        }

        Assert.Equal(LimitStep.Done, limit.Next(1000, 1000));
    }

    [Theory] // RC-60, surprise 15: a collapse; a huge fault outside MADV_HUGEPAGE areas
    [InlineData(false, 18)]
    [InlineData(true, 2)]
    public void RC_60_an_order_9_charge_that_cannot_be_met_fails_after(bool noRetry, int calls)
    {
        var charge = new ChargeRetry(512, noRetry);
        Assert.Equal(512, charge.Goal);
        List<ChargeStep> steps = Fail(charge, 100);
        Assert.Equal([ChargeStep.Reclaim, ChargeStep.DrainStocksAndRetry, ChargeStep.Reclaim], steps.Take(3));
        Assert.Equal(ChargeStep.Fail, steps[^1]);
        Assert.Equal(calls, steps.Count(step => step == ChargeStep.Reclaim));
        Assert.Equal((calls, calls + 2), (charge.Calls, steps.Count));
    }

    [Fact] // RC-60
    public void RC_60_a_small_charge_kills_after_18_calls_and_goes_on()
    {
        var charge = new ChargeRetry(1, noRetry: false);
        Assert.Equal(32, charge.Goal);
        List<ChargeStep> steps = Fail(charge, 38);
        Assert.Equal([19, 37], Enumerable.Range(0, 38).Where(i => steps[i] == ChargeStep.OomKill));
        Assert.Equal(18 + 17, charge.Calls);
    }

    [Theory] // RC-60: only order ≤ 3 goes on for the sake of progress
    [InlineData(8, 101)]
    [InlineData(9, 18)]
    public void RC_60_progress_keeps_a_small_charge_trying(int pages, int calls)
    {
        var charge = new ChargeRetry(pages, noRetry: false);
        ChargeStep step = charge.AfterFailure(-1);
        for (int i = 0; i < 101 && step != ChargeStep.Fail; i++)
        {
            step = charge.AfterFailure(1);
        }

        Assert.Equal(calls, charge.Calls);
    }

    [Fact] // RC-60: the recorded call beside 16 MiB of lazyfree neighbours
    public void RC_60_one_call_frees_936_pages_from_priority_12_to_3()
    {
        var group = new QueueGroup(canSwap: false);
        group.Append(LruKind.InactiveFile, 4096, _ => new QueuedFolio { IsFile = true });
        group.Stale = group.Sizes;
        Call call = group.ReclaimOnce(new ChargeRetry(512, noRetry: false).Goal);
        Assert.Equal([1, 1, 3, 7, 15, 31, 63, 124, 240, 451], call.Steps.Select(step => step.Reclaimed));
        Assert.Equal((936, 3, 1), (call.Reclaimed, call.Steps[^1].Priority, call.Passes));
    }

    private static int[] Descent => [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

    private static List<int> Priorities(ReclaimCall call)
    {
        var priorities = new List<int>();
        do
        {
            priorities.Add(call.Priority);
        }
        while (call.NextPriority());
        return priorities;
    }

    private static (int, bool, bool, bool) State(ReclaimCall call) =>
        (call.Pass, call.WalksAllMemcgs, call.ForcesDeactivation, call.IgnoresLow);

    private static List<ChargeStep> Fail(ChargeRetry charge, int most)
    {
        var steps = new List<ChargeStep> { charge.AfterFailure(-1) };
        while (steps.Count < most && steps[^1] != ChargeStep.Fail)
        {
            steps.Add(charge.AfterFailure(0));
        }

        return steps;
    }
}
