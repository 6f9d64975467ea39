using System.IO.Hashing;
using Akka.Actor;
using MmActors.Runtime.Checkpoints.Graphs;

namespace MmActors.Runtime.Checkpoints;

/// <summary>Takes down the whole state of a run at rest and sets it up again on another host, in this process or another one: the
/// continued run does what the first would have done.</summary>
/// <remarks>A run at rest is the objects that can be reached from its living actors, its timers and the caller's root. All of
/// them are written, field by field; what is no mere data is refused by name, never left out. Keep an instance: it uses its
/// memory again.</remarks>
public sealed class RunCheckpoint
{
    private readonly GraphWriter _writer = new();

    /// <summary>Objects in the last checkpoint.</summary>
    public int Objects { get; private set; }

    /// <summary>Types whose layout the last checkpoint depends on.</summary>
    public IReadOnlyList<Type> Types => _writer.Types;

    /// <summary>Takes a run down. Changes nothing in it.</summary>
    /// <param name="host">The host; no message may be on its way.</param>
    /// <param name="root">What the caller wants back from <see cref="Restore"/>; may refer to the host.</param>
    /// <returns>The bytes, valid until the next call.</returns>
    /// <exception cref="CheckpointException">Something can be reached that is no mere data.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Capture(SimHost host, object root)
    {
        var kernel = host.Kernel.StateAtRest();
        var actors = LiveActors.Of((ExtendedActorSystem)host.System);
        var binder = new RunBinder(host);
        var directory = new PayloadBuffer();
        directory.WriteNumber(actors.Count);
        foreach (var (state, address) in actors)
        {
            binder.Bind(state, address);
            directory.WriteText(state.Path);
            directory.WriteNumber(state.Id);
            directory.WriteText(TypeNames.NameOf(state.Actor.GetType()));
        }

        var run = new RunState(kernel, root, [.. actors.Select(static actor => actor.State)]);
        try
        {
            var graph = _writer.Write(run, binder);
            Objects = _writer.Count;
            return [.. directory.Blocks, .. graph];
        }
        finally
        {
            _writer.Forget();
        }
    }

    /// <summary>Hash of everything that can be reached from an object which belongs to no run yet: equal for equal contents, in
    /// every process of one build.</summary>
    /// <exception cref="CheckpointException">Something can be reached that is no mere data.</exception>
    public static string HashOf(object root)
    {
        var hash = new XxHash128();
        foreach (var block in new GraphWriter().Write(root, new NothingBound()))
        {
            hash.Append(block.Span);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Sets a run up.</summary>
    /// <param name="host">A host, freshly started or reset.</param>
    /// <param name="bytes">What <see cref="Capture"/> returned, in blocks of any size.</param>
    /// <returns>The root.</returns>
    /// <exception cref="CheckpointException">The bytes are no run of this build.</exception>
    public static object Restore(SimHost host, IEnumerable<ReadOnlyMemory<byte>> bytes)
    {
        using var body = new PayloadReader(bytes);
        var binder = new RunBinder(host);
        var addresses = new Dictionary<string, IActorRef>();
        for (var left = body.ReadNumber(); left > 0; left--)
        {
            var path = body.ReadText();
            var (state, address) = ActorRevival.Create(host, path, body.ReadNumber(), TypeNames.Find(body.ReadText()), addresses);
            addresses.Add(path, address);
            binder.Bind(state, address);
        }

        var run = (RunState)new GraphReader(body, binder).Read();
        RequireNumbers((ExtendedActorSystem)host.System, run.Actors);
        host.Kernel.Continue(run.Kernel);
        return run.Root;
    }

    /// <summary>The order in which actors become runnable depends on their numbers.</summary>
    private static void RequireNumbers(ExtendedActorSystem system, ActorState[] actors)
    {
        var living = LiveActors.Of(system);
        if (!living.Select(static actor => actor.State).SequenceEqual(actors))
        {
            throw new CheckpointException("the restored actors are not those of the checkpoint");
        }
    }

    private sealed class NothingBound : IReferenceBinder
    {
        public string? NameOf(object value, out bool hasFields)
        {
            hasFields = false;
            return null;
        }

        public object Find(string name) => throw new CheckpointException($"nothing is called {name}");
    }
}
