namespace MmActors.Experiments.Tests.Scenarios;

/// <summary>One case per kind of mistake: the line a user must look at, and words that help there.</summary>
public class BadScenarioTests
{
    private const string Map = "- map: {region: r, size: 8H}";

    [Theory]
    [InlineData("- slep: 1s", "unknown key 'slep' in program; did you mean 'sleep'? allowed: map, madvise")]
    [InlineData("- {sleep: 1s, snap: a}", "a step is one operation; 'snap' needs its own '- ' line")]
    [InlineData("- sleep", "a step is '- operation: …', found 'sleep'")]
    [InlineData("- {}", "a step is '- operation: …', found a map")]
    [InlineData("- exit: now", "'exit' takes no value")]
    [InlineData("- sleep:", "'sleep' has no value")]
    [InlineData("- sleep: [1s]", "'sleep' takes one value, found a list")]
    [InlineData("- sleep: 10", "'sleep: 10' needs a unit, e.g. 10s: us, ms, s, m, h or d")]
    [InlineData("- sleep: 10K", "unknown unit 'K' in 'sleep: 10K'; allowed: us, ms, s, m, h or d")]
    [InlineData("- sleep: -1s", "'sleep' takes no negative amount, not '-1s'")]
    [InlineData("- sleep: 0.5s", "'sleep' takes a whole number, not '0.5s'; use a smaller unit")]
    [InlineData("- sleep: soon", "'sleep' takes a whole number with a unit such as 10s, not 'soon'")]
    [InlineData("- sleep: 99999999999999999999d", "'sleep' takes at most 3650d")]
    [InlineData("- until: 4000d", "'until' takes at most 3650d")]
    [InlineData("- thp_disable: yes", "'thp_disable' takes true or false, not 'yes'")]
    [InlineData("- snap: two words", "'snap' takes letters, digits, '-', '_' and '.', not 'two words'")]
    [InlineData("- count: {region: r}", "region 'r' is used before any map step")]
    [InlineData("- map: {region: r}", "map needs the key 'size'")]
    [InlineData("- map: buf", "'map' takes a map of 'key: value' lines, found 'buf'")]
    [InlineData("- map: {region: r, size: 128}", "'size: 128' needs a unit, e.g. 128M: B, K, M, G, T, P (4 KiB pages) or H")]
    [InlineData("- map: {region: r, size: 128MB}", "unknown unit 'MB' in 'size: 128MB'; allowed: B, K, M, G, T")]
    [InlineData("- map: {region: r, size: -4K}", "'size' takes no negative amount")]
    [InlineData("- map: {region: r, size: 0}", "EINVAL: mmap takes a size above 0")]
    [InlineData("- map: {region: r, size: 5T}", "'size' takes at most 4096G, not '5T'")]
    [InlineData("- map: {region: r, size: 4K, fixed: 100B}", "EINVAL: mmap takes a fixed offset that is a multiple of 4K")]
    [InlineData("- map: {region: r, size: 2G, fixed: 0}", "a fixed region must end within its slot of 1G")]
    [InlineData("- map: {region: r, size: 4K, populated: true}", "unknown key 'populated' in map; did you mean 'populate'?")]
    [InlineData("- map: {region: r s, size: 4K}", "'region' takes letters, digits")]
    [InlineData("- set: {knob: khugepaged/max_ptes_none, value: 512}", "EINVAL: max_ptes_none takes 0…511, not 512")]
    [InlineData("- set: {knob: khugepaged/max_ptes_non, value: 5}", "unknown knob 'khugepaged/max_ptes_non'; did you mean 'khugepaged/max_ptes_none'?")]
    [InlineData("- set: {knob: khugepaged/full_scans, value: 5}", "EACCES: khugepaged/full_scans is read-only")]
    [InlineData("- loop: {times: -1, do: [exit]}", "'times' takes a whole number 0…2147483647, not '-1'")]
    [InlineData("- loop: {times: 2, do: []}", "'do' has no step")]
    [InlineData("- loop: {times: 2, do: [map: {region: a, size: 4K}]}", "region 'a' is mapped at the start or the end of the loop but not at both")]
    [InlineData("- loop: {times: 2, do: [fork: {child: c, do: [exit]}]}", "a fork inside a loop")]
    [InlineData("- loop: {times: 2000000000, do: [sleep: 0]}", "more than 100 million steps would run")]
    [InlineData("- fork: {child: t, do: [exit]}", "task 't' appears twice, first on line 3")]
    public void A_step_that_cannot_run_is_refused(string step, string message) =>
        Expect(Yaml.WithSteps(step), LineOf(step), message);

