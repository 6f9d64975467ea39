using System.Text.Json;
using MmActors.Tracing;

namespace MmActors.Telemetry.Tests;

/// <summary>What the span file of a run says.</summary>
public sealed class SpanTests : IDisposable
{
    private readonly Commands _commands = new();

    public void Dispose() => _commands.Dispose();

    [Fact]
    public void Collapse_steps_follow_each_other_and_fill_the_collapse()
    {
        List<FileSpan> spans = Run("hot-cold-hot", "both", "--until", "30s");
        FileSpan collapse = spans.First(static span => span.Name == "collapse");
        List<FileSpan> steps = [.. spans.Where(span => span.Parent == collapse.Id)];
        Assert.Equal(["alloc", "recheck", "lock_wait", "isolate", "copy", "install"], steps.Select(static step => step.Name));
        Assert.Equal(collapse.Start, steps[0].Start);
        Assert.Equal(collapse.End, steps[^1].End);
        Assert.All(steps.Zip(steps.Skip(1)), static pair => Assert.Equal(pair.First.End, pair.Second.Start));

        // config/machines/native.yaml: 20 µs for the page, 1 µs for the recheck, 60 µs to isolate, 350 µs to copy.
        Assert.Equal([20_000, 1_000, 0, 60_000, 350_000, 0], steps.Select(static step => step.End - step.Start));
        FileSpan visit = spans.Single(span => span.Id == collapse.Parent);
        Assert.Equal(("visit", "hot1"), (visit.Name, visit[MmAttributes.Task]));
        Assert.Equal("khugepaged.pass", spans.Single(span => span.Id == visit.Parent).Name);
    }

    [Fact] // KH-4, KH-15: budget 4096, 8 ranges of 512 a pass under the old accounting
    public void A_pass_and_its_visits_say_where_the_budget_went()
    {
        List<FileSpan> spans = Run("hot-cold-hot", "baseline", "--until", "30s");
        FileSpan pass = spans.Where(static span => span.Name == "khugepaged.pass").ElementAt(1);
        Assert.Equal(("2", "4096"), (pass[MmAttributes.Pass], pass[MmAttributes.Budget]));
        List<FileSpan> visits = [.. spans.Where(span => span.Parent == pass.Id)];
        Assert.Equal(8, visits.Sum(static visit => int.Parse(visit[MmAttributes.Ranges], null)));
        Assert.Equal(pass[MmAttributes.Progress], visits.Sum(static visit => int.Parse(visit[MmAttributes.Progress], null)).ToString(null, null));
        Assert.Equal(8, visits.Count(static visit => visit[MmAttributes.Statuses] == "succeeded=1"));
    }

    [Fact] // KH-5: with nothing left to look at a pass gives its budget up, but that is not charged to anybody; 16 ranges of 512
    public void A_pass_that_came_round_is_charged_what_its_visits_were()
    {
        List<FileSpan> spans = Run("lazyfree-blocks-reclaim", "none-baseline-noswap");
        List<FileSpan> passes = [.. spans.Where(static span => span.Name == "khugepaged.pass")];
        Assert.Equal(10, passes.Count);
        foreach (FileSpan pass in passes)
        {
            long charged = spans.Where(span => span.Parent == pass.Id).Sum(static visit => long.Parse(visit[MmAttributes.Progress], null));
            Assert.Equal(charged.ToString(null, null), pass[MmAttributes.Progress]);
            Assert.InRange(charged, 16 * 512, 17 * 512);
        }
    }

    [Fact] // README's explain: cold reads 512 pages of a range that khugepaged collapses at 153.6 s
    public void A_wait_is_linked_to_the_collapse_that_caused_it()
    {
        List<FileSpan> spans = Run("hot-cold-hot", "baseline");
        List<FileSpan> stalls = [.. spans.Where(static span => span.Name == "stall")];
        Assert.Equal(8, stalls.Count);
        foreach (FileSpan stall in stalls)
        {
            FileSpan cause = spans.Single(span => span.Id == Assert.Single(stall.Links));
            Assert.Equal(("collapse", "cold", "cold"), (cause.Name, cause[MmAttributes.Task], stall[MmAttributes.Task]));
            Assert.True(cause.Start < stall.End && stall.Start < cause.End, "they overlap");
        }
    }

