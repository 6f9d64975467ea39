using Akka.Actor;

namespace MmActors.Runtime.HashProbe;

internal sealed record Tick(int Round);

internal sealed record Report(string Worker, int Round);

internal sealed record Crash;

internal sealed class Open
{
    public static readonly Open Instance = new();
}

/// <summary>Starts the workers, crashes one so that all restart, and stops them all in one sweep.</summary>
internal sealed class ProbeRoot : ReceiveActor, IWithTimers
{
    private readonly int _workers;
    private int _reports;
    private int _stopped;

    public ProbeRoot(int workers, ulong seed)
    {
        _workers = workers;
        for (var index = 0; index < workers; index++)
        {
            var name = $"worker-{index}";
            Context.Watch(Context.ActorOf(Props.Create(() => new ProbeWorker(name, seed)), name));
        }

        Receive<Report>(OnReport);
        Receive<Terminated>(OnTerminated);
        Receive<Crash>(_ => Context.Child("worker-3").Tell(new Crash()));
        Receive<Open>(_ => SweepChildren());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override SupervisorStrategy SupervisorStrategy() =>
        new AllForOneStrategy(_ => Directive.Restart);

    protected override void PreStart()
    {
        Timers.StartSingleTimer("crash", new Crash(), TimeSpan.FromMilliseconds(7));
        Timers.StartSingleTimer("sweep", Open.Instance, TimeSpan.FromMilliseconds(40));
        foreach (var child in Context.GetChildren().OrderBy(child => child.Path.Name, StringComparer.Ordinal))
        {
            child.Tell(new Tick(0));
        }
    }

    private void OnReport(Report report)
    {
        _reports++;
        if (_reports % 5 == 0)
        {
            Sender.Tell(Open.Instance);
        }
    }

    private void OnTerminated(Terminated terminated)
    {
        _stopped++;
        if (_stopped == _workers)
        {
            Context.Stop(Self);
        }
    }

    private void SweepChildren()
    {
        Timers.CancelAll();
        Context.System.EventStream.Publish(new Report("sweep", _reports));
        foreach (var child in Context.GetChildren()) // in Akka's order on purpose: the runtime has to even it out
        {
            Context.Stop(child);
        }
    }
}

/// <summary>Ticks at random intervals, stashes while closed, and chats with its neighbour.</summary>
internal sealed class ProbeWorker : ReceiveActor, IWithUnboundedStash
{
    private readonly string _name;
    private readonly SeededRandom _random;

    public ProbeWorker(string name, ulong seed)
    {
        _name = name;
        _random = SeededRandom.ForStream(seed, name);
        Opened();
    }

    public IStash Stash { get; set; } = null!;

    protected override void PostRestart(Exception reason) => Self.Tell(new Tick(100));

    private void Opened()
    {
        Receive<Tick>(OnTick);
        Receive<Crash>(_ => throw new InvalidOperationException("Crash as told."));
        Receive<Report>(_ => Become(Closed));
        Receive<Open>(_ => { });
    }

    private void Closed()
    {
        Receive<Open>(_ =>
        {
            Become(Opened);
            Stash.UnstashAll();
        });
        ReceiveAny(_ =>
        {
            Stash.Stash();
            Self.Tell(Open.Instance);
        });
    }

    private void OnTick(Tick tick)
    {
        Context.Parent.Tell(new Report(_name, tick.Round));
        var neighbour = _random.NextInt32(24);
        Context.ActorSelection($"../worker-{neighbour}").Tell(new Report(_name, tick.Round));
        var delay = TimeSpan.FromTicks(1 + _random.NextInt64(50_000));
#pragma warning disable AK1004 // the bare call is what is probed; the run ends with the actor
        Context.System.Scheduler.ScheduleTellOnce(delay, Self, new Tick(tick.Round + 1), Self);
#pragma warning restore AK1004
    }
}
