using MmActors.Cli.Execution;
using MmActors.Experiments.Running;
using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Tracing.Perfetto;
using MmActors.Tracing.Perfetto.Protos;

namespace MmActors.Cli.Tests.Traces;

/// <summary>The packets of a trace wait on disk. By itself, because other tests' memory would be counted with it.</summary>
[Collection(nameof(PerfettoMemoryTests))]
[CollectionDefinition(nameof(PerfettoMemoryTests), DisableParallelization = true)]
public sealed class PerfettoMemoryTests : IDisposable
{
    /// <summary>Few enough that runs of runs of runs are merged.</summary>
    private static readonly SpoolLimits Tiny = new(Bytes: 3000, Packets: 16, Runs: 3);

    private readonly string _folder = Directory.CreateTempSubdirectory("perfetto").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("mixed-load", "both")]
    [InlineData("hot-cold-hot", "both")]
    [InlineData("underused-thp", "none64-dropcaches")]
    public void What_is_kept_in_memory_makes_no_difference_to_the_file(string scenario, string variant)
    {
        var shipped = new ShippedSimulator();
        var loaded = shipped.Load(scenario);
        using var large = new PerfettoTrace(loaded.Uptime, loaded.Machine.Cpus, At("large"));
        using var small = new PerfettoTrace(loaded.Uptime, loaded.Machine.Cpus, At("small"), Tiny);
        var request = new RunRequest(loaded, loaded.Variants.Single(v => v.Name == variant), loaded.Machine, 1, TlbModel.Reach);
        shipped.Run(request with { Followers = [large, small] }, null, CancellationToken.None);
        byte[] expected = Written(large);
        Assert.InRange(expected.Length, 9 * Tiny.Bytes, int.MaxValue); // runs of runs of runs
        Assert.Equal(expected, Written(small));
        Assert.Equal(0, large.CutSlices);
    }

    [Fact] // the slice that contains all others is known last, and stands first
    public void Slices_stand_where_they_begin_however_late_they_are_known()
    {
        using var trace = new PerfettoTrace(TimeSpan.Zero, 2, At("trace"), Tiny);
        Emit(trace, 0, new KernelEvent { Time = default, Kind = KernelEventKind.TaskStart, Mm = 1, Detail = new EventDetail { Name = "t" } });
        for (int number = 1; number <= 1000; number++)
        {
            Emit(trace, number, new KernelEvent { Time = default, Kind = KernelEventKind.Madvise, Mm = 1, Address = number });
        }

        Emit(trace, 1001, new KernelEvent { Time = default, Kind = KernelEventKind.TaskExit, Mm = 1 });
        Trace read = Trace.Parser.ParseFrom(Written(trace));
        ulong thread = read.Packet.Single(static packet => packet.TrackDescriptor?.Thread is not null).TrackDescriptor.Uuid;
        var events = read.Packet.Where(packet => packet.TrackEvent?.TrackUuid == thread).ToList();
        Assert.Equal(1002, events.Count);
        Assert.Equal((TrackEvent.Types.Type.SliceBegin, "task", 0UL), (events[0].TrackEvent.Type, events[0].TrackEvent.Name, events[0].Timestamp));
        Assert.Equal(Enumerable.Range(1, 1000).Select(static number => $"0x{number:x}"), events[1..^1].Select(
            static packet => packet.TrackEvent.DebugAnnotations.Single(static note => note.Name == "addr").StringValue));
        Assert.Equal((TrackEvent.Types.Type.SliceEnd, 1_001_000UL), (events[^1].TrackEvent.Type, events[^1].Timestamp));
    }

    [Fact] // 20 000 passes are 180 000 packets, some 20 MB; what is kept is the buffers
    public void Live_memory_does_not_grow_with_the_length_of_the_run()
    {
        using var trace = new PerfettoTrace(TimeSpan.Zero, 2, At("trace"), new SpoolLimits(1 << 16, 1 << 10, 16));
        Passes(trace, 0, 2_000);
        long early = GC.GetTotalMemory(forceFullCollection: true);
        Passes(trace, 2_000, 20_000);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - early, -(1 << 20), 1 << 18);

        using var target = new Measuring();
        trace.Write(target);
        Assert.InRange(target.Bytes, 10_000_000, 100_000_000);
        Assert.InRange(target.Live - early, -(1 << 20), 2 << 20); // 16 KiB for each of the runs that are merged
    }

    [Fact]
    public void Nothing_is_left_beside_the_trace()
    {
        var trace = new PerfettoTrace(TimeSpan.Zero, 2, At("trace"), Tiny);
        Passes(trace, 0, 100);
        Written(trace);
        trace.Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static byte[] Written(PerfettoTrace trace)
    {
        using var stream = new MemoryStream();
        trace.Write(stream);
        return stream.ToArray();
    }

    /// <summary>A pass of khugepaged with a VISIT and two ranges each: nine packets with the counter's.</summary>
    private static void Passes(PerfettoTrace trace, int from, int to)
    {
        for (int pass = from; pass < to; pass++)
        {
            Emit(trace, pass * 10, new KernelEvent { Time = default, Kind = KernelEventKind.PassBegin, Amount = 4096 });
            Emit(trace, (pass * 10) + 1, new KernelEvent { Time = default, Kind = KernelEventKind.VisitBegin, Mm = 1, Amount = 4096 });
            for (int range = 2; range < 4; range++)
            {
                Emit(trace, (pass * 10) + range, new KernelEvent
                {
                    Time = default,
                    Kind = KernelEventKind.ScanPmd,
                    Mm = 1,
                    Flag = true,
                    Status = ScanResult.LackReferencedPage,
                    Amount = 512,
                });
            }

            Emit(trace, (pass * 10) + 5, new KernelEvent { Time = default, Kind = KernelEventKind.Visit, Mm = 1, Amount = 1024, Extra = 4096 });
            Emit(trace, (pass * 10) + 6, new KernelEvent { Time = default, Kind = KernelEventKind.PassEnd });
        }
    }

    private static void Emit(PerfettoTrace trace, long microseconds, KernelEvent entry) =>
        trace.Emit(entry with { Time = TimeSpan.FromMicroseconds(microseconds) });

    /// <summary>Takes the file and looks at the memory now and then.</summary>
    private sealed class Measuring : MemoryStream
    {
        public long Bytes { get; private set; }

        public long Live { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Bytes / 2_000_000 != (Bytes + buffer.Length) / 2_000_000)
            {
                Live = Math.Max(Live, GC.GetTotalMemory(forceFullCollection: true));
            }

            Bytes += buffer.Length;
        }
    }
}
