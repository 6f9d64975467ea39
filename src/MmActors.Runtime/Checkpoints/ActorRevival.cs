using System.Reflection;
using System.Runtime.CompilerServices;
using Akka.Actor;

namespace MmActors.Runtime.Checkpoints;

/// <summary>Creates the actors of a run again, under their old paths and with their old numbers, around instances whose fields are
/// filled in later.</summary>
internal static class ActorRevival
{
    private static readonly ConstructorInfo AkkaPart =
        typeof(UntypedActor).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, Type.EmptyTypes)!;

    /// <summary>Creates one actor.</summary>
    /// <param name="host">The host.</param>
    /// <param name="path">Path without address; the parent exists.</param>
    /// <param name="id">Number of its mailbox.</param>
    /// <param name="type">Type of the actor.</param>
    /// <param name="parents">Addresses by path.</param>
    public static (ActorState State, IActorRef Address) Create(
        SimHost host, string path, int id, Type type, IReadOnlyDictionary<string, IActorRef> parents)
    {
        var split = path.LastIndexOf('/');
        var actor = (RestorableActor)RuntimeHelpers.GetUninitializedObject(type);
        host.Kernel.NumberNext(id);
        var props = Props.CreateBy(new Producer(actor));
        var address = parents.TryGetValue(path[..split], out var parent)
            ? ((ActorCell)((ActorRefWithCell)parent).Underlying).ActorOf(props, path[(split + 1)..])
            : host.System.ActorOf(props, path[(split + 1)..]);
        host.Kernel.Settle();
        return (new ActorState(path, id, actor), address);
    }

    /// <summary>Runs the constructors of Akka's base classes where Akka expects it: they take the actor's context.</summary>
    private sealed class Producer(RestorableActor actor) : IIndirectActorProducer
    {
        public Type ActorType => actor.GetType();

        public ActorBase Produce()
        {
            AkkaPart.Invoke(actor, null);
            actor.MarkRestored();
            return actor;
        }

        public void Release(ActorBase released)
        {
            // Nothing but memory is held.
        }
    }
}
