using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Scenarios;

public class KnobTests
{
    private static readonly ThpSettings Boot = new();

    [Theory] // KH 2.1, TC 6.5
    [InlineData("enabled", "always")]
    [InlineData("enabled", "madvise\n")]
    [InlineData("hugepages-2048kB/enabled", "inherit")]
    [InlineData("defrag", "defer+madvise")]
    [InlineData("use_zero_page", "0x1")]
    [InlineData("shrink_underused", "off")]
    [InlineData("shrink_underused", "Y")]
    [InlineData("khugepaged/defrag", "0\n")]
    [InlineData("khugepaged/pages_to_scan", "4294967295")]
    [InlineData("khugepaged/pages_to_scan", "+1")]
    [InlineData("khugepaged/scan_sleep_millisecs", "0")]
    [InlineData("khugepaged/alloc_sleep_millisecs", "4294967295")]
    [InlineData("khugepaged/max_ptes_none", "511")]
    [InlineData("khugepaged/max_ptes_swap", "0")]
    [InlineData("/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_shared", "511")]
    public void Accepted(string knob, string value) => Assert.Null(ThpKnobs.Write(Boot, knob, value).Error);

    [Theory]
    [InlineData("khugepaged/max_ptes_none", "512", "EINVAL: max_ptes_none takes 0…511, not 512")]
    [InlineData("khugepaged/max_ptes_swap", "-1", "EINVAL: max_ptes_swap takes 0…511, not -1")]
    [InlineData("khugepaged/max_ptes_shared", "many", "EINVAL: max_ptes_shared takes 0…511, not many")]
    [InlineData("khugepaged/pages_to_scan", "0", "EINVAL: pages_to_scan takes 1…4294967295, not 0")]
    [InlineData("khugepaged/pages_to_scan", "4294967296", "EINVAL: pages_to_scan takes 1…4294967295, not 4294967296")]
    [InlineData("khugepaged/pages_to_scan", "0x10", "EINVAL: pages_to_scan takes 1…4294967295, not 0x10")]
    [InlineData("khugepaged/pages_to_scan", "", "EINVAL: pages_to_scan takes 1…4294967295, not an empty line")]
    [InlineData("khugepaged/scan_sleep_millisecs", "1s", "EINVAL: scan_sleep_millisecs takes 0…4294967295, not 1s")]
    [InlineData("khugepaged/scan_sleep_millisecs", " 1", "EINVAL: scan_sleep_millisecs takes 0…4294967295, not  1")]
    [InlineData("khugepaged/scan_sleep_millisecs", "1\n\n", "EINVAL: scan_sleep_millisecs takes 0…4294967295, not 1\n")]
    [InlineData("khugepaged/defrag", "2", "EINVAL: khugepaged/defrag takes 0 or 1, not 2")]
    [InlineData("use_zero_page", "18446744073709551616", "ERANGE: use_zero_page takes 0 or 1, not 18446744073709551616")]
    [InlineData("use_zero_page", "99999999999999999999999999999999999999999999", "ERANGE: use_zero_page takes 0 or 1")]
    [InlineData("use_zero_page", "on", "EINVAL: use_zero_page takes 0 or 1, not on")]
    [InlineData("use_zero_page", "08", "EINVAL: use_zero_page takes 0 or 1, not 08")]
    [InlineData("shrink_underused", "oh", "EINVAL: shrink_underused takes 0, 1, y, n, on or off, not oh")]
    [InlineData("enabled", "inherit", "EINVAL: enabled takes always, madvise, never, not inherit")]
    [InlineData("enabled", "Always", "EINVAL: enabled takes always, madvise, never, not Always")]
    [InlineData("enabled", "always ", "EINVAL: enabled takes always, madvise, never, not always ")]
    [InlineData("hugepages-2048kB/enabled", "x", "EINVAL: hugepages-2048kB/enabled takes always, inherit, madvise, never, not x")]
    [InlineData("defrag", "madvise+defer", "EINVAL: defrag takes always, defer, defer+madvise, madvise, never")]
    [InlineData("khugepaged/full_scans", "0", "EACCES: khugepaged/full_scans is read-only")]
    [InlineData("hpage_pmd_size", "1", "EACCES: hpage_pmd_size is read-only")]
    [InlineData("khugepaged/pages", "1", "ENOENT: no knob 'khugepaged/pages'")]
    public void Refused_as_the_kernel_does(string knob, string value, string error)
    {
        var write = ThpKnobs.Write(Boot, knob, value);
        Assert.False(write.Accepted);
        Assert.StartsWith(error, write.Error, StringComparison.Ordinal);
        Assert.Same(Boot, write.Settings);
    }

