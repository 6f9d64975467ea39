using MmActors.Experiments.Populations;
using MmActors.Experiments.Tests.Scenarios;

namespace MmActors.Experiments.Tests.Soaking;

/// <summary>One case per kind of mistake in a population.</summary>
public class BadPopulationTests
{
    private const string Good = "name: a, kind: idle, weight: 1, memory_percent: 10, lifetime: 1h, period: 1m";

    [Theory]
    [InlineData("population: {}", "population needs the key 'classes'")]
    [InlineData("population: 64", "'population' takes a map")]
    [InlineData("population: {classes: []}", "'classes' takes 1…32 classes, not 0")]
    [InlineData("population: {task: 3, classes: [{" + Good + "}]}", "unknown key 'task' in population; did you mean 'tasks'?")]
    [InlineData("population: {tasks: 0, classes: [{" + Good + "}]}", "'tasks' takes a whole number 1…2048, not '0'")]
    [InlineData("population: {gap: 10, classes: [{" + Good + "}]}", "'gap: 10' needs a unit")]
    [InlineData("population: {classes: [{kind: idle}]}", "classes needs the key 'name'")]
    [InlineData("population: {classes: [{" + Good + "}, {" + Good + "}]}", "class 'a' appears twice, first on line 6")]
    [InlineData("population: {classes: [{" + Good + ", huge: now}]}", "unknown value 'now' for 'huge'; allowed: mixed, early, late, never")]
    [InlineData("population: {classes: [{" + Good + ", decay: 1m}]}", "'decay' is for classes of kind allocator, not idle")]
    [InlineData("population: {classes: [{" + Good + ", workers: 2}]}", "'workers' is for classes of kind forker, not idle")]
    [InlineData("population: {classes: [{" + Good + ", overrun_percent: 101}]}", "'overrun_percent' takes a number 0…100, not '101'")]
    [InlineData("population: {classes: [{" + Good + ", cgroups: g}]}", "cgroup 'g' is not declared: the scenario has no 'cgroups'")]
    public void A_population_that_cannot_be_is_refused(string line, string message)
    {
        var fault = Yaml.Refused(Yaml.WithLines(line));
        Assert.Equal((Yaml.File, 6), (fault.File, fault.Line));
        Assert.Contains(message, fault.Message);
    }

    [Theory]
    [InlineData("kind: idle", "kind: lazy", "unknown value 'lazy' for 'kind'")]
    [InlineData("weight: 1", "weight: 0", "'weight' takes a whole number 1…1000, not '0'")]
    [InlineData("memory_percent: 10", "memory_percent: -1", "'memory_percent' takes a number 0…400, not '-1'")]
    [InlineData("lifetime: 1h", "lifetime: 1ms", "'lifetime' takes 1s or more, not '1ms'")]
    [InlineData("period: 1m", "period: 0", "'period' takes 1s or more, not '0'")]
    public void A_class_that_cannot_be_is_refused(string good, string bad, string message) => Assert.Contains(
        message,
        Yaml.Refused(Yaml.WithLines("population: {classes: [{" + Good.Replace(good, bad, StringComparison.Ordinal) + "}]}")).Message);

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        PopulationSpec read = Yaml.Load(Yaml.WithLines("population: {classes: [{" + Good + "}]}")).Population!;
        Assert.Equal((64, TimeSpan.FromMinutes(2)), (read.Tasks, read.Gap));
        PopulationClass only = Assert.Single(read.Classes);
        Assert.Equal(
            ("a", TaskKind.Idle, HugeAdvice.Mixed, 25.0, 0.0, TimeSpan.FromMinutes(10), 4),
            (only.Name, only.Kind, only.Huge, only.ActivePercent, only.OverrunPercent, only.Decay, only.Workers));
        Assert.Null(Yaml.Load(Yaml.WithLines()).Population);
    }
}
