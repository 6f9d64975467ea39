using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Validation;
using MmActors.Model.Settings;
using MmActors.Tracing.Ftrace;

namespace MmActors.Experiments.Tests.Traces;

/// <summary>The trace text of a replayed recording against the recording's own text, line by line: names, fields, their order
/// and values, the task, and the order of the lines. Masked are times, CPUs, flags and what is chance of the machine: pointers,
/// page frames, pids, the group's number. Markers and the slabs of others are left out.</summary>
public partial class FtraceReplayTests
{
    [Theory] // TC-1…TC-6, TC-12, TC-13
    [InlineData("A-both", 546)]
    [InlineData("B-pts1024-skip", 132)]
    [InlineData("B2-coldfirst-refine", 386)]
    [InlineData("D-skip", 243)]
    [InlineData("E-write1-baseline-noswap", 341)]
    [InlineData("F-none409-dropcaches", 270)]
    [InlineData("F2-lazyfree-vs-underused-noswap", 1963)]
    [InlineData("F3-dequeue-409-then-409", 15)]
    [InlineData("G-max_ptes_shared-256", 74)]
    [InlineData("G-max_ptes_swap-64", 2054)]
    [InlineData("H-baseline", 367)]
    [InlineData("I-skip", 509)]
    [InlineData("M-partially-mapped-noswap", 109)]
    [InlineData("O-memcglimit-lazyfree-noswap", 137)]
    [InlineData("Q-fork-lazyfree-baseline", 253)]
    public void TC_13_a_replayed_recording_writes_the_recorded_lines(string run, int lines)
    {
        List<string> recorded = Recorded(run);
        Assert.Equal(lines, recorded.Count);
        Assert.Equal(recorded, Replayed(run));
    }

    [Theory] // where reclaim itself differs in places (docs/fidelity.md), most lines are still the recorded ones
    [InlineData("C-baseline-swap", 367, 358)]
    [InlineData("E-read1-baseline-swap", 495, 484)]
    [InlineData("F-none409-reclaim-swap", 462, 443)]
    [InlineData("K-memcg-swap", 7313, 6936)]
    public void TC_13_a_run_that_swaps_shares_most_of_its_lines(string run, int recorded, int shared)
    {
        List<string> lines = Recorded(run);
        Assert.Equal(recorded, lines.Count);
        var left = lines.GroupBy(static line => line).ToDictionary(static group => group.Key, static group => group.Count());
        int found = Replayed(run).Count(line => left.TryGetValue(line, out int count) && (left[line] = count - 1) >= 0);
        Assert.InRange(found, shared, recorded);
    }

    private static List<string> Recorded(string run)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(Folder(run), "trace.txt.gz")), CompressionMode.Decompress));
        return Masked(reader.ReadToEnd());
    }

    private static List<string> Replayed(string run)
    {
        MachinePreset machine = PresetLoader.LoadMachine("emulated", ScenarioCatalog.Shipped);
        RecordedRun recorded = RecordedRunReader.Read(Folder(run), ScenarioCatalog.Shipped);
        var plan = new ReplayPlan(recorded, machine);
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var writer = new FtraceWriter(text, FtraceFormat.Of(plan.Spec.Switches, lab: true), TimeSpan.Zero, plan.Spec.Machine.Cpus);
        Replay.Run(recorded, new Quiet(recorded), plan, default, writer);
        return Masked(text.ToString());
    }

    private static List<string> Masked(string text)
    {
        List<string> lines = [];
        foreach (string line in text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#'))
        {
            Match match = Shape().Match(line);
            Assert.True(match.Success, line);
            string name = match.Groups[2].Value;
            bool isOthers = name.StartsWith("mm_shrink_slab", StringComparison.Ordinal) && !line.Contains("deferred_split_scan", StringComparison.Ordinal);
            if (name is not ("tracing_mark_write" or "mm_vmscan_wakeup_kswapd") && !isOthers)
            {
                lines.Add($"{match.Groups[1].Value} {name}: {Chance().Replace(match.Groups[3].Value, static chance => chance.Groups[1].Value + "=…")}");
            }
        }

        return lines;
    }

    private static string Folder(string run)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MmActors.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no MmActors.sln above the tests");
        }

        return Path.Combine(folder, "tests", "MmActors.Conformance.Tests", "GroundTruth", run);
    }

    [GeneratedRegex(@"^\s*(\S+?)-\d+\s+\[\d+\] \S+\s+[\d.]+: (\w+): (.*)$")]
    private static partial Regex Shape();

    /// <summary>A page frame of all ones says that none was reached; a pid of −1 that the owner is gone. Those stay.</summary>
    [GeneratedRegex(@"\b(mm|page|(?:scan_)?pfn|pid|memcg)=(?!0xf{16}|-1)[0-9a-fx]+|(?<=deferred_split_scan\S+) [0-9a-f]{8,16}(?=:)")]
    private static partial Regex Chance();
}
