using CsCheck;
using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

public class LruVisitTests
{
    private static readonly Gen<long> Amount =
        Gen.OneOf(Gen.Const(0L), Gen.Long[1, 40], Gen.Long[1, 700]);

    private static readonly Gen<(LruPages Amounts, long Goal, bool Always, int Yield)> Visits =
        from inactiveAnon in Amount
        from activeAnon in Amount
        from inactiveFile in Amount
        from activeFile in Amount
        from goal in Gen.Long[32, 600]
        from always in Gen.Bool
        from yield in Gen.Int[0, 100]
        select (new LruPages(inactiveAnon, activeAnon, inactiveFile, activeFile), goal, always, yield);

    [Fact] // RC-19
    public void RC_19_lists_take_turns_of_at_most_32_in_kernel_order()
    {
        List<(LruKind, int)> turns = Run(new LruPages(40, 33, 0, 5), goal: 32, always: false, yieldPercent: 0);
        Assert.Equal(
            [
                (LruKind.InactiveAnon, 32), (LruKind.ActiveAnon, 32), (LruKind.ActiveFile, 5),
                (LruKind.InactiveAnon, 8), (LruKind.ActiveAnon, 1),
            ],
            turns);
    }

    [Fact] // RC-19
    public void RC_19_active_anon_alone_never_starts_a_round() =>
        Assert.Empty(Run(new LruPages(0, 500, 0, 0), goal: 32, always: false, yieldPercent: 0));

    [Fact] // RC-19
    public void RC_19_the_goal_is_tested_when_a_round_is_complete() =>
        Assert.Equal([(LruKind.InactiveAnon, 32), (LruKind.InactiveFile, 32)],
            Run(new LruPages(32, 0, 64, 0), goal: 32, always: false, yieldPercent: 100));

    [Fact] // RC-19: 68 of 101 anon pages left are 67 %, so 33 % of 1000 file pages are due; then anon is used up
    public void RC_19_the_type_with_less_left_is_dropped() =>
        Assert.Equal([(LruKind.InactiveAnon, 32), (LruKind.InactiveFile, 32), (LruKind.InactiveFile, 32)],
            Run(new LruPages(100, 0, 1000, 0), goal: 32, always: false, yieldPercent: 100));

    [Fact] // RC-19: 68 of 101 left are 67 %: 33 of 100 are due, 32 are done
    public void RC_19_file_is_dropped_when_both_types_are_equal() =>
        Assert.Equal([(LruKind.InactiveAnon, 32), (LruKind.InactiveFile, 32), (LruKind.InactiveAnon, 1)],
            Run(new LruPages(100, 0, 100, 0), goal: 32, always: false, yieldPercent: 100));

    [Fact] // RC-19
    public void RC_19_direct_global_reclaim_at_priority_12_scans_everything()
    {
        List<(LruKind Kind, int Pages)> turns =
            Run(new LruPages(100, 0, 1000, 0), goal: 32, always: true, yieldPercent: 100);
        Assert.Equal(1100, turns.Sum(turn => turn.Pages));
    }

    [Fact] // RC-19
    public void RC_19_agrees_with_the_rule_written_out() => Visits.Sample(visit =>
        Assert.Equal(WrittenOut(visit.Amounts, visit.Goal, visit.Always, visit.Yield),
            Run(visit.Amounts, visit.Goal, visit.Always, visit.Yield)));

    [Fact] // RC-19
    public void RC_19_never_hands_out_more_than_the_amounts() => Visits.Sample(visit =>
    {
        List<(LruKind Kind, int Pages)> turns = Run(visit.Amounts, visit.Goal, visit.Always, visit.Yield);
        LruPages left = visit.Amounts;
        foreach ((LruKind kind, int pages) in turns)
        {
            Assert.InRange(pages, 1, 32);
            left[kind] -= pages;
        }

        Assert.True(left is { InactiveAnon: >= 0, ActiveAnon: >= 0, InactiveFile: >= 0, ActiveFile: >= 0 });
        if (visit.Yield == 0 || visit.Always)
        {
            Assert.Equal(0, left.InactiveAnon + left.File);
        }
    });

    private static List<(LruKind Kind, int Pages)> Run(LruPages amounts, long goal, bool always, int yieldPercent)
    {
        var visit = new LruVisit();
        visit.Begin(amounts, goal, always);
        var turns = new List<(LruKind, int)>();
        long reclaimed = 0;
        while (visit.TryNext(out LruKind list, out int pages))
        {
            turns.Add((list, pages));
            Assert.True(turns.Count <= amounts.Total);
            visit.Add(pages * yieldPercent / 100);
            reclaimed += pages * yieldPercent / 100;
        }

        Assert.Equal(reclaimed, visit.Reclaimed);
        return turns;
    }

    /// <summary>The sentences of RC-19 one after the other, on plain arrays.</summary>
    private static List<(LruKind Kind, int Pages)> WrittenOut(LruPages amounts, long goal, bool always, int yieldPercent)
    {
        long[] t = [amounts.InactiveAnon, amounts.ActiveAnon, amounts.InactiveFile, amounts.ActiveFile];
        long[] n = [.. t];
        var turns = new List<(LruKind, int)>();
        long reclaimed = 0;
        while (n[0] != 0 || n[2] != 0 || n[3] != 0)
        {
            for (int list = 0; list < 4; list++)
            {
                int k = (int)Math.Min(32, n[list]);
                if (k > 0)
                {
                    n[list] -= k;
                    turns.Add(((LruKind)list, k));
                    reclaimed += k * yieldPercent / 100;
                }
            }

            if (reclaimed < goal || always)
            {
                continue;
            }

            long file = n[2] + n[3];
            long anon = n[0] + n[1];
            if (file == 0 || anon == 0)
            {
                break;
            }

            int dropped = file > anon ? 0 : 2;
            int other = 2 - dropped;
            long pct = (n[dropped] + n[dropped + 1]) * 100 / (t[dropped] + t[dropped + 1] + 1);
            n[dropped] = n[dropped + 1] = 0;
            for (int list = other; list < other + 2; list++)
            {
                long done = t[list] - n[list];
                n[list] = t[list] * (100 - pct) / 100;
                n[list] -= Math.Min(n[list], done);
            }
        }

        return turns;
    }
}