    [Theory]
    [InlineData("- map: {region: r, size: 4K}", "region 'r' is already mapped, on line 5")]
    [InlineData("- count: {region: rr}", "unknown region 'rr' (no map step before this one); did you mean 'r'?")]
    [InlineData("- madvise: {region: r, advice: freed}", "unknown value 'freed' for 'advice'; did you mean 'free'? allowed: free, dontneed")]
    [InlineData("- madvise: {region: r, advice: free, offset: 16M}", "offset 16M lies outside region 'r' of 16M")]
    [InlineData("- madvise: {region: r, advice: free, offset: 1H, length: 8H}", "offset 2M + length 16M ends outside region 'r' of 16M")]
    [InlineData("- madvise: {region: r, advice: free, offset: 100B}", "EINVAL: madvise takes an offset that is a multiple of 4K, not 100")]
    [InlineData("- munmap: {region: r, offset: 1B}", "EINVAL: munmap takes an offset that is a multiple of 4K")]
    [InlineData("- munmap: {region: r, length: 0}", "EINVAL: munmap takes a length above 0")]
    [InlineData("- mprotect: {region: r, writable: true, offset: 6K}", "EINVAL: mprotect takes an offset that is a multiple of 4K")]
    [InlineData("- stripe: {region: r, stripes: 2049}", "2049 stripes need 4098 pages, the region has 4096")]
    [InlineData("- write: {region: r}", "write needs the key 'byte'")]
    [InlineData("- write: {region: r, byte: 256}", "'byte' takes 0…255, or i for the index of the surrounding loop, not '256'")]
    [InlineData("- write: {region: r, byte: i}", "'byte: i' is the index of a loop, but no loop surrounds this step")]
    [InlineData("- random_reads: {region: r, batches: 0, per_batch: 1}", "'batches' takes a whole number 1…10000000, not '0'")]
    [InlineData("- loop: {times: 2, do: [munmap: {region: r}]}", "region 'r' is mapped at the start or the end of the loop but not at both")]
    public void A_step_that_does_not_fit_its_region_is_refused(string step, string message) =>
        Expect(Yaml.WithSteps(Map, step), Yaml.FirstStep + 1, message);

    [Fact]
    public void A_region_is_gone_after_its_munmap() => Expect(
        Yaml.WithSteps(Map, "- munmap: {region: r}", "- count: {region: r}"), 7, "region 'r' was unmapped on line 6");

    [Fact]
    public void Nothing_follows_exit() =>
        Expect(Yaml.WithSteps("- exit", "- snap: a"), 6, "this step is never reached: the one before it is 'exit'");

    [Fact]
    public void Loops_nest_eight_deep()
    {
        static string Nest(int depth) => depth == 0 ? "exit" : "loop: {times: 1, do: [" + Nest(depth - 1) + "]}";
        Assert.Single(Yaml.Steps("- " + Nest(8)));
        Expect(Yaml.WithSteps("- " + Nest(9)), 5, "loops and forks are nested deeper than 8 levels");
    }

