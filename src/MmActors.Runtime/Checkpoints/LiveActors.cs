using System.Runtime.CompilerServices;
using Akka.Actor;

namespace MmActors.Runtime.Checkpoints;

/// <summary>The living actors of a run and the addresses that stand for them.</summary>
internal static class LiveActors
{
    /// <summary>Every living actor under /user, in order of creation.</summary>
    /// <exception cref="CheckpointException">One of them has state beyond its fields.</exception>
    public static List<(ActorState State, IActorRef Address)> Of(ExtendedActorSystem system)
    {
        var found = new List<(ActorState State, IActorRef Address)>();
        var parents = new Stack<IActorRef>();
        parents.Push(system.Guardian);
        while (parents.TryPop(out var parent))
        {
            foreach (var child in ((ActorRefWithCell)parent).Children)
            {
                found.Add((StateOf((ActorRefWithCell)child), child));
                parents.Push(child);
            }
        }

        found.Sort(static (left, right) => left.State.Id.CompareTo(right.State.Id));
        return found;
    }

    private static ActorState StateOf(ActorRefWithCell address)
    {
        var path = address.Path.ToStringWithoutAddress();
        if (address.Underlying is not ActorCell { Mailbox: { } mailbox } cell || InstanceOf(cell) is not { } actor)
        {
            throw new CheckpointException($"cannot checkpoint actor {path}: it has not started");
        }

        if (actor is not RestorableActor restorable || actor is IActorStash or IWithTimers)
        {
            throw new CheckpointException($"cannot checkpoint actor {path}, a {actor.GetType()}: its fields are not its whole state");
        }

        return new ActorState(path, SimKernel.NumberOf(mailbox), restorable);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Actor")]
    private static extern ActorBase? InstanceOf(ActorCell cell);
}
