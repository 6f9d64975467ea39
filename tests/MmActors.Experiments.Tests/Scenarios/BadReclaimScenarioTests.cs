namespace MmActors.Experiments.Tests.Scenarios;

/// <summary>Mistakes in what a scenario says about swap, vm files, memory cgroups and own pages.</summary>
public class BadReclaimScenarioTests
{
    private const string Groups = "cgroups: [{name: g}, {name: g/a}]\n";

    [Theory]
    [InlineData("swap: 128M", "'swap' takes none or a map such as {size: 128M, device: ram}, found '128M'")]
    [InlineData("swap:", "'swap' takes none or a map such as {size: 128M, device: ram}, found nothing")]
    [InlineData("swap: [a]", "'swap' takes none or a map such as {size: 128M, device: ram}, found a list")]
    [InlineData("swap: {size: 128M}", "swap needs the key 'device'")]
    [InlineData("swap: {device: ram}", "swap needs the key 'size'")]
    [InlineData("swap: {size: 128M, kind: ram}", "unknown key 'kind' in swap; allowed: size, device")]
    [InlineData("swap: {size: 128M, device: ssd}", "unknown value 'ssd' for 'device'; allowed: ram, disk")]
    [InlineData("swap: {size: 1020K, device: ram}", "'size' of a swap device takes 1M…256G, not '1020K'")]
    [InlineData("swap: {size: 257G, device: ram}", "'size' of a swap device takes 1M…256G, not '257G'")]
    [InlineData("swap: {size: 1048577B, device: ram}", "'size' of a swap device takes a multiple of 4K, not '1048577B'")]
    [InlineData("vm: 60", "'vm' takes a map of 'key: value' lines, found '60'")]
    [InlineData("vm: {swapiness: 60}", "unknown key 'swapiness' in vm; did you mean 'swappiness'? allowed: swappiness, min_free_kbytes")]
    [InlineData("vm: {drop_caches: 1}", "unknown key 'drop_caches' in vm; allowed: swappiness, min_free_kbytes, watermark_scale_factor")]
    [InlineData("vm: {swappiness: 201}", "EINVAL: swappiness takes 0…200, not 201")]
    [InlineData("vm: {min_free_kbytes: -1}", "EINVAL: min_free_kbytes takes 0…2147483647, not -1")]
    [InlineData("vm: {watermark_scale_factor: 0}", "EINVAL: watermark_scale_factor takes 1…3000, not 0")]
    [InlineData("variants: [{name: a, vm: {swappiness: lots}}]", "EINVAL: swappiness takes 0…200, not lots")]
    [InlineData("variants: [{name: a, swap: ram}]", "'swap' takes none or a map")]
    [InlineData("kernel_memory: 40", "'kernel_memory: 40' needs a unit")]
    [InlineData("kernel_memory: 2G", "'kernel_memory' takes less than the machine's memory of 2G, not '2G'")]
    [InlineData("kernel_memory: 3G", "'kernel_memory' takes less than the machine's memory of 2G, not '3G'")]
    [InlineData("cgroups: g", "'cgroups' takes a list of '- …' lines, found 'g'")]
    [InlineData("cgroups: [g]", "'cgroups' takes a map of 'key: value' lines, found 'g'")]
    [InlineData("cgroups: [{memory.max: 1G}]", "cgroups needs the key 'name'")]
    [InlineData("cgroups: [{name: g, memory.hi: 1G}]", "unknown key 'memory.hi' in cgroups; did you mean 'memory.high'? allowed: name, memory.max, memory.high, memory.low, memory.min, memory.swap.max")]
    [InlineData("cgroups: [{name: g, memory.reclaim: 1G}]", "unknown key 'memory.reclaim' in cgroups; allowed: name, memory.max")]
    [InlineData("cgroups: [{name: g, memory.max: 255K}]", "'memory.max' takes at least 256K, one charge batch of 64 pages, or max, not '255K'")]
    [InlineData("cgroups: [{name: g, memory.max: all}]", "EINVAL: memory.max takes a size such as 128M, or max, not 'all'")]
    [InlineData("cgroups: [{name: g, memory.low: 1Q}]", "unknown unit 'Q' in 'memory.low: 1Q'; allowed: B, K, M")]
    [InlineData("cgroups: [{name: g}, {name: g}]", "cgroup 'g' appears twice, first on line 6")]
    [InlineData("cgroups: [{name: g/a}, {name: g}]", "cgroup 'g/a' needs its parent 'g' before it in the list")]
    [InlineData("cgroups: [{name: /g}]", "'name' of a cgroup takes a path such as g or g/a of letters, digits, '-', '_' and '.', not '/g'")]
    [InlineData("cgroups: [{name: g/}]", "'name' of a cgroup takes a path such as g or g/a")]
    [InlineData("cgroups: [{name: ..}]", "'name' of a cgroup takes a path such as g or g/a")]
    [InlineData("cgroups: [{name: a b}]", "'name' of a cgroup takes a path such as g or g/a")]
    [InlineData("cgroups: [{name: memory.max}]", "EEXIST: 'memory.max' could be a file of the group above; choose another name")]
    public void A_wrong_line_is_refused_where_it_stands(string line, string message) =>
        Expect(Yaml.WithLines(line), 6, message);

