using MmActors.Actors;
using MmActors.Experiments.Scenarios;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Runtime;

namespace MmActors.Conformance.Tests;

/// <summary>A recorded run of a real kernel: its script as a scenario, and what khugepaged traced.</summary>
internal sealed class Recording(string name)
{
    private string Folder => Path.Combine(AppContext.BaseDirectory, "Recordings", name);

    /// <summary>mm_khugepaged_scan_pmd in order: scanner, role, address, status, referenced, none_or_zero, unmapped,
    /// writable, PTEs looked at.</summary>
    public string[] Ranges => Lines("ranges.csv");

    /// <summary>mm_khugepaged_scan in order: role, progress, budget before it, full_scan_finished.</summary>
    public string[] Visits => Lines("visits.csv");

    /// <summary>smaps at the snapshots: snap, role, Rss, AnonHugePages, LazyFree and Swap in kB.</summary>
    public string[] Snaps => Lines("snaps.csv");

    /// <summary>vmstat since the start: snap (or "(end)"), counter, value.</summary>
    public string[] Counters => Lines("counters.csv");

    /// <summary>Huge pages the deferred split shrinker walked: partially mapped, underused, split. Empty without a file.</summary>
    public string[] ShrinkerWalk => OptionalLines("shrinker.csv");

    /// <summary>Writes to files with their return value and errno. Empty without a file.</summary>
    public string[] FileWrites => OptionalLines("events.csv");

    /// <summary>scan_pmd of the self-test, per case: case, scanner, process, range, then as <see cref="Ranges"/>, and how many
    /// lines there were.</summary>
    public string[] Cases => Lines("cases.csv");

    /// <summary>scan_pmd of a trace without addresses: milliseconds since the first line, role, status, referenced,
    /// none_or_zero, unmapped.</summary>
    public string[] Scans => Lines("scans.csv");

    /// <summary>The same run in the simulator, at its end.</summary>
    public SimulatedRun Simulate(ulong seed = 1)
    {
        Scenario scenario = ScenarioLoader.Load(Path.Combine(Folder, "scenario.yaml"), ScenarioCatalog.Shipped);
        Variant variant = scenario.Variants[0];
        using SimHost host = SimHost.Start(new SimSettings { Seed = seed });
        var world = new World(host, new WorldSpec
        {
            Memory = scenario.Memory,
            Thp = variant.Knobs,
            Switches = variant.Switches,
            Machine = scenario.Machine,
            Tasks = variant.Tasks,
            Cgroups = scenario.Cgroups,
            Swap = variant.Swap,
            Vm = variant.Vm,
            KernelPages = scenario.KernelPages,
            Uptime = scenario.Uptime,
            TimelineInterval = TimeSpan.Zero,
            Seed = seed,
        });
        var lines = new TraceLines(world);
        world.Events.Attach(lines);
        world.RunUntil(scenario.Duration);
        world.Finish();
        return new SimulatedRun(lines.Ranges, lines.Visits, world) { ShrinkerWalk = lines.ShrinkerWalk, RangeTimes = lines.RangeTimes };
    }

    private string[] OptionalLines(string file) => File.Exists(Path.Combine(Folder, file)) ? Lines(file) : [];

    private string[] Lines(string file) => [.. File.ReadLines(Path.Combine(Folder, file)).Skip(1)];

    private sealed class TraceLines(World world) : IKernelEventSink
    {
        public List<string> Ranges { get; } = [];

        public List<TimeSpan> RangeTimes { get; } = [];

        public List<string> Visits { get; } = [];

        public List<string> ShrinkerWalk { get; } = [];

        public void Emit(in KernelEvent entry)
        {
            if (entry.Kind == KernelEventKind.ScanPmd)
            {
                string scanner = entry.Flag ? "khugepaged" : Role(entry.Mm);
                RangeTimes.Add(entry.Time);
                Ranges.Add($"{scanner},{Role(entry.Mm)},0x{entry.Address:x},{entry.Status.Text()},{entry.Referenced},"
                    + $"{entry.NoneOrZero},{entry.Unmapped},{(entry.Writable ? 1 : 0)},{entry.Extra}");
            }
            else if (entry.Kind == KernelEventKind.DeferredSplit)
            {
                ShrinkerWalk.Add($"{entry.Referenced},{entry.NoneOrZero},{(entry.Flag ? 1 : 0)}");
            }
            else if (entry.Kind == KernelEventKind.Visit)
            {
                Visits.Add($"{Role(entry.Mm)},{entry.Amount},{entry.Extra},{(entry.Writable ? 1 : 0)}");
            }
        }

        private string Role(int mm) => world.Report.Tasks[mm - 1].Name;
    }
}

/// <summary>What the simulator made of a recorded script.</summary>
/// <param name="Ranges">As <see cref="Recording.Ranges"/>.</param>
/// <param name="Visits">As <see cref="Recording.Visits"/>.</param>
/// <param name="World">The world at the end.</param>
internal sealed record SimulatedRun(List<string> Ranges, List<string> Visits, World World)
{
    /// <summary>As <see cref="Recording.ShrinkerWalk"/>.</summary>
    public required IReadOnlyList<string> ShrinkerWalk { get; init; }

    /// <summary>When each of <see cref="Ranges"/> was done.</summary>
    public required IReadOnlyList<TimeSpan> RangeTimes { get; init; }

    /// <summary>A counter at a snapshot, or at the end.</summary>
    public long Counter(string snap, string name)
    {
        VmCounter counter = Enum.GetValues<VmCounter>().First(counter => VmStat.Name(counter) == name);
        return snap == "(end)"
            ? World.Context.Vmstat[counter]
            : World.Report.Snaps.First(survey => survey.Name == snap).Vmstat[(int)counter];
    }

    /// <summary>smaps of a role at a snapshot.</summary>
    public SmapsFigures Smaps(string snap, string role) =>
        World.Report.Snaps.First(survey => survey.Name == snap).Tasks.First(task => task.Task == role).Figures;
}
