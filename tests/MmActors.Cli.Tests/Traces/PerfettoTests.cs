using System.Globalization;
using MmActors.Experiments.Traces;
using MmActors.Tracing.Perfetto.Protos;

namespace MmActors.Cli.Tests.Traces;

/// <summary>--perfetto, decoded with the schema: tracks, nesting, times, counters, arrows.</summary>
public sealed class PerfettoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("perfetto").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_actor_has_a_track_and_every_event_lies_on_one()
    {
        Trace trace = Run("mixed-load", "both");
        var tracks = trace.Packet.Where(static packet => packet.TrackDescriptor is not null).Select(static packet => packet.TrackDescriptor).ToList();
        Assert.Equal(["hot", "pool", "hog", "ctl", "kernel"], tracks.Where(static track => track.Process is not null).OrderBy(static track => track.Process.Pid < 50)
            .ThenBy(static track => track.Process.Pid).Select(static track => track.Process.ProcessName));
        string[] threads = [.. tracks.Where(static track => track.Thread is not null).Select(static track => track.Thread.ThreadName)];
        Assert.Equal(["ctl", "hog", "hot", "khugepaged", "pool"], threads.Order());
        foreach (string part in new[] { "deferred split shrinker", "reclaim", "reclaim for khugepaged", "swap", "mm" })
        {
            Assert.Contains(tracks, track => track.Name == part && track.HasParentUuid && track.Counter is null);
        }

        foreach (string counter in new[] { "nr_free_pages", "split_queue_len", "Rss (pages)", "LazyFree (pages)", "AnonHugePages (2 MiB ranges)", "Swap (pages)", "khugepaged budget left (pages)", "swap: pages written" })
        {
            Assert.Contains(tracks, track => track.Name == counter && track.Counter is not null);
        }

        HashSet<ulong> known = [.. tracks.Select(static track => track.Uuid)];
        Assert.Equal(tracks.Count, known.Count);
        Assert.All(tracks.Where(static track => track.HasParentUuid), track => Assert.Contains(track.ParentUuid, known));
        Assert.All(Events(trace), entry => Assert.Contains(entry.Event.TrackUuid, known));
    }

    [Theory]
    [InlineData("hot-cold-hot", "both")]
    [InlineData("mixed-load", "baseline")]
    [InlineData("lazyfree-blocks-reclaim", "write1-skip-swap")]
    [InlineData("underused-thp", "none64-dropcaches")]
    public void Slices_are_nested_and_times_never_go_back_on_a_track(string scenario, string variant)
    {
        Trace trace = Run(scenario, variant);
        foreach (var track in Events(trace).GroupBy(static entry => entry.Event.TrackUuid))
        {
            ulong last = 0;
            var open = new Stack<(string Name, ulong Begin)>();
            foreach ((ulong time, TrackEvent entry) in track)
            {
                Assert.True(time >= last, $"{entry.Name} at {time} after {last}");
                last = time;
                if (entry.Type == TrackEvent.Types.Type.SliceBegin)
                {
                    string parent = open.TryPeek(out var outer) ? outer.Name.Split(' ', ':')[0] : "";
                    Assert.Contains(parent, Parents(entry.Name));
                    open.Push((entry.Name, time));
                }
                else if (entry.Type == TrackEvent.Types.Type.SliceEnd)
                {
                    Assert.True(open.Pop().Begin <= time);
                }
            }

            Assert.Empty(open);
        }
    }

    [Fact] // the numbers of the run: 17 passes, 131 VISITs, 192 ranges, 128 of them collapsed
    public void Slices_count_what_the_run_reports_and_begin_when_the_trace_says()
    {
        string ftrace = Path.Combine(_folder, "trace.txt");
        Trace trace = Run("hot-cold-hot", "both", "--ftrace", ftrace);
        var begins = Events(trace).Where(static entry => entry.Event.Type == TrackEvent.Types.Type.SliceBegin).ToList();
        Assert.Equal(
            (17, 131, 192, 128),
            (begins.Count(static entry => entry.Event.Name == "pass"), begins.Count(static entry => entry.Event.Name.StartsWith("visit ", StringComparison.Ordinal)),
                begins.Count(static entry => entry.Event.Name.StartsWith("scan: ", StringComparison.Ordinal)),
                begins.Count(static entry => entry.Event.Name == "collapse: succeeded")));

        // A collapse ends when its trace line is written; the line has microseconds.
        var slices = Slices(trace);
        double[] ends = [.. slices.Where(static slice => slice.Name == "collapse: succeeded").Select(static slice => slice.End / 1e9)];
        double[] lines = [.. TraceFile.Read(ftrace).Records.OfType<CollapseRecord>().Select(static line => line.Stamp.Seconds)];
        Assert.Equal(lines.Length, ends.Length);
        Assert.All(lines.Zip(ends), static pair => Assert.InRange(pair.Second - pair.First, -0.6e-6, 0.6e-6));
    }

    [Fact] // TC-8, TC-11; 8 ranges a pass, 64 in all; 128M of lazyfree memory
    public void The_counter_of_huge_ranges_climbs_with_the_collapses()
    {
        Trace trace = Run("hot-cold-hot", "both");
        ulong hot1 = Track(trace, "hot1", "AnonHugePages (2 MiB ranges)");
        long[] values = [.. Events(trace).Where(entry => entry.Event.TrackUuid == hot1).Select(static entry => entry.Event.CounterValue)];
        Assert.Equal(Enumerable.Range(0, 65).Select(static value => (long)value), values.Where((value, index) => index == 0 || value != values[index - 1]).Distinct().Order());
        ulong cold = Track(trace, "cold", "LazyFree (pages)");
        Assert.Contains(32768, Events(trace).Where(entry => entry.Event.TrackUuid == cold).Select(static entry => entry.Event.CounterValue));
    }

    [Fact] // KH-33: a task that faults while its range is copied waits for the collapse
    public void An_arrow_leads_from_the_scan_over_the_collapse_to_the_wait_it_caused()
    {
        Trace trace = Run("mixed-load", "both");
        var slices = Slices(trace);
        var wait = Assert.Single(slices, static slice => slice.Name == "wait for mmap_lock");
        var flow = slices.Where(slice => slice.Flow == wait.Flow).OrderBy(static slice => slice.Begin).ToList();
        Assert.Equal(["scan: succeeded", "collapse: succeeded", "wait for mmap_lock"], flow.Select(static slice => slice.Name));
        Assert.InRange(wait.Begin, flow[1].Begin, flow[1].End);
        Assert.NotEqual(flow[1].Track, wait.Track);
        var byFlow = slices.Where(static slice => slice.Flow != 0).GroupBy(static slice => slice.Flow).ToList();
        Assert.All(byFlow, static group => Assert.Contains(group.Count(), (int[])[2, 3]));
    }

    [Fact]
    public void The_arrow_in_the_readme_is_that_of_its_command()
    {
        Trace trace = Run("mixed-load", "both");
        var names = trace.Packet.Where(static packet => packet.TrackDescriptor?.Thread is not null)
            .ToDictionary(static packet => packet.TrackDescriptor.Uuid, static packet => packet.TrackDescriptor.Thread.ThreadName);
        var slices = Slices(trace);
        ulong flow = slices.First(static slice => slice.Name == "wait for mmap_lock").Flow;
        ReadmeTests.RequireShown("perfetto", string.Concat(slices.Where(slice => slice.Flow == flow).OrderBy(static slice => slice.Begin).Select(slice =>
            string.Create(CultureInfo.InvariantCulture, $"{names[slice.Track],-12} {slice.Name,-22} {slice.Begin / 1e9,12:F6} {(slice.End - slice.Begin) / 1e3,8:F1}\n"))));
    }

    [Fact] // a fork child's mm is registered before the child starts
    public void A_fork_child_has_its_name_on_every_track()
    {
        Trace trace = Run("explore-races", "v6.12");
        var tracks = trace.Packet.Where(static packet => packet.TrackDescriptor is not null).Select(static packet => packet.TrackDescriptor).ToList();
        Assert.Single(tracks, static track => track.Process?.ProcessName == "child");
        Assert.Single(tracks, static track => track.Thread?.ThreadName == "child");
        Assert.DoesNotContain(tracks, static track => track.Process?.ProcessName == "<...>" || track.Thread?.ThreadName == "<...>");
    }

    [Fact] // the task calls MADV_COLLAPSE under khugepaged's eyes: what waits there are collapses, and no call of the table stalled
    public void A_collapse_that_waits_is_no_stall_of_a_task()
    {
        string file = Path.Combine(_folder, "caller.yaml");
        File.WriteAllText(file, Caller);
        Trace trace = Run(file, "only", "--report", Path.Combine(_folder, "r.html"), "--format", "json", "--output", Path.Combine(_folder, "r.json"));
        Assert.DoesNotContain(Slices(trace), static slice => slice.Name == "wait for mmap_lock");
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "r.json")));
        var task = json.RootElement.GetProperty("variants")[0].GetProperty("tasks").GetProperty("caller");
        Assert.Equal(0, task.GetProperty("stalled_s").GetDouble());
        string page = File.ReadAllText(Path.Combine(_folder, "r.html"));
        Assert.Contains("duration of one collapse", page);
        Assert.DoesNotContain("duration of one stall", page);
    }

    private const string Caller = """
        name: caller
        description: MADV_COLLAPSE while khugepaged scans without a pause.
        duration: 100ms
        memory: 1G
        kernel: v6.12
        machine: native
        knobs: {khugepaged/scan_sleep_millisecs: 1, khugepaged/pages_to_scan: 4096}
        tasks:
          - name: caller
            program:
              - map: {region: buf, size: 32M, populate: true}
              - madvise: {region: buf, advice: hugepage}
              - loop:
                  times: 20
                  do:
                    - madvise: {region: buf, advice: collapse}
                    - madvise: {region: buf, advice: dontneed, length: 1M}
                    - write: {region: buf, byte: i, stride: 64K}
                    - sleep: 700us
        variants:
          - name: only
        """;

    private static string[] Parents(string name) => name.Split(' ', ':')[0] switch
    {
        "visit" => ["pass"],
        "scan" or "collapse" => ["visit", "task"],
        "measured" or "wait" => ["task", "measured"],
        "shrink_inactive" or "shrink_active" => ["memcg", "direct", "awake", ""],
        _ => [""],
    };

    private Trace Run(string scenario, string variant, params string[] more)
    {
        string path = Path.Combine(_folder, "run.perfetto-trace");
        Assert.Equal(ExitCode.Success, Invocation.Run(["run", scenario, "-v", variant, "--perfetto", path, .. more]).Code);
        return Trace.Parser.ParseFrom(File.ReadAllBytes(path));
    }

    private static IEnumerable<(ulong Time, TrackEvent Event)> Events(Trace trace) =>
        trace.Packet.Where(static packet => packet.TrackEvent is not null).Select(static packet => (packet.Timestamp, packet.TrackEvent));

    private static List<(ulong Track, string Name, ulong Begin, ulong End, ulong Flow)> Slices(Trace trace)
    {
        List<(ulong Track, string Name, ulong Begin, ulong End, ulong Flow)> slices = [];
        var open = new Dictionary<ulong, Stack<(ulong Time, TrackEvent Event)>>();
        foreach ((ulong time, TrackEvent entry) in Events(trace))
        {
            if (!open.TryGetValue(entry.TrackUuid, out var stack))
            {
                open[entry.TrackUuid] = stack = new();
            }

            if (entry.Type == TrackEvent.Types.Type.SliceBegin)
            {
                stack.Push((time, entry));
            }
            else if (entry.Type == TrackEvent.Types.Type.SliceEnd)
            {
                (ulong began, TrackEvent begin) = stack.Pop();
                slices.Add((entry.TrackUuid, begin.Name, began, time, begin.FlowIds.FirstOrDefault()));
            }
        }

        return slices;
    }

    private static ulong Track(Trace trace, string process, string name)
    {
        var tracks = trace.Packet.Where(static packet => packet.TrackDescriptor is not null).Select(static packet => packet.TrackDescriptor).ToList();
        ulong parent = tracks.Single(track => track.Process?.ProcessName == process).Uuid;
        return tracks.Single(track => track.ParentUuid == parent && track.Name == name).Uuid;
    }
}
