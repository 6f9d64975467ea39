using System.Collections.Immutable;
using Akka.Actor;
using MmActors.Model.Memory;

namespace MmActors.Actors.Reclaim;

/// <summary>Who may map a page: the address spaces of each fork tree, ancestors before descendants (RC-32a). The anon_vma
/// tree of the kernel. Written by the address spaces as they come and go; a reader sees one consistent list.</summary>
public sealed class RmapFamilies
{
    private int _last;
    private ImmutableDictionary<int, ImmutableArray<IActorRef>> _members = ImmutableDictionary<int, ImmutableArray<IActorRef>>.Empty;

    /// <summary>The members of a family, oldest first; none when all have exited.</summary>
    public ImmutableArray<IActorRef> this[int family] =>
        Volatile.Read(ref _members).TryGetValue(family, out ImmutableArray<IActorRef> members) ? members : [];

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

    /// <summary>Whether a member of a list read earlier can still be asked: it may have exited since.</summary>
    public bool Has(int family, IActorRef space) => this[family].Contains(space);

    /// <summary>A new address space can be asked.</summary>
    public void Add(int family, IActorRef space) =>
        ImmutableInterlocked.AddOrUpdate(ref _members, family, [space], (_, members) => members.Add(space));

    /// <summary>An address space has given up all its pages; requests already on their way to it are still answered.</summary>
    public void Remove(int family, IActorRef space) =>
        ImmutableInterlocked.Update(ref _members, static (all, gone) => Without(all, gone.family, gone.space), (family, space));

    private static ImmutableDictionary<int, ImmutableArray<IActorRef>> Without(
        ImmutableDictionary<int, ImmutableArray<IActorRef>> all, int family, IActorRef space)
    {
        if (!all.TryGetValue(family, out ImmutableArray<IActorRef> members))
        {
            return all;
        }

        members = members.Remove(space);
        return members.IsEmpty ? all.Remove(family) : all.SetItem(family, members);
    }
}
