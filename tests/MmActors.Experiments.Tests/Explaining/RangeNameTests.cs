using MmActors.Experiments.Explaining;
using MmActors.Experiments.Tests.Scenarios;

namespace MmActors.Experiments.Tests.Explaining;

public class RangeNameTests
{
    private const string Yaml8 = """
        duration: 10s
        tasks:
        - name: t
          program:
          - map: {region: r, size: 8M}
          - map: {region: odd, size: 3M, fixed: 1M}
          - fork: {child: kid, do: [{map: {region: own, size: 1M}}]}
        - name: idle
          program: [{sleep: 1s}]
        """;

    [Theory]
    [InlineData("t/r/3", "t/r/3 of 4")]
    [InlineData("t/odd/1", "t/odd/1 of 2")]
    [InlineData("kid/r/0", "kid/r/0 of 4")]
    [InlineData("kid/own/0", "kid/own/0 of 1")]
    public void A_range_is_a_window_of_a_region_of_a_task_or_of_a_child(string given, string read)
    {
        var name = RangeName.Parse(given, Yaml.Load(Yaml8).Variants[0]);
        Assert.Equal(read, $"{name} of {name.Windows}");
    }

    [Theory]
    [InlineData("t/r", "a range is TASK/REGION/RANGE, such as t/r/0, not 't/r'")]
    [InlineData("t//1", "a range is TASK/REGION/RANGE, such as t/r/0, not 't//1'")]
    [InlineData("x/r/0", "unknown task 'x' that maps memory in variant v6.12; did you mean 't'? allowed: t, kid")]
    [InlineData("idle/r/0", "unknown task 'idle' that maps memory in variant v6.12; allowed: t, kid")]
    [InlineData("t/own/0", "unknown region 'own' of task t in variant v6.12; allowed: r, odd")]
    [InlineData("t/r/4", "unknown range '4' of t/r; allowed: 0 to 3")]
    [InlineData("t/r/-1", "unknown range '-1' of t/r; allowed: 0 to 3")]
    [InlineData("kid/own/1", "unknown range '1' of kid/own; allowed: 0")]
    public void A_name_that_nothing_bears_is_refused_with_what_there_is(string given, string message) => Assert.Equal(
        message, Assert.Throws<UnknownRangeException>(() => RangeName.Parse(given, Yaml.Load(Yaml8).Variants[0])).Message);
}
