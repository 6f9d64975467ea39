using MmActors.Cli.Execution;
using MmActors.Experiments.Traces;
using MmActors.Model.Memory;

namespace MmActors.Cli.Tests.Traces;

/// <summary>--ftrace by its command: the text, that it is read back, and what is wrong with its path.</summary>
public sealed class FtraceCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftrace").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory] // 100 %: the trace of a run is the trace of that run
    [InlineData("hot-cold-hot", "baseline", "stock", "scan_pmd 128")]
    [InlineData("hot-cold-hot", "both", "lab", "scan_pmd 192, scan_calls 131")]
    [InlineData("lazyfree-blocks-reclaim", "read1-baseline-noswap", "lab", "scan_pmd 112, scan_calls 23, deferred_split 16")]
    [InlineData("underused-thp", "none409-dropcaches", "lab", "scan_pmd 110, scan_calls 16, deferred_split 20")]
    [InlineData("mixed-load", "skip", "stock", "scan_pmd 264")]
    public void A_simulated_trace_validates_completely(string scenario, string variant, string fields, string expected)
    {
        string trace = At("trace.txt");
        Assert.Equal(
            (ExitCode.Success, ""), Quiet(Invocation.Run("run", scenario, "-v", variant, "--ftrace", trace, "--ftrace-fields", fields)));
        var (code, output, error) = Invocation.Run("validate", "--trace", trace, "--scenario", scenario, "--variant", variant, "--format", "csv");
        Assert.Equal(ExitCode.Success, code);
        Assert.DoesNotContain("not compared", error);
        var scores = output.Split("\r\n").Skip(1).Select(static line => line.Split(',')).Where(static cells => cells.Length > 3 && cells[3] != "0").ToList();
        Assert.Equal(expected, string.Join(", ", scores.Select(static cells => $"{cells[1]} {cells[3]}")));
        Assert.All(scores, static cells => Assert.Equal(cells[3], cells[2]));
    }

    [Theory] // VR-4…VR-6: one scenario, three kernels
    [InlineData("v6.12", true, false, "pmd_none")]
    [InlineData("v6.18", false, false, "pmd_none")]
    [InlineData("v7.1", false, true, "no_pte_table")]
    public void Each_kernel_preset_prints_its_own_form_and_validates(string kernel, bool writable, bool visits, string without)
    {
        string scenario = At("mine.yaml");
        File.WriteAllText(scenario, """
            name: mine
            duration: 20s
            memory: 1G
            kernel: v6.12
            machine: native
            tasks:
              - name: task
                program:
                  - map: {region: heap, size: 8M, populate: false}
                  - madvise: {region: heap, advice: hugepage}
                  - write: {region: heap, offset: 4M, length: 4M, byte: 1}
                  - loop: {times: 15, do: [{sleep: 1s}]}
            variants:
              - {name: v6.12, kernel: v6.12}
              - {name: v6.18, kernel: v6.18}
              - {name: v7.1, kernel: v7.1}

            """);
        string trace = At("trace.txt");
        Assert.Equal((ExitCode.Success, ""), Quiet(Invocation.Run("run", scenario, "-v", kernel, "--ftrace", trace)));
        string text = File.ReadAllText(trace);
        Assert.Equal(
            (writable, visits), (text.Contains("writable=", StringComparison.Ordinal), text.Contains(" mm_khugepaged_scan: ", StringComparison.Ordinal)));
        Assert.Contains($"status={without}, unmapped=0\n", text);
        var (code, output, _) = Invocation.Run("validate", "--trace", trace, "--scenario", scenario, "--variant", kernel);
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("none.", output);
    }

    [Fact] // the head counts the lines; the parser knows every event and reads every line
    public void The_projects_own_parser_reads_every_line()
    {
        string trace = At("trace.txt");
        Invocation.Run("run", "mixed-load", "-v", "baseline", "--ftrace", trace, "--ftrace-fields", "lab");
        string[] lines = [.. File.ReadLines(trace).Where(static line => line[0] != '#')];
        TraceFile read = TraceFile.Read(trace);
        Assert.Contains($"# entries-in-buffer/entries-written: {lines.Length}/{lines.Length}   #P:2", File.ReadLines(trace));
        Assert.Equal(["mm_vmscan_lru_isolate", "mm_vmscan_write_folio"], read.Ignored.Keys);
        Assert.Equal(lines.Length, read.Records.Count + read.Ignored.Values.Sum());
        double[] times = [.. read.Records.Select(static record => record.Stamp.Seconds)];
        Assert.Equal(times.Order(), times);
        Assert.False(read.LastLineIsCut);
    }

    [Fact]
    public void The_same_seed_twice_gives_the_same_bytes_and_another_seed_does_not()
    {
        string chance = Path.Combine(Invocation.Root(), "tests", "MmActors.Conformance.Tests", "Recordings", "real-6.18-seed", "scenario.yaml");
        byte[] Trace(string name, string seed)
        {
            Invocation.Run("run", chance, "--seed", seed, "--ftrace", At(name), "--perfetto", At(name + ".perfetto"));
            return [.. File.ReadAllBytes(At(name)), .. File.ReadAllBytes(At(name + ".perfetto"))];
        }

        byte[] first = Trace("a", "1");
        Assert.Equal(first, Trace("b", "1"));
        Assert.NotEqual(first, Trace("c", "2"));
    }

    [Fact]
    public void Compare_leaves_one_file_per_variant_and_each_is_that_of_run()
    {
        string folder = At("traces");
        Assert.Equal((ExitCode.Success, ""), Quiet(Invocation.Run("compare", "hot-cold-hot", "--until", "30s", "--ftrace", folder, "--perfetto", folder)));
        Assert.Equal(
            ["baseline.perfetto-trace", "baseline.txt", "both.perfetto-trace", "both.txt", "refine.perfetto-trace", "refine.txt", "skip.perfetto-trace", "skip.txt"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Invocation.Run("run", "hot-cold-hot", "-v", "skip", "--until", "30s", "--ftrace", At("skip.txt"), "--perfetto", At("skip.perfetto-trace"));
        Assert.Equal(File.ReadAllText(At("skip.txt")), File.ReadAllText(Path.Combine(folder, "skip.txt")));
        Assert.Equal(File.ReadAllBytes(At("skip.perfetto-trace")), File.ReadAllBytes(Path.Combine(folder, "skip.perfetto-trace")));
    }

    [Fact] // issue 5.1: one command
    public void The_command_without_a_verb_leaves_the_traces_of_compare()
    {
        string folder = At("traces");
        Assert.Equal(
            (ExitCode.Success, ""), Quiet(Invocation.Run(
                "--until", "30s", "--ftrace", folder, "--perfetto", folder, "--series", folder, "--spans", At("traces/spans.json"), "--report", At("traces/report.html"),
                "--output", At("traces/result.txt"))));
        Assert.Equal(
            ["baseline.csv", "baseline.parquet", "baseline.perfetto-trace", "baseline.txt"],
            Directory.GetFiles(folder, "baseline.*").Select(Path.GetFileName).Order());
        Assert.Equal(16 + 3, Directory.GetFiles(folder).Length);
        Invocation.Run("compare", "hot-cold-hot", "--until", "30s", "--ftrace", At("again"), "--spans", At("again.json"));
        Assert.Equal(File.ReadAllText(At("again/skip.txt")), File.ReadAllText(Path.Combine(folder, "skip.txt")));
        Assert.Equal(File.ReadAllText(At("again.json")), File.ReadAllText(At("traces/spans.json")));
    }

    [Theory]
    [InlineData("run hot-cold-hot -v both --ftrace -", "cannot write '-': a trace goes to a file of its own")]
    [InlineData("run hot-cold-hot -v both --ftrace /dev/stdout", "cannot write '/dev/stdout': a trace goes to a file of its own")]
    [InlineData("run hot-cold-hot -v both --ftrace /nowhere/at/all", "cannot write '/nowhere/at/all': its directory does not exist")]
    [InlineData("run hot-cold-hot -v both --perfetto /", "cannot write '/': it is a directory")]
    [InlineData("run hot-cold-hot -v both --ftrace x --ftrace-fields al", "unknown kind of fields 'al'; allowed: stock, lab")]
    [InlineData("run hot-cold-hot -v both --ftrace-fields lab", "'--ftrace-fields' needs '--ftrace'")]
    [InlineData("run hot-cold-hot -v both --ftrace x --output ./x", "'--output' and '--ftrace' would write the same file: ")]
    [InlineData("compare hot-cold-hot --ftrace /etc/passwd", "cannot write '/etc/passwd': it is a file; 'compare' writes a folder")]
    [InlineData("compare hot-cold-hot --scan-report", "unknown option '--scan-report'")]
    [InlineData("run hot-cold-hot -v both --scan-report --ascii", "'--ascii' is about the memory map, which '--scan-report' does not draw: leave out one of them")]
    [InlineData("run hot-cold-hot -v both --scan-report --seeds 3", "'--scan-report' tells of the scans of one run: leave out '--seeds', or ask for a page of all seeds with '--report'")]
    [InlineData("--ftrace /etc/passwd", "cannot write '/etc/passwd': it is a file; 'compare' writes a folder")]
    public void A_wrong_path_or_choice_gets_one_line_and_exit_code_2(string line, string message)
    {
        var (code, output, error) = Invocation.Run(line.Split(' '));
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.StartsWith($"error: {message}", error);
        Assert.Equal(1, error.Count(static letter => letter == '\n'));
    }

    [Fact]
    public void A_run_that_fails_leaves_what_was_there_and_nothing_beside_it()
    {
        string trace = At("trace.txt");
        File.WriteAllText(trace, "from before");
        var simulator = new FakeSimulator { RunFault = _ => new InvariantException("broken") };
        Assert.Equal(ExitCode.Internal, Invocation.Run(simulator, "run", "hot-cold-hot", "-v", "both", "--ftrace", trace).Code);
        Assert.Equal("from before", File.ReadAllText(trace));
        Assert.Equal([trace], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_link_stays_a_link_and_its_target_is_written()
    {
        File.WriteAllText(At("target.txt"), "");
        File.CreateSymbolicLink(At("link.txt"), At("target.txt"));
        Invocation.Run("run", "hot-cold-hot", "-v", "both", "--until", "1s", "--ftrace", At("link.txt"));
        Assert.Equal(At("target.txt"), File.ResolveLinkTarget(At("link.txt"), true)!.FullName);
        Assert.StartsWith("# tracer: nop\n", File.ReadAllText(At("target.txt")));
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact] // a full disk: the run goes on, and the command says so at its end
    public void A_stream_that_fails_keeps_the_first_fault_and_drops_what_follows()
    {
        var stream = new UnfailingStream(new FullAfter(3));
        stream.Write("ab"u8);
        Assert.Null(stream.Fault);
        stream.Write("cd"u8);
        stream.Write("ef"u8);
        stream.Flush();
        Assert.Equal("full after 2", stream.Fault!.Message);
    }

    [Fact]
    public void A_link_to_a_device_is_refused_as_the_device_is()
    {
        File.CreateSymbolicLink(At("link"), "/dev/null");
        var (code, _, error) = Invocation.Run("run", "hot-cold-hot", "-v", "both", "--ftrace", At("link"));
        Assert.Equal((ExitCode.Usage, $"error: cannot write '{At("link")}': a trace goes to a file of its own; standard output has the result\n"), (code, error));
    }

    [Fact] // what costs nothing when off: nothing is attached to the run
    public void Without_the_options_nothing_follows_a_run()
    {
        var simulator = new FakeSimulator();
        Invocation.Run(simulator, "run", "hot-cold-hot", "-v", "both");
        Invocation.Run(simulator, "compare", "hot-cold-hot");
        Assert.All(simulator.Requests, static request => Assert.Empty(request.Followers));
        Assert.Equal(7, simulator.Requests.Count);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static (int Code, string Error) Quiet((int Code, string Output, string Error) run) => (run.Code, run.Error);

    private sealed class FullAfter(int bytes) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > bytes)
            {
                throw new IOException($"full after {Length}");
            }

            base.Write(buffer);
        }
    }
}
