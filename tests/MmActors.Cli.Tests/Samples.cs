using System.Collections.Immutable;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Cli.Tests;

/// <summary>Hand-built results with the numbers of the recorded three-task experiment (table A) and of the published
/// table (cost-model.md 9.1).</summary>
internal static class Samples
{
    public const long Reads = 327_680_000;

    public static readonly KernelSwitches Old = new()
    {
        Charging = ScanCharging.WholeRange,
        Lazyfree = LazyfreeHandling.Collapse,
        RequireWritable = true,
    };

    public static MachinePreset Machine(string name) => new()
    {
        Name = name,
        BaseCycles = name == "kvm" ? 2.0 : 1.3,
        MissPenaltyCycles = name == "kvm" ? 7.2 : 4.2,
        TlbReachEntries = name == "kvm" ? 8608 : 4287,
        ClockGhz = 4.24,
        FixedNsPerAccess = 8.47,
        Hz = 250,
        Cpus = 2,
        Costs = new KernelCosts
        {
            ScanPresentPteNs = 30,
            ScanNonePteNs = 3,
            VisitNs = 1000,
            SkipVmaNs = 50,
            DrainAllNs = 50_000,
            HugeAllocNs = 20_000,
            IsolateNs = 60_000,
            CopyNs = 350_000,
            MinorFaultNs = 600,
            ZeroFaultNs = 400,
            HugeFaultNs = 102_000,
            CowNs = 1000,
            MadvFreePteNs = 40,
            MadvDontNeedPteNs = 120,
            FolioSplitNs = 150_000,
            StreamBytesPerNs = 9,
            TouchNs = 5,
            LruScanPageNs = 300,
            LazyfreeDiscardNs = 500,
            SwapRamPageNs = 3_000,
            SwapDiskPageNs = 10_000,
            SwapLatencyNs = 80_000,
            ZeroTestNs = 120,
            NonzeroTestNs = 15,
            CompactionNs = 100_000,
            MigratePageNs = 1_000,
            SyscallNs = 100,
        },
    };

    public static readonly PublishedComparison Published = new(
        "a patch, cover letter", "hot2", "baseline", "both",
        [
            new(Machine("native"), "x86_64",
                new(3.14, 4.96, 104.38, 284_814_532), new(2.93, 2.21, 111.89, 69_597_236)),
            new(Machine("kvm"), "qemu-kvm",
                new(3.35, 7.29, 97.67, 241_600_871), new(2.96, 2.07, 110.77, 3_216_108)),
        ]);

    public static Scenario Scenario(bool published = true)
    {
        ImmutableArray<Step> hot =
        [
            new MapStep("buf", ByteSize.FromMebibytes(128), Populate: true, Droppable: false, null),
            new RandomReadsStep("buf", 10_000, 32_768),
        ];
        ImmutableArray<Step> cold =
        [
            new MapStep("buf", ByteSize.FromMebibytes(128), Populate: true, Droppable: false, null),
            new LoopStep(1, [new MadviseStep("buf", RegionSpan.All, Advice.Free)]),
        ];
        ImmutableArray<TaskSpec> tasks =
        [
            new("hot1", TimeSpan.Zero, ProcessImage.Recorded, hot, 0),
            new("cold", TimeSpan.FromSeconds(1), ProcessImage.Recorded, cold, 0),
            new("hot2", TimeSpan.FromSeconds(2), ProcessImage.Recorded, hot, 0),
        ];
        return new Scenario
        {
            Name = "hot-cold-hot",
            Description = "Two hot tasks around one that freed its memory lazily.",
            Duration = TimeSpan.FromSeconds(150),
            TimelineInterval = TimeSpan.FromSeconds(10),
            Memory = ByteSize.FromMebibytes(2048),
            Knobs = new ThpSettings(),
            Machine = Machine("native"),
            Variants =
            [
                .. Names.Select(name =>
                    new Variant(name, "v6.12", Switches(name), new ThpSettings()) { Tasks = tasks }),
            ],
            Published = published ? Published : null,
        };
    }

    public static readonly string[] Names = ["baseline", "skip", "refine", "both"];

    public static KernelSwitches Switches(string name) => Old with
    {
        Charging = name is "refine" or "both" ? ScanCharging.Visited : ScanCharging.WholeRange,
        Lazyfree = name is "skip" or "both" ? LazyfreeHandling.Skip : LazyfreeHandling.Collapse,
    };