    [Theory]
    [InlineData("durration: 10s", "unknown key 'durration' in scenario; did you mean 'duration'? allowed: name, description")]
    [InlineData("duration: 20s", "key 'duration' appears twice, first on line 1")]
    [InlineData("memory: 15M", "'memory' takes 16M…4096G, not '15M'")]
    [InlineData("memory: 5T", "'memory' takes at most 4096G, not '5T'")]
    [InlineData("timeline: 0", "'timeline' takes a time above 0")]
    [InlineData("timeline: 10us", "makes more than 100000 points in the run")]
    [InlineData("kernel: v6.13", "no such kernel preset; did you mean 'v6.12'? shipped: v6.12, v6.18, v7.1")]
    [InlineData("machine: ./absent.yaml", "no such machine preset; shipped: emulated, epyc-kvm, kvm, native")]
    [InlineData("machine: [native]", "'machine' takes one value, found a list")]
    [InlineData("name: a b", "'name' takes letters, digits")]
    [InlineData("knobs: {khugepaged/pages_to_scan: 0}", "EINVAL: pages_to_scan takes 1…4294967295, not 0")]
    [InlineData("knobs: {pages_to_scan: 1}", "unknown knob 'pages_to_scan'; did you mean 'khugepaged/pages_to_scan'? allowed: enabled")]
    [InlineData("knobs: {enabled: on}", "EINVAL: enabled takes always, madvise, never, not on")]
    [InlineData("knobs: always", "'knobs' takes a map of 'key: value' lines, found 'always'")]
    [InlineData("variants: []", "'variants' takes 1…64 variants, not 0")]
    [InlineData("variants: [{name: a}, {name: a}]", "variant 'a' appears twice, first on line 6")]
    [InlineData("variants: [{name: a, switches: {charging: whole}}]", "unknown value 'whole' for 'charging'; did you mean 'whole-range'? allowed: whole-range, visited")]
    [InlineData("variants: [{name: a, switches: {lazyfre: skip}}]", "unknown key 'lazyfre' in switches; did you mean 'lazyfree'?")]
    [InlineData("variants: [{name: a, switches: {require-writable: 1}}]", "'require-writable' takes true or false, not '1'")]
    [InlineData("published: {source: s, task: u, without: v6.12, with: v6.12, machines: []}", "unknown task 'u'; did you mean 't'?")]
    [InlineData("published: {source: s, task: t, without: v6.12, with: v6.12, machines: []}", "task 't' has no random_reads step")]
    [InlineData("name: &a x", "anchors (&) and aliases (*) are not supported")]
    [InlineData("name: *a", "anchors (&) and aliases (*) are not supported")]
    [InlineData("name: !!str x", "tags (!) are not supported")]
    [InlineData("? [a, b] : c", "a key must be a single word")]
    [InlineData("name: \"x", "is not YAML")]
    [InlineData("\tname: x", "is not YAML: the line is indented with a tab; use spaces")]
    [InlineData("---", "a second document starts here")]
    public void A_wrong_line_is_refused_where_it_stands(string line, string message) =>
        Expect(Yaml.WithLines(line), 6, message);

    [Theory]
    [InlineData("- name: t", 6, "task 't' appears twice, first on line 3")]
    [InlineData("- name: u\n  start: 10s", 7, "task 'u' starts only after the run has ended at 10s")]
    [InlineData("- name: u\n  count: 1000\n  every: 1s", 8, "task 'u' starts only after the run has ended at 10s")]
    [InlineData("- name: u\n  count: 4096", 6, "more than 4096 tasks")]
    [InlineData("- name: u\n  count: 4097", 7, "'count' takes a whole number 1…4096, not '4097'")]
    [InlineData("- name: u\n  every: 1s", 7, "'every' is the distance between replicas and needs 'count'")]
    [InlineData("- name: u\n  image: {below: -1}", 7, "'below' takes a whole number 0…65530, not '-1'")]
    [InlineData("- name: u\n  residual_young: 9", 7, "'residual_young' takes a number 0…1, not '9'")]
    [InlineData("- name: u\n  residual_young: NaN", 7, "'residual_young' takes a number 0…1, not 'NaN'")]
    [InlineData("- name: u\n  prog: []", 7, "unknown key 'prog' in tasks; did you mean 'program'?")]
    public void A_wrong_task_is_refused(string lines, int line, string message) =>
        Expect(Yaml.WithLines(lines) + "  program: [sleep: 1s]\n", line, message);

