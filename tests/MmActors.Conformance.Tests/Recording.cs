using MmActors.Actors;
using MmActors.Experiments.Scenarios;
using MmActors.Model;
using MmActors.Model.Events;
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

    /// <summary>The same two lists from the simulator.</summary>
    public (List<string> Ranges, List<string> Visits) Simulate()
    {
        Scenario scenario = ScenarioLoader.Load(Path.Combine(Folder, "scenario.yaml"), ScenarioCatalog.Shipped);
        using SimHost host = SimHost.Start(new SimSettings { Seed = 1 });
        var world = new World(host, new WorldSpec
        {
            Memory = scenario.Memory,
            Thp = scenario.Variants[0].Knobs,
            Switches = scenario.Variants[0].Switches,
            Machine = scenario.Machine,
            Tasks = scenario.Tasks,
            TimelineInterval = TimeSpan.Zero,
            Seed = 1,
        });
        var lines = new TraceLines(world);
        world.Events.Attach(lines);
        world.RunUntil(scenario.Duration);
        world.Finish();
        return (lines.Ranges, lines.Visits);
    }

    private string[] Lines(string file) => [.. File.ReadLines(Path.Combine(Folder, file)).Skip(1)];

    private sealed class TraceLines(World world) : IKernelEventSink
    {
        public List<string> Ranges { get; } = [];

        public List<string> Visits { get; } = [];

        public void Emit(in KernelEvent entry)
        {
            if (entry.Kind == KernelEventKind.ScanPmd)
            {
                string scanner = entry.Flag ? "khugepaged" : Role(entry.Mm);
                Ranges.Add($"{scanner},{Role(entry.Mm)},0x{entry.Address:x},{entry.Status.Text()},{entry.Referenced},"
                    + $"{entry.NoneOrZero},{entry.Unmapped},{(entry.Writable ? 1 : 0)},{entry.Extra}");
            }
            else if (entry.Kind == KernelEventKind.Visit)
            {
                Visits.Add($"{Role(entry.Mm)},{entry.Amount},{entry.Extra},{(entry.Writable ? 1 : 0)}");
            }
        }

        private string Role(int mm) => world.Report.Tasks[mm - 1].Name;
    }
}
