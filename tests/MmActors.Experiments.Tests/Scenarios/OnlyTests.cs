using System.Collections.Immutable;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Scenarios;

/// <summary><c>only</c>: steps of some variants, resolved when the file is read.</summary>
public class OnlyTests
{
    private const string Variants = "variants: [{name: read-swap}, {name: read-noswap}, {name: write-swap}]\n";

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a", "", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("read1-*", "read1-baseline", true)]
    [InlineData("read1-*", "read1-", true)]
    [InlineData("read1-*", "read1", false)]
    [InlineData("read1-*", "xread1-y", false)]
    [InlineData("*-swap", "read1-swap", true)]
    [InlineData("*-swap", "read1-noswap", false)]
    [InlineData("*-swap", "a-swap-swap", true)]
    [InlineData("r*-*-swap", "read1-baseline-swap", true)]
    [InlineData("r*-*-swap", "read1-swap", false)]
    [InlineData("a**b", "ab", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("A", "a", false)]
    public void A_star_matches_any_run_of_characters(string pattern, string name, bool matches) =>
        Assert.Equal(matches, OnlySteps.Matches(pattern, name));

    [Fact]
    public void The_steps_stand_in_the_list_as_if_without_only()
    {
        var programs = Programs(
            "- snap: a", "- only: {variants: [read-*], do: [snap: b, snap: c]}",
            "- only: {variants: [\"*-swap\"], do: [snap: d]}", "- snap: e");
        Assert.Equal(["a b c d e", "a b c e", "a d e"], programs.Select(Snaps));
    }

    [Fact]
    public void One_pattern_of_several_is_enough()
    {
        var programs = Programs("- snap: a", "- only: {variants: [read-swap, write-*], do: [snap: b]}");
        Assert.Equal(["a b", "a", "a b"], programs.Select(Snaps));
    }

    [Fact]
    public void Loops_and_forks_take_part()
    {
        var programs = Programs(
            "- loop: {times: 3, do: [{snap: a}, {only: {variants: [write-*], do: [sleep: 1s]}}]}",
            "- fork:", "    child: c", "    do:", "    - only: {variants: [read-swap], do: [exit]}");
        Assert.Equal([1, 1, 2], programs.Select(p => Assert.IsType<LoopStep>(p[0]).Body.Length));
        Assert.Equal([1, 0, 0], programs.Select(p => Assert.IsType<ForkStep>(p[1]).Body.Length));
    }

    [Fact]
    public void A_loop_without_steps_of_the_variant_is_not_there()
    {
        var programs = Programs(
            "- snap: a", "- loop:", "    times: 5", "    do:", "    - only: {variants: [write-swap], do: [snap: b]}");
        Assert.Equal([1, 1, 2], programs.Select(p => p.Length));
        Assert.Equal("b", Snaps(Assert.IsType<LoopStep>(programs[2][1]).Body));
    }

    [Fact]
    public void Loops_and_forks_may_stand_inside()
    {
        var programs = Programs(
            "- map: {region: r, size: 1H}",
            "- only:", "    variants: [read-swap]", "    do:",
            "    - loop: {times: 2, do: [write: {region: r, byte: i}]}",
            "    - fork: {child: c, do: [count: {region: r}]}");
        Assert.Equal([3, 1, 1], programs.Select(p => p.Length));
        Assert.Equal(2, Assert.IsType<LoopStep>(programs[0][1]).Count);
        Assert.Equal("c", Assert.IsType<ForkStep>(programs[0][2]).Child);
    }

    [Fact]
    public void Only_inside_only_needs_both()
    {
        var programs = Programs(
            "- only:", "    variants: [read-*]", "    do:", "    - snap: a",
            "    - only: {variants: [\"*-swap\"], do: [snap: b]}");
        Assert.Equal(["a b", "a", ""], programs.Select(Snaps));
    }

    [Fact]
    public void Steps_of_other_variants_are_not_executed()
    {
        var programs = Programs(
            "- only: {variants: [read-*], do: [loop: {times: 99999999, do: [sleep: 0]}]}",
            "- only: {variants: [write-*], do: [loop: {times: 99999998, do: [sleep: 0]}]}");
        Assert.Equal([99_999_999, 99_999_999, 99_999_998], programs.Select(p => Assert.IsType<LoopStep>(p[0]).Count));
    }

    [Fact]
    public void Programs_are_read_once_per_distinct_variant()
    {
        var variants = Yaml.Load(
            Yaml.WithSteps("- snap: a", "- only: {variants: [read-*], do: [snap: b]}") + Variants).Variants;
        Assert.Equal(variants[0].Tasks, variants[1].Tasks); // the same array
        Assert.NotEqual(variants[0].Tasks, variants[2].Tasks);
    }

    [Fact]
    public void A_region_has_in_each_variant_the_size_it_was_mapped_with()
    {
        var programs = Programs(
            "- only: {variants: [read-*], do: [map: {region: r, size: 1H}]}",
            "- only: {variants: [write-*], do: [map: {region: r, size: 2H}]}",
            "- only: {variants: [write-*], do: [count: {region: r, offset: 1H}]}");
        Assert.Equal([1, 1, 2], programs.Select(p => p.Length));
        Assert.Equal(ByteSize.FromMebibytes(4), Assert.IsType<MapStep>(programs[2][0]).Size);
    }

    [Fact]
    public void Without_variants_the_name_is_that_of_the_kernel_preset()
    {
        Assert.Equal("a", Snaps([.. Yaml.Steps("- only: {variants: [v6.12], do: [snap: a]}")]));
        Assert.Contains("allowed: v6.12", Yaml.Refused(
            Yaml.WithSteps("- only: {variants: [v7.1], do: [snap: a]}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replicas_have_the_steps_of_the_variant()
    {
        var variants = Yaml.Load(Variants + """
            duration: 10s
            tasks:
              - name: t
                count: 2
                program:
                  - only: {variants: [read-*], do: [fork: {child: c, do: [exit]}]}
            """).Variants;
        Assert.Equal(
            ["c-1", "c-2"], variants[0].Tasks.Select(t => Assert.IsType<ForkStep>(Assert.Single(t.Program)).Child));
        Assert.All(variants[2].Tasks, t => Assert.Empty(t.Program));
    }

    [Theory]
    [InlineData("{variants: [raed-swap], do: [exit]}", 5, "unknown variant 'raed-swap'; did you mean 'read-swap'? allowed: read-swap, read-noswap, write-swap")]
    [InlineData("{variants: [read-*, zzz], do: [exit]}", 5, "unknown variant 'zzz'; allowed: read-swap, read-noswap, write-swap")]
    [InlineData("{variants: [], do: [exit]}", 5, "'variants' of only has no pattern")]
    [InlineData("{variants: read-*, do: [exit]}", 5, "'variants' takes a list of '- …' lines, found 'read-*'")]
    [InlineData("{variants: [[read-*]], do: [exit]}", 5, "'variants' takes one value, found a list")]
    [InlineData("{variants: [*-swap], do: [exit]}", 5, "write the value out; quote a pattern that begins with *")]
    [InlineData("{variants: [read-*]}", 5, "only needs the key 'do'")]
    [InlineData("{do: [exit]}", 5, "only needs the key 'variants'")]
    [InlineData("{variants: [read-*], do: []}", 5, "'do' has no step")]
    [InlineData("{variants: [read-*], steps: [exit]}", 5, "unknown key 'steps' in only; allowed: variants, do")]
    [InlineData("[exit]", 5, "'only' takes a map of 'key: value' lines, found a list")]
    [InlineData("{variants: [write-*], do: [slep: 1s]}", 5, "did you mean 'sleep'? allowed: map")]
    [InlineData("{variants: [read-*], do: [only: {variants: [write-*], do: [exit]}]}", 5, "no variant has these steps: the 'only' around them leaves none that matches")]
    public void A_wrong_only_is_refused(string args, int line, string message) => Expect([$"- only: {args}"], line, message);

    [Fact]
    public void A_pattern_is_at_most_64_characters_long() => Expect(
        [$"- only: {{variants: ['{new string('*', 65)}'], do: [exit]}}"],
        5, "a pattern takes 1…64 characters, not 65");

    [Fact]
    public void A_region_mapped_in_some_variants_is_usable_only_there()
    {
        string[] steps = ["- only: {variants: [read-*], do: [map: {region: r, size: 1H}]}", "- count: {region: r}"];
        Expect(steps, 6, "region 'r' is used before any map step (in variant 'write-swap')");
        Assert.Equal(2, Programs(steps[0], "- only: {variants: [read-*], do: [count: {region: r}]}")[0].Length);
    }

    [Fact]
    public void A_region_mapped_for_all_is_not_mapped_again_for_some() => Expect(
        ["- map: {region: r, size: 1H}", "- only: {variants: [write-*], do: [map: {region: r, size: 1H}]}"], 6,
        "region 'r' is already mapped, on line 5 (in variant 'write-swap')");

    [Fact]
    public void A_loop_must_leave_its_regions_alike_in_every_variant() => Expect(
        ["- map: {region: r, size: 1H}", "- loop:", "    times: 2", "    do:", "    - only:",
            "        variants: [read-noswap]", "        do: [munmap: {region: r}]"],
        7, "the second iteration would fail (in variant 'read-noswap')");

    [Fact]
    public void Nothing_follows_an_exit_in_the_same_variant()
    {
        string[] steps = ["- only: {variants: [read-*], do: [exit]}", "- only: {variants: [write-*], do: [snap: b]}"];
        Assert.Equal([1, 1, 1], Programs(steps).Select(p => p.Length));
        Expect([.. steps, "- snap: c"], 7, "this step is never reached: the one before it is 'exit' (in variant 'read-swap')");
    }

    [Fact]
    public void A_child_forked_in_two_exclusive_branches_keeps_its_name()
    {
        string[] steps =
        [
            "- only: {variants: [read-*], do: [fork: {child: c, do: [exit]}]}",
            "- only: {variants: [\"*-swap\"], do: [fork: {child: c, do: [exit]}]}",
        ];
        var apart = Programs(steps[0], steps[1].Replace("\"*-swap\"", "write-*", StringComparison.Ordinal));
        Assert.All(apart, p => Assert.Equal("c", Assert.IsType<ForkStep>(Assert.Single(p)).Child));
        Expect(steps, 6, "task 'c' appears twice, first on line 5 (in variant 'read-swap')");
    }

    [Fact]
    public void A_published_task_must_measure_in_both_variants()
    {
        const string Published =
            "published: {source: s, task: t, without: read-swap, with: write-swap, machines: []}\n";
        var text = Yaml.WithSteps(
            "- map: {region: r, size: 1H}",
            "- only: {variants: [read-*], do: [random_reads: {region: r, batches: 1, per_batch: 1}]}") + Variants + Published;
        Assert.Contains(
            "task 't' has no random_reads step in variant 'write-swap'", Yaml.Refused(text).Message,
            StringComparison.Ordinal);
        Assert.NotNull(Yaml.Load(text.Replace("write-swap, m", "read-noswap, m", StringComparison.Ordinal)).Published);
    }

    private static IReadOnlyList<ImmutableArray<Step>> Programs(params string[] steps) =>
        [.. Yaml.Load(Yaml.WithSteps(steps) + Variants).Variants.Select(v => v.Tasks[0].Program)];

    private static string Snaps(ImmutableArray<Step> steps) =>
        string.Join(' ', steps.Select(s => Assert.IsType<SnapStep>(s).Name));

    private static void Expect(string[] steps, int line, string message)
    {
        var fault = Yaml.Refused(Yaml.WithSteps(steps) + Variants);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(line, fault.Line);
    }
}
