using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory;

public class WatermarksTests
{
    [Fact] // RC-3, zoneinfo of the recorded 1 GiB machine
    public void A_gigabyte_with_THP_has_the_recorded_watermarks() =>
        Assert.Equal(new Watermarks(5632, 7040, 8448), Watermarks.For(253_327, khugepagedMayRun: true));

    [Fact] // RC-3, surprise 20: below 512 MiB THP is off
    public void A_small_machine_without_THP_has_the_recorded_watermarks() =>
        Assert.Equal(new Watermarks(516, 645, 774), Watermarks.For(67_660, khugepagedMayRun: false));

    [Fact] // RC-2: capped at 5 % of memory
    public void The_recommendation_for_THP_is_capped_at_a_twentieth() =>
        Assert.Equal(16_384 / 20, Watermarks.For(16_384, khugepagedMayRun: true).Min);

    [Fact] // RC-1
    public void The_minimum_is_clamped()
    {
        Assert.Equal(128 / 4, Watermarks.For(100, khugepagedMayRun: false).Min);
        Assert.Equal(262_144 / 4, Watermarks.For(int.MaxValue, khugepagedMayRun: false).Min);
    }
}