    /// <summary>One variant as recorded; <paramref name="hot2"/> gives hot2's huge ranges at 10, 20 … 150 s.</summary>
    public static VariantResult Variant(string name, string machine = "native", Func<int, int>? hot2 = null)
    {
        var both = name == "both";
        hot2 ??= t => both && t > 80 ? (t - 80) / 10 * 8 : 0;
        var (task, pages, ranges) = name switch
        {
            "both" => ("page_lazyfree", 64, 64),
            "skip" => ("page_lazyfree", 28_672, 56),
            _ => ("lack_referenced_page", 28_672, 56),
        };
        return new VariantResult
        {
            Name = name,
            Hash = new string((char)('a' + Array.IndexOf(Names, name)), 32),
            Switches = Switches(name),
            Preset = "v6.12",
            SimulatedSeconds = 150,
            WallSeconds = 0.25,
            Partial = false,
            Steps = 12_345,
            Tasks =
            [
                Task("hot1", 64, Access(machine, 64)), Task("cold", 0, null, lazyfree: 32_768),
                Task("hot2", hot2(150), Access(machine, hot2(150))),
            ],
            Khugepaged = new()
            {
                PagesCollapsed = 64 + hot2(150),
                FullScans = both ? 1 : 0,
                Passes = 15,
                Budget =
                [
                    Amounts("hot1", ("succeeded", 32_768), ("visit_and_vmas", 75)),
                    Amounts("cold", (task, pages), ("visit_and_vmas", 11)),
                    .. both ? [Amounts("hot2", ("succeeded", 28_672), ("visit_and_vmas", 63))] : Empty,
                ],
                Statuses =
                [
                    Amounts("hot1", ("succeeded", 64)), Amounts("cold", (task, ranges)),
                    .. both ? [Amounts("hot2", ("succeeded", 56))] : Empty,
                ],
                Scans = both ? [new(2.5, 154.25, 61_520, 16, 131)] : [],
            },
            Vmstat = [new("thp_collapse_alloc", 64 + hot2(150)), new("pglazyfree", 32_768)],
            OomKills = 0,
            Snaps = [new("t010", 10.5, [new("hot1", 131_072, 16_384, 0, 0), new("cold", 131_072, 0, 0, 0)])],
            Timeline =
            [
                .. Enumerable.Range(1, 15).Select(i => new TimelinePoint(i * 10,
                    [new("hot1", Math.Min(64, i * 8)), new("cold", 0), new("hot2", hot2(i * 10))],
                    [new("hot1", [new("succeeded", 8)])])),
            ],
        };
    }

    public static ReportInput Input(params VariantResult[] variants)
    {
        var scenario = Scenario();
        return new()
        {
            Scenario = scenario,
            Result = new("hot-cold-hot", 1, "0.1.0", "native", "reach",
                variants.Length > 0 ? [.. variants] : [.. Names.Select(name => Variant(name))]),
            Published =
            [
                .. Published.Rows.Select(row => new PublishedRuns(
                    row, Variant("baseline", row.Machine.Name), Variant("both", row.Machine.Name))),
            ],
        };
    }

    public static string Text(Report report)
    {
        var writer = new StringWriter();
        report.WriteText(writer, colour: false);
        return writer.ToString();
    }

    /// <summary>The text with line breaks inside sentences undone.</summary>
    public static string Flat(Report report) => Text(report).Replace("\n  ", " ", StringComparison.Ordinal);

    private static readonly TaskStatuses[] Empty = [];

    private static TaskStatuses Amounts(string task, params (string Status, long Amount)[] amounts) =>
        new(task, [.. amounts.Select(amount => new StatusAmount(amount.Status, amount.Amount))]);

    private static TaskResult Task(string name, int huge, MeasuredAccess? measured, long lazyfree = 0) => new()
    {
        Name = name,
        HugeRanges = huge,
        Ranges = 64,
        RssPages = 32_768,
        SwapPages = 0,
        LazyfreePages = lazyfree,
        StalledSeconds = 0.022,
        Measured = measured,
    };

    private static MeasuredAccess Access(string machine, int huge)
    {
        var preset = Machine(machine);
        var rate = Math.Max(0, ((64 - huge) * 512) - preset.TlbReachEntries) / 32_768.0;
        var cycles = preset.BaseCycles + (preset.MissPenaltyCycles * rate);
        var seconds = Reads * (preset.FixedNsPerAccess + (cycles / preset.ClockGhz)) / 1e9;
        return new(seconds, cycles, Reads / seconds / 1e6, (long)(rate * Reads), 152.6, huge, huge);
    }
}
