using System.Reflection;
using Akka.Actor;
using MmActors.Actors.Reclaim;
using MmActors.Experiments.Soaking;
using MmActors.Model.Memory;

namespace MmActors.Experiments.Tests.Soaking;

/// <summary>Hours and days of a population: the same every time, and audited.</summary>
public class SoakTests
{
    private static readonly TimeSpan Hours = TimeSpan.FromMinutes(75);

    [Fact]
    public void A_soak_is_the_same_whatever_it_is_sliced_reported_and_audited_by()
    {
        (SoakResult one, _) = Soaks.Run(Soaks.Of(Hours));
        (SoakResult other, _) = Soaks.Run(Soaks.Of(Hours) with
        {
            ReportEvery = TimeSpan.FromMinutes(7),
            AuditEvery = TimeSpan.FromMinutes(25),
        });
        Assert.Equal((one.Hash, one.Totals), (other.Hash, other.Totals));
        Assert.NotEqual(one.Hash, Soaks.Run(Soaks.Of(Hours, seed: 2)).Result.Hash);
    }

    [Fact]
    public void Every_part_of_the_model_is_at_work_and_every_audit_passes()
    {
        (SoakResult result, List<SoakPeriod> periods) = Soaks.Run(Soaks.Of(TimeSpan.FromHours(2)));
        SoakTotals totals = result.Totals;
        Assert.All(
            (long[])[totals.Forked, totals.OomKilled, totals.HugeFaults, totals.Collapses, totals.Lazyfree, totals.Lazyfreed, totals.SwappedIn,
                totals.SwappedOut, totals.Splits, totals.UnderusedSplits, totals.Scanned, totals.KswapdRuns, totals.FullScans],
            static count => Assert.True(count > 0));
        Assert.Equal((4L, 4), (result.Audits, periods.Count));
        Assert.All(periods, static period => Assert.InRange(period.Used, 0.5, 1));
        Assert.All(periods, static period => Assert.InRange(period.Alive, 12, 40)); // 20 places, workers besides
    }

    [Fact]
    public void The_rows_add_up_to_the_summary()
    {
        (SoakResult result, List<SoakPeriod> periods) = Soaks.Run(Soaks.Of(TimeSpan.FromMinutes(100)));
        Assert.Equal([30, 60, 90, 100], periods.Select(static period => period.End.TotalMinutes));
        Assert.Equal([1, 2, 3, 4], periods.Select(static period => period.Number));
        foreach (PropertyInfo counter in typeof(SoakTotals).GetProperties())
        {
            Assert.Equal(
                (long)counter.GetValue(result.Totals)!,
                periods.Sum(period => (long)counter.GetValue(period.Counts)!));
        }

        Assert.Equal(result.Totals.Started - result.Totals.Exited, periods[^1].Alive);
    }

    [Fact] // RC-32a
    public void Family_numbers_go_round_and_pass_over_those_in_use()
    {
        var families = new RmapFamilies();
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => families.NextNumber()));
        families.Add(5, ActorRefs.Nobody);
        families.Add(2, ActorRefs.Nobody);
        Assert.Equal([4, 6], Enumerable.Range(0, 2).Select(_ => families.NextNumber()));
        int last = 6;
        while (last != FolioOwner.MaxFamilies - 1)
        {
            last = families.NextNumber();
        }

        Assert.Equal([1, 3, 4, 6], Enumerable.Range(0, 4).Select(_ => families.NextNumber()));
    }

    [Fact]
    public void A_world_lives_on_when_the_family_numbers_begin_anew()
    {
        bool isSet = false;
        (SoakResult result, _) = Soaks.Run(Soaks.Of(Hours), run =>
        {
            if (!isSet)
            {
                isSet = true;
                typeof(RmapFamilies).GetField("_last", BindingFlags.Instance | BindingFlags.NonPublic)!
                    .SetValue(run.World.Context.Families, FolioOwner.MaxFamilies - 20);
            }
        });
        Assert.True(result.Totals.Started > 100);
        Assert.Equal(3, result.Audits);
        Assert.Equal(Soaks.Run(Soaks.Of(Hours)).Result.Hash, result.Hash); // the numbers are in no event
    }

    [Fact]
    public void A_page_that_is_mapped_once_too_often_is_found_by_the_next_audit()
    {
        var failure = Assert.Throws<InvariantException>(() => Soaks.Run(Soaks.Of(Hours), run =>
        {
            if (run.State.Time == TimeSpan.FromMinutes(30))
            {
                FolioTable folios = run.World.Context.Folios;
                folios.MapSmall(Enumerable.Range(0, folios.Pages).Last(pfn => !folios.IsLarge(pfn) && folios.PageMapCount(pfn) == 1
                    && FolioTable.FreePages(folios.Word(pfn)) == 0));
            }
        }));
        Assert.Contains("but 1 mappings", failure.Message);
    }
}
