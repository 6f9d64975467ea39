using System.Globalization;
using Akka.Actor;
using MmActors.Runtime.Checkpoints.Graphs;

namespace MmActors.Runtime.Checkpoints;

/// <summary>Names of what belongs to the host: itself, its system and kernel, the actors and their addresses. The address of an
/// actor that has ended stays an address nobody answers at.</summary>
internal sealed class RunBinder : IReferenceBinder
{
    private const string Ended = "ended ";

    private readonly ExtendedActorSystem _system;
    private readonly Dictionary<object, string> _names = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _instances = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, object> _objects = [];
    private readonly Dictionary<(string Path, long Uid), int> _ended = [];

    public RunBinder(SimHost host)
    {
        _system = (ExtendedActorSystem)host.System;
        Bind("host", host);
        Bind("system", host.System);
        Bind("kernel", host.Kernel);
        Bind("guardian", _system.Guardian);
        Bind("dead letters", host.System.DeadLetters);
        Bind("nobody", ActorRefs.Nobody);
    }

    /// <summary>An actor that lives on.</summary>
    public void Bind(ActorState state, IActorRef address)
    {
        Bind("address " + state.Path, address);
        Bind("actor " + state.Path, state.Actor);
        _instances.Add(state.Actor);
    }

    /// <inheritdoc/>
    public string? NameOf(object value, out bool hasFields)
    {
        hasFields = false;
        if (_names.TryGetValue(value, out var name))
        {
            hasFields = _instances.Contains(value);
            return name;
        }

        return value is IActorRef address ? EndedName(address) : null;
    }

    /// <inheritdoc/>
    public object Find(string name)
    {
        if (_objects.TryGetValue(name, out var bound))
        {
            return bound;
        }

        if (!name.StartsWith(Ended, StringComparison.Ordinal))
        {
            throw new CheckpointException($"there is no {name} to go on with");
        }

        var parts = name[Ended.Length..].Split(' ', 2);
        var path = _system.Guardian.Path.Root;
        foreach (var element in parts[1].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path /= element;
        }

        var number = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var address = new EmptyLocalActorRef(_system.Provider, path.WithUid(number + 1), _system.EventStream);
        _objects.Add(name, address);
        return address;
    }

    private void Bind(string name, object value)
    {
        _names.Add(value, name);
        _objects.Add(name, value);
    }

    private string EndedName(IActorRef address)
    {
        if (address is not (LocalActorRef or RepointableActorRef or EmptyLocalActorRef))
        {
            throw new CheckpointException($"cannot checkpoint {address.Path.ToStringWithoutAddress()}: {address.GetType()} is no actor of the run");
        }

        var key = (address.Path.ToStringWithoutAddress(), address.Path.Uid);
        if (!_ended.TryGetValue(key, out var number))
        {
            number = _ended.Count;
            _ended.Add(key, number);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Ended}{number} {key.Item1}");
    }
}
