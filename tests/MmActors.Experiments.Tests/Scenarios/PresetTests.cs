using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Tests.Scenarios;

public class PresetTests
{
    private static readonly ScenarioCatalog Catalog = ScenarioCatalog.Shipped;

    [Fact]
    public void The_catalog_lists_what_ships()
    {
        Assert.Equal(["v6.12", "v6.18", "v7.1"], Catalog.Kernels);
        Assert.Equal(["emulated", "epyc-kvm", "kvm", "native"], Catalog.Machines);
        Assert.Equal(
            ["explore-races", "explore-seed", "hot-cold-hot", "idle-desktop", "lazyfree-blocks-reclaim", "mixed-load", "soak-server", "underused-thp"],
            Catalog.Scenarios);
        Assert.All(Catalog.Kernels, k => Assert.Equal(k, PresetLoader.LoadKernel(k, Catalog).Name));
        Assert.All(Catalog.Machines, m => Assert.Equal(m, PresetLoader.LoadMachine(m, Catalog).Name));
    }

    [Fact] // VR-1 … VR-17
    public void Kernels_are_the_columns_of_the_version_table()
    {
        Assert.Equal(
            new KernelSwitches
            {
                Charging = ScanCharging.WholeRange,
                Lazyfree = LazyfreeHandling.Collapse,
                RequireWritable = true,
            },
            PresetLoader.LoadKernel("v6.12", Catalog).Switches);
        Assert.Equal(
            new KernelSwitches
            {
                Charging = ScanCharging.WholeRange,
                Lazyfree = LazyfreeHandling.Collapse,
                ExactMappedShared = true,
            },
            PresetLoader.LoadKernel("v6.18", Catalog).Switches);
        Assert.Equal(
            new KernelSwitches
            {
                Charging = ScanCharging.Visited,
                Lazyfree = LazyfreeHandling.SkipExceptDroppable,
                MergedNoPteTable = true,
                VisitTracepoint = true,
                LeavesDisabledMmAtOnce = true,
                MigrationReportedAsMapped = true,
                ExactMappedShared = true,
                CollapseToleratesEmptyRange = true,
            },
            PresetLoader.LoadKernel("v7.1", Catalog).Switches);
    }

    [Fact]
    public void Every_switch_and_every_cost_has_its_line_name()
    {
        Assert.Equal(
            typeof(KernelSwitches).GetProperties().Select(p => Spelled(p.Name, '-')), KernelSwitchReader.Names);
        Assert.Equal(typeof(KernelCosts).GetProperties().Select(p => Spelled(p.Name, '_')), PresetLoader.CostNames);
    }

    [Theory] // CM-5; epyc: CM-4
    [InlineData("native", 1.3, 4.2, 4.24, 350_000, 10)]
    [InlineData("kvm", 2.0, 7.2, 4.24, 5_790_000, 9)]
    [InlineData("epyc-kvm", 19.6, 5.6, 2.596, 5_790_000, 6)]
    public void Machines_carry_the_fitted_constants(
        string name, double baseCycles, double penalty, double clockGhz, double copyNs, double streamBytesPerNs)
    {
        var machine = PresetLoader.LoadMachine(name, Catalog);
        Assert.Equal((baseCycles, penalty, clockGhz), (machine.BaseCycles, machine.MissPenaltyCycles, machine.ClockGhz));
        Assert.Equal((8.47, 250, 2), (machine.FixedNsPerAccess, machine.Hz, machine.Cpus));
        Assert.Equal((copyNs, 60_000, streamBytesPerNs), (machine.Costs.CopyNs, machine.Costs.IsolateNs, machine.Costs.StreamBytesPerNs));
    }

    [Theory] // CM-3: E = n4 (1 - r), fitted to the published misses without the change
    [InlineData("native", 284_814_532)]
    [InlineData("kvm", 241_600_871)]
    public void Tlb_reach_reproduces_the_published_miss_rate(string name, long misses)
    {
        var entries = PresetLoader.LoadMachine(name, Catalog).TlbReachEntries;
        Assert.Equal(Math.Round(32_768 * (1 - (misses / 327_680_000.0))), entries);
    }

    [Fact] // CM-3
    public void Epyc_has_the_plain_second_level_size() =>
        Assert.Equal(2048, PresetLoader.LoadMachine("epyc-kvm", Catalog).TlbReachEntries);

    [Fact]
    public void An_unknown_preset_names_the_shipped_ones()
    {
        Assert.Contains("did you mean 'native'?", Assert.Throws<ScenarioException>(
            () => PresetLoader.LoadMachine("natve", Catalog)).Message, StringComparison.Ordinal);
        Assert.Contains("shipped: v6.12, v6.18, v7.1", Assert.Throws<ScenarioException>(
            () => PresetLoader.LoadKernel("x", Catalog)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("  copy_ns: 350000 ", "  copi_ns: 350000 ", 23, "did you mean 'copy_ns'?")]
    [InlineData("  copy_ns: 350000 ", "  # ", 16, "costs needs the key 'copy_ns'")]
    [InlineData("  copy_ns: 350000 ", "  copy_ns: -1 ", 23, "'copy_ns' takes a number 0…")]
    [InlineData("hz: 250 ", "hz: fast ", 5, "'hz' takes a whole number 1…10000, not 'fast'")]
    [InlineData("cpus: 2 ", "cpus: 2\ncpus: 3 ", 7, "key 'cpus' appears twice, first on line 6")]
    public void A_wrong_machine_file_is_refused_at_its_line(string good, string bad, int line, string message)
    {
        var text = File.ReadAllText(Path.Combine(Catalog.Directory, "machines", "native.yaml"));
        Assert.Contains(good, text, StringComparison.Ordinal);
        using var file = new TemporaryFile("machine.yaml", text.Replace(good, bad, StringComparison.Ordinal));

        var fault = Assert.Throws<ScenarioException>(() => PresetLoader.LoadMachine(file.Path, Catalog));

        Assert.Equal(file.Path, fault.File);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Equal(line, fault.Line);
    }

    [Fact]
    public void A_scenario_may_name_a_machine_file_next_to_it()
    {
        using var machine = new TemporaryFile(
            "mine.yaml", File.ReadAllText(Path.Combine(Catalog.Directory, "machines", "kvm.yaml")).Replace("name: kvm", "name: mine", StringComparison.Ordinal));
        var scenario = Path.Combine(Path.GetDirectoryName(machine.Path)!, "s.yaml");
        File.WriteAllText(scenario, Yaml.WithLines("machine: ./mine.yaml"));

        Assert.Equal("mine", ScenarioLoader.Load(scenario, Catalog).Machine.Name);
    }

    private static string Spelled(string property, char separator) => string.Concat(
        property.Select((c, i) => char.IsUpper(c) ? $"{(i > 0 ? separator : "")}{char.ToLowerInvariant(c)}" : $"{c}"));
}