    [Fact]
    public void Every_knob_changes_its_own_setting()
    {
        Assert.Equal(Boot with { Enabled = ThpEnabled.Never }, After("enabled", "never"));
        Assert.Equal(Boot with { PmdEnabled = ThpEnabled.Always }, After("hugepages-2048kB/enabled", "always"));
        Assert.Equal(Boot with { Defrag = ThpDefrag.DeferMadvise }, After("defrag", "defer+madvise"));
        Assert.Equal(Boot with { UseZeroPage = false }, After("use_zero_page", "0"));
        Assert.Equal(Boot with { ShrinkUnderused = false }, After("shrink_underused", "no"));
        Assert.Equal(Boot with { KhugepagedDefrag = false }, After("khugepaged/defrag", "0"));
        Assert.Equal(Boot with { PagesToScan = 7 }, After("khugepaged/pages_to_scan", "7"));
        Assert.Equal(Boot with { ScanSleepMillisecs = 7 }, After("khugepaged/scan_sleep_millisecs", "7"));
        Assert.Equal(Boot with { AllocSleepMillisecs = 7 }, After("khugepaged/alloc_sleep_millisecs", "7"));
        Assert.Equal(Boot with { MaxPtesNone = 7 }, After("khugepaged/max_ptes_none", "7"));
        Assert.Equal(Boot with { MaxPtesSwap = 7 }, After("khugepaged/max_ptes_swap", "7"));
        Assert.Equal(Boot with { MaxPtesShared = 7 }, After("khugepaged/max_ptes_shared", "7"));
        Assert.Equal(12, ThpKnobs.Names.Count);
    }

    [Fact] // KH-1
    public void Only_the_two_sleeps_wake_khugepaged() =>
        Assert.Equal(
            ["khugepaged/scan_sleep_millisecs", "khugepaged/alloc_sleep_millisecs"],
            ThpKnobs.Names.Where(ThpKnobs.WakesKhugepaged));

    [Fact] // TC-9
    public void A_machine_below_512_MiB_boots_with_thp_off()
    {
        Assert.Equal(ThpEnabled.Never, ThpKnobs.AtBoot(ByteSize.FromMebibytes(511)).Enabled);
        Assert.Equal(ThpEnabled.Madvise, ThpKnobs.AtBoot(ByteSize.FromMebibytes(512)).Enabled);
    }

    [Fact]
    public void Scenario_knobs_apply_to_every_variant_and_variant_knobs_on_top()
    {
        var scenario = Yaml.Load(Yaml.WithLines(
            "memory: 256M",
            "knobs: {enabled: madvise, khugepaged/pages_to_scan: 512}",
            "variants:",
            "- name: a",
            "- name: b",
            "  knobs: {khugepaged/pages_to_scan: 1024}"));
        Assert.Equal(new ThpSettings { PagesToScan = 512 }, scenario.Knobs);
        Assert.Equal([512u, 1024u], scenario.Variants.Select(v => v.Knobs.PagesToScan));
        Assert.All(scenario.Variants, v => Assert.Equal(ThpEnabled.Madvise, v.Knobs.Enabled));
    }

    private static ThpSettings After(string knob, string value) => ThpKnobs.Write(Boot, knob, value).Settings;
}