    [Theory]
    [InlineData("cgroup: h", "unknown cgroup 'h'; did you mean 'g'? allowed: g, g/a")]
    [InlineData("cgroup: g/b", "unknown cgroup 'g/b'; did you mean 'g/a'? allowed: g, g/a")]
    [InlineData("cgroup: [g]", "'cgroup' takes one value, found a list")]
    [InlineData("image: {pages: 10, touched: 11}", "'touched' takes at most the 10 of 'pages', not 11")]
    [InlineData("image: {touched: 1}", "'touched' takes at most the 0 of 'pages', not 1")]
    [InlineData("image: {pages: -1}", "'pages' takes a whole number 0…262144, not '-1'")]
    [InlineData("image: {file_pages: 262145}", "'file_pages' takes a whole number 0…262144, not '262145'")]
    [InlineData("image: {own_pages: 1}", "unknown key 'own_pages' in image; allowed: below, above, pages, touched, file_pages")]
    public void A_wrong_task_is_refused(string line, string message) => Expect(
        Groups + $"duration: 10s\ntasks:\n- name: t\n  {line}\n  program: [sleep: 1s]\n", 5, message);

    [Fact]
    public void A_group_of_a_scenario_without_groups_is_refused() => Expect(
        "duration: 10s\ntasks:\n- name: t\n  cgroup: g\n  program: [sleep: 1s]\n", 4,
        "cgroup 'g' is not declared: the scenario has no 'cgroups'");

    [Theory]
    [InlineData("vm/swappines, value: 1", "unknown file 'swappines' below /proc/sys/vm/; did you mean 'swappiness'? allowed: swappiness, min_free_kbytes, watermark_scale_factor, drop_caches")]
    [InlineData("/proc/sys/vm/laptop_mode, value: 1", "unknown file 'laptop_mode' below /proc/sys/vm/; allowed: swappiness")]
    [InlineData("vm/drop_caches, value: 0", "EINVAL: drop_caches takes 1, 2 or 3, not 0")]
    [InlineData("vm/drop_caches, value: 4", "EINVAL: drop_caches takes 1, 2 or 3, not 4")]
    [InlineData("vm/swappiness, value: 0x10", "EINVAL: swappiness takes 0…200, not 0x10")]
    [InlineData("drop_caches, value: 1", "unknown knob 'drop_caches'; did you mean 'vm/drop_caches'? allowed: enabled")]
    [InlineData("cgroup/h/memory.max, value: 1G", "unknown cgroup 'h'; did you mean 'g'? allowed: g, g/a")]
    [InlineData("cgroup//memory.max, value: 1G", "unknown cgroup ''; allowed: g, g/a")]
    [InlineData("cgroup/g/memory.mux, value: 1G", "unknown cgroup file 'memory.mux'; did you mean 'memory.max'? allowed: memory.max, memory.high, memory.low, memory.min, memory.swap.max, memory.reclaim")]
    [InlineData("cgroup/g, value: 1G", "unknown cgroup file 'g'; allowed: memory.max")]
    [InlineData("cgroup/memory.max, value: 1G", "ENOENT: the root cgroup has no memory.max; name a group: cgroup/GROUP/memory.max")]
    [InlineData("memory.reclaim, value: 1G", "unknown knob 'memory.reclaim'; did you mean 'cgroup/GROUP/memory.reclaim'? allowed: enabled")]
    [InlineData("cgroup/g/memory.max, value: 4K", "'memory.max' takes at least 256K, one charge batch of 64 pages, or max, not '4K'")]
    [InlineData("cgroup/g/memory.high, value: -1M", "EINVAL: memory.high takes a size such as 128M, or max, not '-1M'")]
    [InlineData("cgroup/g/memory.high, value: 5T", "'memory.high' takes at most 4096G, not '5T'")]
    [InlineData("cgroup/g/memory.high, value: 12", "'memory.high: 12' needs a unit")]
    [InlineData("cgroup/g/memory.reclaim, value: max", "EINVAL: memory.reclaim takes a size such as 8M, perhaps followed by swappiness=0…200, not 'max'")]
    [InlineData("cgroup/g/memory.reclaim, value: swappiness=10", "EINVAL: memory.reclaim takes a size such as 8M")]
    [InlineData("cgroup/g/memory.reclaim, value: 8M now", "EINVAL: memory.reclaim takes a size such as 8M, perhaps followed by swappiness=0…200, not '8M now'")]
    [InlineData("cgroup/g/memory.reclaim, value: 8M swappiness=201", "EINVAL: swappiness takes 0…200, not 201")]
    [InlineData("cgroup/g/memory.reclaim, value: 8M swappiness=", "EINVAL: swappiness takes 0…200, not an empty line")]
    [InlineData("cgroup/g/memory.reclaim, value: 8M swappiness=1 swappiness=2", "EINVAL: swappiness takes 0…200, not 1 swappiness=2")]
    public void A_wrong_write_is_refused(string args, string message) =>
        Expect(Yaml.WithSteps($"- set: {{knob: {args}}}") + Groups, Yaml.FirstStep, message);

    [Fact]
    public void A_path_of_a_group_is_at_most_64_characters_long() => Expect(
        Yaml.WithLines($"cgroups: [{{name: {new string('g', 65)}}}]"), 6,
        "'name' of a cgroup takes 1…64 characters, not 65");

    private static void Expect(string text, int line, string message)
    {
        var fault = Yaml.Refused(text);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith($"test.yaml:{line}: ", fault.Located, StringComparison.Ordinal);
    }
}
