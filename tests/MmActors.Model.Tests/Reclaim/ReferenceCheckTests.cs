using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

public class ReferenceCheckTests
{
    [Theory] // RC-25
    [InlineData(0, false, false, ReferenceVerdict.Reclaim)]
    [InlineData(0, false, true, ReferenceVerdict.Reclaim)]
    [InlineData(0, true, false, ReferenceVerdict.Reclaim)]
    [InlineData(0, true, true, ReferenceVerdict.ReclaimClean)]
    [InlineData(1, false, false, ReferenceVerdict.Keep)]
    [InlineData(1, false, true, ReferenceVerdict.Keep)]
    [InlineData(1, true, false, ReferenceVerdict.Activate)]
    [InlineData(2, false, true, ReferenceVerdict.Activate)]
    public void RC_25_verdicts(int young, bool wasReferenced, bool isFile, ReferenceVerdict verdict) =>
        Assert.Equal(verdict, ReferenceCheck.Decide(young, wasReferenced, isFile, contended: false));

    [Fact] // RC-25
    public void RC_25_a_contended_folio_is_kept_whatever_it_is()
    {
        Assert.Equal(ReferenceVerdict.Keep, ReferenceCheck.Decide(0, true, true, contended: true));
        Assert.Equal(ReferenceVerdict.Keep, ReferenceCheck.Decide(0, false, false, contended: true));
        Assert.False(ReferenceCheck.SetsReferenced(0));
    }

    [Theory] // RC-26: young at each visit, R before the first → verdicts
    [InlineData(new[] { 1, 0 }, false, new[] { ReferenceVerdict.Keep, ReferenceVerdict.Reclaim })]
    [InlineData(new[] { 1, 1 }, false, new[] { ReferenceVerdict.Keep, ReferenceVerdict.Activate })]
    [InlineData(new[] { 1 }, true, new[] { ReferenceVerdict.Activate })]
    [InlineData(new[] { 0 }, false, new[] { ReferenceVerdict.Reclaim })]
    public void RC_26_life_of_an_anon_folio(int[] young, bool populated, ReferenceVerdict[] verdicts) =>
        Assert.Equal(verdicts, Visits(young, populated, isFile: false));

    [Fact] // RC-26
    public void RC_26_a_read_after_MADV_FREE_gives_exactly_one_more_turn() =>
        Assert.Equal([ReferenceVerdict.Keep, ReferenceVerdict.ReclaimClean], Visits([1, 0], false, isFile: true));

    private static List<ReferenceVerdict> Visits(int[] young, bool referenced, bool isFile)
    {
        var verdicts = new List<ReferenceVerdict>();
        foreach (int mappings in young)
        {
            verdicts.Add(ReferenceCheck.Decide(mappings, referenced, isFile, contended: false));
            referenced = ReferenceCheck.SetsReferenced(mappings);
        }

        return verdicts;
    }
}
