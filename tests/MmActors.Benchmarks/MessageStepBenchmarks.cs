using Akka.Actor;
using BenchmarkDotNet.Attributes;
using MmActors.Runtime;
using MmActors.Runtime.Strategies;

namespace MmActors.Benchmarks;

/// <summary>One step of the engine: a message is taken, handled and answered. Target: 200 ns.</summary>
[MemoryDiagnoser]
public class MessageStepBenchmarks : IDisposable
{
    private const int Steps = 100_000;
    private const int Pairs = 8;

    private SimHost _fifo = null!;
    private SimHost _random = null!;
    private IActorRef _ping = null!;
    private IActorRef _pong = null!;
    private IActorRef _ticker = null!;
    private readonly List<(IActorRef Ping, IActorRef Pong)> _pairs = [];

    /// <summary>One system per strategy, with idle players.</summary>
    [GlobalSetup]
    public void Start()
    {
        _fifo = SimHost.Start(new SimSettings { Seed = 1 });
        _ping = _fifo.System.ActorOf(Props.Create<Player>(), "ping");
        _pong = _fifo.System.ActorOf(Props.Create<Player>(), "pong");
        _ticker = _fifo.System.ActorOf(Props.Create<Ticker>(), "ticker");
        _random = SimHost.Start(new SimSettings { Seed = 1, Strategy = new SeededRandomStrategy() });
        for (int pair = 0; pair < Pairs; pair++)
        {
            _pairs.Add((_random.System.ActorOf(Props.Create<Player>(), $"ping{pair}"),
                _random.System.ActorOf(Props.Create<Player>(), $"pong{pair}")));
        }
    }

    /// <summary>Two actors, oldest first.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Steps)]
    public RunOutcome Fifo()
    {
        _ping.Tell(new Ball(Steps), _pong);
        return _fifo.Kernel.RunUntilQuiescent();
    }

    /// <summary>Eight pairs, one of eight runnable actors drawn at every step.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public RunOutcome Random()
    {
        foreach ((IActorRef ping, IActorRef pong) in _pairs)
        {
            ping.Tell(new Ball(Steps / Pairs), pong);
        }

        return _random.Kernel.RunUntilQuiescent();
    }

    /// <summary>Every step waits for a timer of its own.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public RunOutcome Timer()
    {
        _ticker.Tell(new Ball(Steps));
        return _fifo.Kernel.RunUntilQuiescent();
    }

    /// <summary>Stops both systems.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _fifo.Dispose();
        _random.Dispose();
        _pairs.Clear();
        GC.SuppressFinalize(this);
    }

    private sealed record Ball(int Left);

    private sealed class Player : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Ball { Left: > 0 } ball)
            {
                Sender.Tell(new Ball(ball.Left - 1), Self);
            }
        }
    }

    private sealed class Ticker : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Ball { Left: > 0 } ball)
            {
#pragma warning disable AK1004 // the bare call is what is measured; the run ends with the actor
                Context.System.Scheduler.ScheduleTellOnce(TimeSpan.FromMicroseconds(5), Self, new Ball(ball.Left - 1), Self);
#pragma warning restore AK1004
            }
        }
    }
}
