using System.Collections.Immutable;
using Akka.Actor;
using MmActors.Model.Memory;

namespace MmActors.Actors.Reclaim;

/// <summary>Who may map a page: the address spaces of each fork tree, ancestors before descendants (RC-32a). The anon_vma
/// tree of the kernel, and its lock: whoever asks a member must find it alive and have asked before it can go.</summary>
public sealed class RmapFamilies
{
    private readonly Lock _gate = new();
    private int _last;
    private ImmutableDictionary<int, ImmutableArray<IActorRef>> _members = ImmutableDictionary<int, ImmutableArray<IActorRef>>.Empty;

    /// <summary>The members of a family, oldest first; none when all have exited.</summary>
    public ImmutableArray<IActorRef> this[int family] =>
        Volatile.Read(ref _members).TryGetValue(family, out ImmutableArray<IActorRef> members) ? members : [];

    /// <summary>Asks a member of a list read earlier; false, and nothing sent, when it has exited since. A request that was sent
    /// is answered: a member that goes handles what has arrived before.</summary>
    public bool TryAsk(int family, IActorRef space, object request, IActorRef asker)
    {
        lock (_gate)
        {
            bool isThere = this[family].Contains(space);
            if (isThere)
            {
                space.Tell(request, asker);
            }

            return isThere;
        }
    }

    /// <summary>A number that nobody's family has: they are given out in turn, so that after the last one come those whose
    /// families have died out long ago. What a page in the swap cache still says of such a family finds no mapping there.</summary>
    /// <exception cref="InvariantException">All are in use.</exception>
    public int NextNumber()
    {
        for (int tried = 1; tried < FolioOwner.MaxFamilies; tried++)
        {
            _last = _last + 1 < FolioOwner.MaxFamilies ? _last + 1 : 1;
            if (this[_last].IsEmpty)
            {
                return _last;
            }
        }

        throw new InvariantException($"more than {FolioOwner.MaxFamilies - 1} address spaces at a time");
    }

    /// <summary>A new address space can be asked.</summary>
    public void Add(int family, IActorRef space)
    {
        lock (_gate)
        {
            Volatile.Write(ref _members, _members.SetItem(family, this[family].Add(space)));
        }
    }

    /// <summary>An address space has given up all its pages; requests already on their way to it are still answered.</summary>
    public void Remove(int family, IActorRef space)
    {
        lock (_gate)
        {
            ImmutableArray<IActorRef> members = this[family].Remove(space);
            Volatile.Write(ref _members, members.IsEmpty ? _members.Remove(family) : _members.SetItem(family, members));
        }
    }
}
