using MmActors.Experiments.Traces;
using MmActors.Tracing.Perfetto.Protos;
using Parquet;
using Parquet.Schema;

namespace MmActors.Cli.Tests.Traces;

/// <summary>What an interrupted run leaves behind says so, each file in its own format; that of a whole run does not.</summary>
public sealed class PartialFileTests : IDisposable
{
    private const string Mark = "partial: stopped at 31.35 s"; // 19 hundredths of the scenario's 165 s
    private readonly string _folder = Directory.CreateTempSubdirectory("partial").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_kernels_trace_says_so_in_a_comment_and_is_read_like_any_other()
    {
        string[] lines = File.ReadAllLines(Interrupted("--ftrace", "trace.txt"));
        Assert.Equal(["# tracer: nop", "#", $"# entries-in-buffer/entries-written: {lines.Length - 13}/{lines.Length - 13}   #P:2", $"# {Mark}", "#"], lines[..5]);
        Assert.Single(lines, static line => line.Contains("partial", StringComparison.Ordinal));
        Assert.Equal(lines.Length - 13, TraceFile.Read(At("trace.txt")).Records.Count);
        Assert.StartsWith("whole trace\n@scan_pmd_status[succeeded]: ", Invocation.Awk(At("trace.txt")), StringComparison.Ordinal);

        string whole = File.ReadAllText(Whole("--ftrace", "whole.txt"));
        Assert.DoesNotContain("partial", whole, StringComparison.Ordinal);
        Assert.StartsWith(string.Join('\n', lines.Skip(13)), whole[whole.IndexOf("\n  ", StringComparison.Ordinal)..].TrimStart('\n'), StringComparison.Ordinal);
    }

    [Fact]
    public void The_trace_for_the_viewer_has_a_track_with_the_moment()
    {
        Trace trace = Trace.Parser.ParseFrom(File.ReadAllBytes(Interrupted("--perfetto", "a.perfetto-trace")));
        TrackDescriptor track = Assert.Single(
            trace.Packet.Select(static packet => packet.TrackDescriptor), static track => track is { Name: Mark });
        Assert.False(track.HasParentUuid);
        TracePacket moment = Assert.Single(trace.Packet, packet => packet.TrackEvent?.TrackUuid == track.Uuid);
        Assert.Equal((TrackEvent.Types.Type.Instant, Mark, 31_350_000_000UL), (moment.TrackEvent.Type, moment.TrackEvent.Name, moment.Timestamp));

        trace = Trace.Parser.ParseFrom(File.ReadAllBytes(Whole("--perfetto", "b.perfetto-trace")));
        Assert.DoesNotContain(trace.Packet, static packet => packet.TrackDescriptor?.Name.StartsWith("partial", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task A_series_has_a_column_with_1_in_the_row_at_which_the_run_was_stopped()
    {
        Interrupted("--series", "s");
        string[][] rows = [.. File.ReadAllLines(At("s/both.csv")).Select(static line => line.Split(','))];
        Assert.Equal(("time_s", "partial"), (rows[0][0], rows[0][^1]));
        Assert.Equal(["30", "31", "31.35"], rows[^3..].Select(static row => row[0]));
        Assert.Equal([.. Enumerable.Repeat("0", rows.Length - 2), "1"], rows.Skip(1).Select(static row => row[^1]));

        await using ParquetReader reader = await ParquetReader.CreateAsync(At("s/both.parquet"));
        DataField field = reader.Schema.GetDataFields()[^1];
        Assert.Equal("partial", field.Name);
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        long[] values = new long[group.RowCount];
        await group.ReadAsync<long>(field, values);
        Assert.Equal([.. Enumerable.Repeat(0L, rows.Length - 2), 1L], values);

        Whole("--series", "w");
        string header = File.ReadLines(At("w/both.csv")).First();
        Assert.Equal(string.Join(',', rows[0][..^1]), header);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private string Interrupted(string option, string name)
    {
        using var cancel = new CancellationTokenSource();
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal { Out = output, Error = error, Cancel = cancel.Token };
        int code = MmActorsCommand.Run(
            ["run", "hot-cold-hot", "-v", "both", option, At(name)], terminal,
            new StoppingSimulator(TimeSpan.FromSeconds(30), cancel));
        Assert.Equal((ExitCode.Interrupted, "interrupted: the result is partial\n"), (code, error.ToString()));
        return At(name);
    }

    private string Whole(string option, string name)
    {
        Assert.Equal(ExitCode.Success, Invocation.Run("run", "hot-cold-hot", "-v", "both", option, At(name)).Code);
        return At(name);
    }
}