    [Fact]
    public void Reclaim_cycles_hold_priority_steps_and_shrinker_calls()
    {
        List<FileSpan> spans = Run("mixed-load", "baseline");
        Dictionary<string, FileSpan> byId = spans.ToDictionary(static span => span.Id);
        List<FileSpan> steps = [.. spans.Where(static span => span.Name == "priority")];
        Assert.NotEmpty(steps);
        Assert.All(steps, step => Assert.StartsWith("reclaim.", byId[step.Parent!].Name, StringComparison.Ordinal));
        Assert.All(steps, static step => Assert.InRange(int.Parse(step[MmAttributes.Priority], null), 0, 12));
        Assert.Contains(spans, static span => span.Name == "shrinker");
        FileSpan root = spans[0];
        Assert.All(spans.Skip(1), span =>
        {
            FileSpan ancestor = span;
            while (ancestor.Parent is { } parent)
            {
                ancestor = byId[parent];
                Assert.True(ancestor.Start <= span.Start, $"{span.Name} begins before {ancestor.Name}");
            }

            Assert.Equal(root, ancestor);
        });

        // RC-64: khugepaged reclaims for the order-9 page of a collapse, a task for what it faults in.
        List<FileSpan> ofKhugepaged = [.. spans.Where(static span => span.Name == "reclaim.khugepaged")];
        Assert.Equal(5, ofKhugepaged.Count);
        Assert.All(ofKhugepaged, cycle => Assert.Equal(("alloc", "collapse"), (byId[cycle.Parent!].Name, cycle[MmAttributes.ReclaimFor])));
        Assert.All(spans.Where(static span => span.Name == "reclaim.direct"), static cycle => Assert.Equal("fault", cycle[MmAttributes.ReclaimFor]));

        // What the cycles got back is what their steps got back.
        foreach (FileSpan cycle in spans.Where(static span => span.Name == "reclaim.direct"))
        {
            Assert.Equal(
                long.Parse(cycle[MmAttributes.Reclaimed], null),
                steps.Where(step => step.Parent == cycle.Id).Sum(static step => long.Parse(step[MmAttributes.Reclaimed], null)));
        }
    }

    /// <summary>Both cycles begin and end together, and one shrinker serves them in turn: only what travels with its requests tells
    /// which call is whose.</summary>
    [Fact]
    public void Of_two_cycles_at_once_each_has_its_own_calls_of_the_shrinker()
    {
        File.WriteAllText(_commands.PathOf("two.yaml"), TwoReclaimers);
        List<FileSpan> spans = Run(_commands.PathOf("two.yaml"), "only");
        Dictionary<string, FileSpan> byId = spans.ToDictionary(static span => span.Id);
        List<FileSpan> calls = [.. spans.Where(static span => span.Name == "shrinker" && span[MmAttributes.Splits] == "8")];
        Assert.Equal(["1", "2"], calls.Select(static call => call[MmAttributes.Group]).Order());
        List<FileSpan> cycles = [.. calls.Select(call => byId[byId[call.Parent!].Parent!])];
        Assert.Equal(["reclaim.direct", "reclaim.direct"], cycles.Select(static cycle => cycle.Name));
        Assert.Equal(calls.Select(static call => call[MmAttributes.Group]), cycles.Select(static cycle => cycle[MmAttributes.Group]));
        Assert.True(cycles[0].Start < cycles[1].End && cycles[1].Start < cycles[0].End, "they overlap");
        Assert.All(cycles, static cycle => Assert.Equal("call", cycle[MmAttributes.ReclaimFor]));
    }

    [Fact] // RC-64, KH-43: the group is full, so the charge of the huge page reclaims, and what it swaps out is missing at C6
    public void What_a_call_reclaims_for_its_collapse_is_part_of_it()
    {
        File.WriteAllText(_commands.PathOf("full.yaml"), CollapseAtTheLimit);
        List<FileSpan> spans = Run(_commands.PathOf("full.yaml"), "only");
        Dictionary<string, FileSpan> byId = spans.ToDictionary(static span => span.Id);
        List<FileSpan> cycles = [.. spans.Where(static span => span.Name == "reclaim.direct")];
        Assert.Equal(["512", "512"], cycles.Select(static cycle => cycle[MmAttributes.Goal]));
        Assert.All(cycles, static cycle => Assert.Equal(("collapse", "a"), (cycle[MmAttributes.ReclaimFor], cycle[MmAttributes.Task])));
        FileSpan alloc = byId[Assert.Single(cycles.Select(static cycle => cycle.Parent!).Distinct())];
        FileSpan collapse = byId[alloc.Parent!];
        Assert.Equal(("alloc", "collapse", "madvise"), (alloc.Name, collapse.Name, collapse[MmAttributes.CollapseBy]));
        Assert.Equal("pte_non_present", collapse[MmAttributes.ScanStatus]);
    }

    [Fact] // issue 5.2
    public void The_same_seed_gives_the_same_file()
    {
        foreach (string file in new[] { "a", "b" })
        {
            _commands.Succeed("compare", "mixed-load", "--spans", _commands.PathOf(file), "--until", "15s");
        }

        byte[] bytes = File.ReadAllBytes(_commands.PathOf("a"));
        Assert.True(bytes.Length > 100_000, $"{bytes.Length} bytes");
        Assert.Equal(bytes, File.ReadAllBytes(_commands.PathOf("b")));
    }

    [Fact]
    public void Sampling_keeps_whole_passes_and_counts_the_rest()
    {
        List<FileSpan> all = Run("hot-cold-hot", "both");
        List<FileSpan> some = Run("hot-cold-hot", "both", "--span-every", "4");
        Assert.Equal(["1", "5", "9", "13", "17"], some.Where(static span => span.Name == "khugepaged.pass").Select(static pass => pass[MmAttributes.Pass]));
        foreach (FileSpan pass in some.Where(static span => span.Name == "khugepaged.pass"))
        {
            FileSpan whole = all.Single(span => span.Name == "khugepaged.pass" && span.Start == pass.Start);
            Assert.Equal(Names(all, whole), Names(some, pass));
        }

        Assert.Equal((all.Count - some.Count).ToString(null, null), some[0][MmAttributes.SpansSampledOut]);
        Assert.Equal("0", some[0][MmAttributes.SpansDropped]);
    }

