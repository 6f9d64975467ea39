using Akka.Actor;

namespace MmActors.Runtime.Tests;

/// <summary>What happened in a test's world, each line stamped with the virtual milliseconds.</summary>
internal sealed class Journal
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Write(IScheduler scheduler, string text) =>
        _lines.Add($"{(scheduler.Now - RunKernel.Epoch).TotalMilliseconds:0.####} {text}");
}

/// <summary>Writes every message down.</summary>
internal sealed class ListeningActor(Journal journal) : UntypedActor
{
    protected override void OnReceive(object message) => journal.Write(Context.System.Scheduler, $"{message}");
}

/// <summary>An actor whose behaviour is a test's lambda.</summary>
internal sealed class LambdaActor(Action<IUntypedActorContext, object> handle) : UntypedActor
{
    public static Props Of(Action<IUntypedActorContext, object> handle) =>
        Props.CreateBy(new Producer(() => new LambdaActor(handle)));

    protected override void OnReceive(object message) => handle(Context, message);
}

/// <summary>Makes actors by a lambda; Props.Create only takes expressions.</summary>
internal sealed class Producer(Func<ActorBase> create) : IIndirectActorProducer
{
    public Type ActorType => typeof(ActorBase);

    public ActorBase Produce() => create();

    public void Release(ActorBase actor)
    {
        // Nothing to give back.
    }
}