    [Fact]
    public void Regions_mapped_at_a_time_are_bounded()
    {
        var maps = Enumerable.Range(0, 1025).Select(i => $"- map: {{region: r{i}, size: 4K}}").ToArray();
        Assert.Equal(1024, Yaml.Steps(maps[..1024]).Count);
        Expect(Yaml.WithSteps(maps), 5 + 1024, "more than 1024 regions mapped at a time");
    }

    [Fact] // SM-7: the parent is the 2047th that may map a page
    public void Fork_children_of_a_task_are_bounded_by_the_map_count()
    {
        var forks = Enumerable.Range(0, 2047).Select(i => $"- fork: {{child: c{i}, do: [sleep: 1s]}}").ToArray();
        Assert.Equal(2046, Yaml.Steps(forks[..2046]).Count);
        Expect(
            Yaml.WithSteps(forks), 5 + 2046,
            "more than 2046 fork children of one task: a page has at most 2047 mappings, and they may all share it");
        string nested = string.Join(", ", Enumerable.Range(0, 1024).Select(static i => $"fork: {{child: c{i}, do: [fork: {{child: d{i}, do: [exit]}}]}}"));
        Expect(Yaml.WithSteps($"- fork: {{child: c, do: [{nested}]}}"), 5, "more than 2046 fork children");
        Assert.Equal(4096, Yaml.Load(Yaml.WithSteps(forks[..1023]).Replace("name: t", "name: t\n  count: 4", StringComparison.Ordinal)).Tasks.Sum(static task => 1 + task.Program.Length));
    }

    [Fact]
    public void Replicated_steps_are_bounded() => Expect(
        "duration: 10s\ntasks:\n- name: t\n  count: 4000\n  program:\n"
        + string.Concat(Enumerable.Repeat("  - sleep: 0\n", 51)), 3, "more than 200000 steps, replicas counted");

    [Theory]
    [InlineData("duration: 1s\n", 1, "scenario needs the key 'tasks'")]
    [InlineData("tasks: []\n", 1, "scenario needs the key 'duration'")]
    [InlineData("duration: 1s\ntasks: []\n", 2, "'tasks' has no task")]
    [InlineData("duration: 0s\ntasks: []\n", 1, "'duration' takes a time above 0")]
    [InlineData("duration: 1s\ntasks:\n- program: [exit]\n", 3, "tasks needs the key 'name'")]
    [InlineData("duration: 1s\ntasks:\n- name: a\n", 3, "tasks needs the key 'program'")]
    [InlineData("- a\n- b\n", 1, "a scenario is a map of 'key: value' lines, found a list")]
    [InlineData("duration: 1s\ntasks:\n- a word\n", 3, "'tasks' takes a map of 'key: value' lines, found 'a word'")]
    [InlineData("word", 1, "a scenario is a map of 'key: value' lines, found 'word'")]
    public void A_scenario_without_its_parts_is_refused(string text, int line, string message) =>
        Expect(text, line, message);

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("---\n...\n")]
    public void An_empty_scenario_has_no_line(string text) =>
        Expect(text, null, "is empty; a scenario starts with 'name: …'");

    /// <summary>Totals are a fault of the task, names of the child; all else of the step.</summary>
    private static int LineOf(string step) =>
        step.Contains("2000000000", StringComparison.Ordinal) ? Yaml.TaskLine : Yaml.FirstStep;

    private static void Expect(string text, int? line, string message)
    {
        var fault = Yaml.Refused(text);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(line, fault.Line);
        Assert.Equal(Yaml.File, fault.File);
        Assert.StartsWith(line is null ? "test.yaml: " : $"test.yaml:{line}: ", fault.Located, StringComparison.Ordinal);
    }
}