    [Fact]
    public void What_the_limit_drops_is_counted_and_said()
    {
        Assert.Equal(0, _commands.Run("run", "hot-cold-hot", "--variant", "both", "--spans", _commands.PathOf("f"), "--span-limit", "100"));
        string said = _commands.Error;
        List<FileSpan> kept = FileSpan.Read(_commands.PathOf("f"));
        int dropped = Run("hot-cold-hot", "both").Count - kept.Count;
        Assert.Equal($"note: both: {dropped} spans dropped beyond --span-limit 100\n", said);
        Assert.Equal(dropped.ToString(null, null), kept[0][MmAttributes.SpansDropped]);
        Assert.InRange(kept.Count, 100, 200);
    }

    [Fact]
    public void A_bad_number_of_spans_is_one_line()
    {
        Assert.Equal(2, _commands.Run("run", "hot-cold-hot", "--variant", "both", "--span-every", "0"));
        Assert.Equal("error: '--span-every' takes a whole number from 1 to 10000000, not '0'\n", _commands.Error);
    }

    private const string TwoReclaimers = """
        name: two-reclaimers
        description: Two tasks write memory.reclaim of two groups at the same moment.
        duration: 4s
        memory: 1G
        kernel: v6.12
        machine: native
        knobs: {khugepaged/max_ptes_none: 409}
        cgroups:
          - {name: g}
          - {name: h}
        tasks:
          - name: a
            cgroup: g
            program:
              - map: {region: m, size: 16M, fixed: 0}
              - madvise: {region: m, advice: hugepage}
              - write: {region: m, byte: 9, stride: 2M}
              - until: 1s
              - set: {knob: cgroup/g/memory.reclaim, value: 4M}
          - name: b
            cgroup: h
            program:
              - map: {region: m, size: 16M, fixed: 0}
              - madvise: {region: m, advice: hugepage}
              - write: {region: m, byte: 9, stride: 2M}
              - until: 1s
              - set: {knob: cgroup/h/memory.reclaim, value: 4M}
        variants:
          - name: only
        """;

    private const string CollapseAtTheLimit = """
        name: collapse-at-the-limit
        description: MADV_COLLAPSE in a group that is full.
        duration: 2s
        memory: 1G
        swap: {size: 64M, device: ram}
        kernel: v6.12
        machine: native
        cgroups:
          - {name: g, memory.max: 8M}
        tasks:
          - name: a
            cgroup: g
            program:
              - map: {region: m, size: 6M, fixed: 0}
              - write: {region: m, byte: 9}
              - map: {region: n, size: 2M, fixed: 64M}
              - write: {region: n, byte: 9}
              - until: 1s
              - madvise: {region: m, advice: collapse}
        variants:
          - name: only
        """;

    private static IEnumerable<string> Names(List<FileSpan> spans, FileSpan root)
    {
        HashSet<string> inside = [root.Id];
        return [.. spans.Where(span => span.Parent is { } parent && inside.Contains(parent) && inside.Add(span.Id)).Select(static span => span.Name)];
    }

    private List<FileSpan> Run(string scenario, string variant, params string[] more)
    {
        _commands.Succeed(["run", scenario, "--variant", variant, "--spans", _commands.PathOf("spans.json"), .. more]);
        return FileSpan.Read(_commands.PathOf("spans.json"));
    }
}

/// <summary>A span as its file tells it.</summary>
internal sealed record FileSpan(string Id, string? Parent, string Name, long Start, long End, IReadOnlyList<string> Links, IReadOnlyDictionary<string, string> Attributes)
{
    public string this[string attribute] => Attributes[attribute];

    public static List<FileSpan> Read(string path)
    {
        List<FileSpan> spans = [];
        foreach (string line in File.ReadLines(path))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            foreach (JsonElement span in document.RootElement.GetProperty("resourceSpans")[0].GetProperty("scopeSpans")[0].GetProperty("spans").EnumerateArray())
            {
                spans.Add(Of(span));
            }
        }

        return spans;
    }

    private static FileSpan Of(JsonElement span) => new(
        span.GetProperty("spanId").GetString()!,
        span.TryGetProperty("parentSpanId", out JsonElement parent) ? parent.GetString() : null,
        span.GetProperty("name").GetString()!,
        long.Parse(span.GetProperty("startTimeUnixNano").GetString()!, null),
        long.Parse(span.GetProperty("endTimeUnixNano").GetString()!, null),
        span.TryGetProperty("links", out JsonElement links) ? [.. links.EnumerateArray().Select(static link => link.GetProperty("spanId").GetString()!)] : [],
        span.GetProperty("attributes").EnumerateArray().ToDictionary(
            static entry => entry.GetProperty("key").GetString()!,
            static entry => entry.GetProperty("value").EnumerateObject().Single().Value.ToString()));
}
