using System.Diagnostics;
using Akka.Actor;
using MmActors.Runtime.Strategies;

namespace MmActors.Runtime.HashProbe;

/// <summary>Costs of the runtime itself, measured with a stopwatch: a quick check, not a benchmark.</summary>
internal static class SpeedProbe
{
    private const int Messages = 3_000_000;
    private const int Repeats = 7;

    /// <summary>Cost of one step under each strategy.</summary>
    public static void Run()
    {
        Report("fifo, 1 pair", 1, static () => new FifoStrategy(), false);
        Report("fifo, 8 pairs", 8, static () => new FifoStrategy(), false);
        Report("fifo, 1 pair, traced", 1, static () => new FifoStrategy(), true);
        Report("random, 1 pair", 1, static () => new SeededRandomStrategy(), false);
        Report("random, 8 pairs", 8, static () => new SeededRandomStrategy(), false);
        ReportTimers();
        ReportReset();
    }

    /// <summary>First and second start and stop of a system in this process.</summary>
    public static void Start()
    {
        for (var round = 1; round <= 5; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            var host = SimHost.Start();
            var started = Stopwatch.GetElapsedTime(begin);
            begin = Stopwatch.GetTimestamp();
            host.Dispose();
            Console.WriteLine(
                $"round {round}: start {started.TotalMilliseconds:F2} ms, stop {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:F2} ms");
        }
    }

    private static void Report(string name, int pairs, Func<IInterleavingStrategy> strategy, bool trace)
    {
        var times = new List<double>();
        long bytes = 0;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            using var host = SimHost.Start(new SimSettings { Strategy = strategy(), Trace = trace, Seed = 1 });
            for (var pair = 0; pair < pairs; pair++)
            {
                var pong = host.System.ActorOf(Props.Create<PongActor>(), $"pong{pair}");
                var ping = host.System.ActorOf(Props.Create<PongActor>(), $"ping{pair}");
                ping.Tell(new Ball(Messages / pairs), pong);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var begin = Stopwatch.GetTimestamp();
            host.Kernel.RunUntilQuiescent();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalNanoseconds / host.Kernel.Steps);
            bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / host.Kernel.Steps;
        }

        times.Sort();
        Console.WriteLine($"{name,-24} median {times[Repeats / 2],6:F1} ns, best {times[0],6:F1} ns, {bytes} B per step");
    }

    private static void ReportTimers()
    {
        using var host = SimHost.Start();
        host.System.ActorOf(Props.Create<TickActor>(), "tick").Tell(new Ball(1_000_000));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var begin = Stopwatch.GetTimestamp();
        host.Kernel.RunUntilQuiescent();
        var nanoseconds = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / host.Kernel.Steps;
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / host.Kernel.Steps;
        Console.WriteLine($"{"one timer per step",-24} {nanoseconds,6:F1} ns, {bytes} B per step");
    }

    private static void ReportReset()
    {
        const int Rounds = 2000;
        using var host = SimHost.Start();
        var begin = Stopwatch.GetTimestamp();
        for (var round = 0; round < Rounds; round++)
        {
            host.System.ActorOf(Props.Create<PongActor>(), "root");
            host.Kernel.RunUntilQuiescent();
            host.Reset(host.Settings);
        }

        Console.WriteLine($"spawn one actor and reset {Stopwatch.GetElapsedTime(begin).TotalMicroseconds / Rounds:F1} us");
    }

    private sealed record Ball(int Left);

    private sealed class PongActor : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Ball { Left: > 0 } ball)
            {
                Sender.Tell(new Ball(ball.Left - 1), Self);
            }
        }
    }

    private sealed class TickActor : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Ball { Left: > 0 } ball)
            {
#pragma warning disable AK1004 // the bare call is what is probed; the run ends with the actor
                Context.System.Scheduler.ScheduleTellOnce(TimeSpan.FromMicroseconds(5), Self, new Ball(ball.Left - 1), Self);
#pragma warning restore AK1004
            }
        }
    }
}
