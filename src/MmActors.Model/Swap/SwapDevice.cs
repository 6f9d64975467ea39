using System.Diagnostics.CodeAnalysis;
using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Swap;

/// <summary>
/// The slots of a swap device, one base page each: who is charged for them, what they hold, and who still needs them.
/// The header page is not modelled, so slot 0 is usable. Owned by one actor, except that whoever makes or copies an entry counts itself as a user; takes no time, I/O is the caller's business.
/// </summary>
/// <remarks>Clusters of 512 slots are made when first used, so memory follows the use and not the size of the device:
/// 12 bytes for each slot of a used cluster, 8 more where eviction records are kept. Single slots come from partly
/// used clusters (the short one at the end of a device counts as such from the start) and a free cluster is opened
/// only when there is none, so that order-9 folios find a free cluster for as long as possible (RC-36a).</remarks>
public sealed class SwapDevice
{
    private readonly int _wholeClusters;
    private readonly SwapCluster? _short;
    private SwapCluster?[] _clusters = []; // grows by replacement, and the count follows: users of slots are counted by others, too
    private int _clusterCount;
    private readonly LinkedList<SwapCluster> _free = [];
    private readonly LinkedList<SwapCluster> _partial = [];
    private long[] _usedBy = [];
    private int _freeSlots;

    /// <summary>Creates a device whose slots are all free.</summary>
    /// <param name="slots">Its size in pages; need not be a multiple of 512.</param>
    /// <param name="isSynchronous">Whether it is a RAM disk (RC-36).</param>
    public SwapDevice(int slots, bool isSynchronous)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        Slots = slots;
        _freeSlots = slots;
        IsSynchronous = isSynchronous;
        _wholeClusters = slots / SwapCluster.WholeSlots;
        int rest = slots % SwapCluster.WholeSlots;
        if (rest > 0)
        {
            _short = new SwapCluster(slots - rest, rest);
            _partial.AddLast(_short.Place);
        }
    }

    /// <summary>Makes the clusters now that are otherwise made when first used; to be called while nothing runs.</summary>
    public void Reserve()
    {
        Array.Resize(ref _clusters, _wholeClusters);
        for (int number = 0; number < _wholeClusters; number++)
        {
            (_clusters[number] ??= ClusterAt(number)).Reserve();
        }

        _short?.Reserve();
    }

    /// <summary>Size of the device in pages.</summary>
    public int Slots { get; }

    /// <summary>Slots nobody is charged for; at 0 the device is full (RC-37).</summary>
    public int FreeSlots => Volatile.Read(ref _freeSlots);

    /// <summary>Slots somebody is charged for.</summary>
    public int UsedSlots => Slots - FreeSlots;

    /// <summary>Aligned runs of 512 free slots: so many order-9 folios can still be swapped out whole (RC-36a).</summary>
    public int FreeClusters => _free.Count + _wholeClusters - _clusterCount;

    /// <summary>SWP_SYNCHRONOUS_IO: I/O is done when the call returns (RC-36).</summary>
    public bool IsSynchronous { get; }

    /// <summary>vm_swap_full: a fault then frees the slot it has read, if nobody else needs it (UT-7).</summary>
    public bool IsMoreThanHalfFull => (long)UsedSlots * 2 > Slots;

    /// <summary>Charges one slot: the lowest free one of the cluster that has been partly used for the longest time.
    /// False (and slot −1) when the device is full.</summary>
    public bool TryAllocate(int memcg, out int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memcg);
        slot = -1;
        if (FreeSlots == 0)
        {
            return false;
        }

        SwapCluster cluster = _partial.First?.Value ?? OpenFreeCluster();
        slot = cluster.First + cluster.TakeLowest(memcg);
        if (cluster.IsFull)
        {
            _partial.Remove(cluster.Place);
        }

        Charge(memcg, 1);
        return true;
    }

    /// <summary>Charges a whole free cluster for an order-9 folio; false (and slot −1) when there is none, however many
    /// single slots are free (RC-36a).</summary>
    public bool TryAllocateHuge(int memcg, out int first)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memcg);
        first = -1;
        if (FreeClusters == 0)
        {
            return false;
        }

        SwapCluster cluster = TakeFreeCluster();
        cluster.TakeAll(memcg);
        first = cluster.First;
        Charge(memcg, SwapCluster.WholeSlots);
        return true;
    }

    /// <summary>Slots charged to this memcg itself, its descendants not included.</summary>
    public long UsedBy(int memcg) => (uint)memcg < (uint)_usedBy.Length ? _usedBy[memcg] : 0;

    /// <summary>Whether the slot is charged to anybody. Any number may be asked about; all other questions about a slot
    /// that is not charged throw <see cref="InvariantException"/>.</summary>
    public bool IsAllocated(int slot) => TryFind(slot, out _);

    /// <summary>The memcg charged for the slot.</summary>
    public int Owner(int slot) => At(slot).Owner;

    /// <summary>Swap cache: the page that holds the slot's data now, −1 when none does. Page i of an order-9 folio is
    /// found in slot first + i.</summary>
    public int Cached(int slot) => At(slot).CachedPlusOne - 1;

    /// <summary>Puts a page into the swap cache; another page in its place is a contradiction.</summary>
    public void SetCached(int slot, int pfn)
    {
        ref SwapSlot record = ref At(slot);
        Require(pfn >= 0, slot, "a negative pfn in the swap cache");
        Require(record.CachedPlusOne == 0 || record.CachedPlusOne == pfn + 1, slot, "another page is in the swap cache");
        record.CachedPlusOne = pfn + 1;
    }

    /// <summary>Takes the page out of the swap cache, where it must be.</summary>
    public void ClearCached(int slot)
    {
        ref SwapSlot record = ref At(slot);
        Require(record.CachedPlusOne != 0, slot, "no page is in the swap cache");
        record.CachedPlusOne = 0;
    }

    /// <summary>Page-table entries in state S that name the slot; more than one after a fork (UT-14).</summary>
    public int Users(int slot) => Volatile.Read(ref At(slot).Users);

    /// <summary>One more entry names the slot (RC-35, UT-14); at most 65535.</summary>
    public void AddUser(int slot)
    {
        ref int users = ref At(slot).Users;
        if (Interlocked.Increment(ref users) > ushort.MaxValue)
        {
            Interlocked.Decrement(ref users);
            Require(false, slot, "more than 65535 users");
        }
    }

    /// <summary>One entry less names the slot. The slot stays charged: see <see cref="TryFree"/>.</summary>
    public void DropUser(int slot)
    {
        ref int users = ref At(slot).Users;
        if (Interlocked.Decrement(ref users) < 0)
        {
            Interlocked.Increment(ref users);
            Require(false, slot, "dropped by more users than it had");
        }
    }

    /// <summary>No entry names the slot and no page is cached for it: it may be freed.</summary>
    public bool IsUnused(int slot) => IsUnused(in At(slot));

    /// <summary>Uncharges an unused slot and forgets its content and eviction record; a cluster that thereby becomes
    /// wholly free can take an order-9 folio again.</summary>
    public void Free(int slot) => Require(TryFree(slot), slot, "freed while in use");

    /// <summary>Frees the slot if it is unused; whether it did.</summary>
    public bool TryFree(int slot)
    {
        SwapCluster cluster = Find(slot);
        int index = IndexOf(slot);
        if (!IsUnused(in cluster.At(index)))
        {
            return false;
        }

        Charge(cluster.At(index).Owner, -1);
        if (cluster.IsFull)
        {
            _partial.AddLast(cluster.Place);
        }

        cluster.Release(index);
        if (cluster.TakesHuge)
        {
            _partial.Remove(cluster.Place);
            _free.AddFirst(cluster.Place);
        }

        return true;
    }

    /// <summary>Content tag of the data (<see cref="ContentTag"/>); zero-filled until something is stored.</summary>
    public byte Content(int slot) => At(slot).Content;

    /// <summary>Stores a small folio; a zero-filled one enters the zero map (RC-36).</summary>
    public void Store(int slot, byte content)
    {
        ref SwapSlot record = ref At(slot);
        record.Content = content;
        record.IsInZeroMap = content == ContentTag.Zero;
    }

    /// <summary>Stores a folio page by page from this slot on. Its slots enter the zero map only if all of them are
    /// zero-filled: one nonzero subpage makes the device write, and later read, all of it (RC-36).</summary>
    public void StoreFolio(int first, ReadOnlySpan<byte> contents)
    {
        bool isZeroFilled = !contents.ContainsAnyExcept(ContentTag.Zero);
        for (int index = 0; index < contents.Length; index++)
        {
            ref SwapSlot record = ref At(first + index);
            record.Content = contents[index];
            record.IsInZeroMap = isZeroFilled;
        }
    }

    /// <summary>The slot's folio was zero-filled when it was stored: neither its write nor a read is I/O (RC-36).</summary>
    public bool IsInZeroMap(int slot) => At(slot).IsInZeroMap;

    /// <summary>Leaves the eviction record of RC-38 with the slot; it lasts until the slot is freed.</summary>
    /// <param name="slot">The slot of the evicted page.</param>
    /// <param name="age">Evictions and activations of the group so far, below 2^62.</param>
    /// <param name="workingset">The folio's W.</param>
    public void SetShadow(int slot, long age, bool workingset)
    {
        Require(age is >= 0 and < 1L << 62, slot, "an eviction age out of range");
        Find(slot).SetShadow(IndexOf(slot), ~((age << 1) | (workingset ? 1L : 0L)));
    }

    /// <summary>Reads the eviction record; false when none was left since the slot was charged.</summary>
    public bool TryGetShadow(int slot, out long age, out bool workingset)
    {
        long word = Find(slot).Shadow(IndexOf(slot));
        age = word == 0 ? 0 : ~word >> 1;
        workingset = word != 0 && (~word & 1) != 0;
        return word != 0;
    }

    /// <summary>Recounts everything that is counted or listed, in time proportional to the used clusters.</summary>
    public void Check()
    {
        var charged = new long[_usedBy.Length];
        int used = 0;
        int partial = 0;
        foreach (SwapCluster cluster in Clusters())
        {
            used += cluster.Check(charged);
            LinkedList<SwapCluster>? list = cluster.TakesHuge ? _free : cluster.IsFull ? null : _partial;
            Require(cluster.Place.List == list, cluster.First, "its cluster is on the wrong list");
            partial += list == _partial ? 1 : 0;
        }

        RequireSame(used, UsedSlots, "slots used");
        RequireSame(partial, _partial.Count, "clusters partly used");
        for (int memcg = 0; memcg < charged.Length; memcg++)
        {
            RequireSame(charged[memcg], _usedBy[memcg], $"slots of memcg {memcg}");
        }
    }

    private IEnumerable<SwapCluster> Clusters() => _clusters.Take(_clusterCount).Append(_short).OfType<SwapCluster>();

    private static int IndexOf(int slot) => slot & (SwapCluster.WholeSlots - 1);

    private static bool IsUnused(in SwapSlot record) => record is { Users: 0, CachedPlusOne: 0 };

    private static void Require(bool holds, int slot, string otherwise)
    {
        if (!holds)
        {
            throw new InvariantException($"swap slot {slot}: {otherwise}");
        }
    }

    private static void RequireSame(long found, long counted, string what)
    {
        if (found != counted)
        {
            throw new InvariantException($"swap: {found} {what}, {counted} counted");
        }
    }

    private ref SwapSlot At(int slot) => ref Find(slot).At(IndexOf(slot));

    private SwapCluster Find(int slot) => TryFind(slot, out SwapCluster? cluster) ? cluster : throw NotAllocated(slot);

    private static InvariantException NotAllocated(int slot) => new($"swap slot {slot} is not allocated");

    private bool TryFind(int slot, [NotNullWhen(true)] out SwapCluster? cluster)
    {
        int number = slot >> Geometry.PmdOrder;
        cluster = (uint)number < (uint)Volatile.Read(ref _clusterCount) ? _clusters[number] : number == _wholeClusters ? _short : null;
        return cluster is not null && cluster.IsAllocated(IndexOf(slot));
    }

    private SwapCluster OpenFreeCluster()
    {
        SwapCluster cluster = TakeFreeCluster();
        _partial.AddLast(cluster.Place);
        return cluster;
    }

    /// <summary>The cluster freed last, so that untouched ones stay untouched; else the next untouched one.</summary>
    private SwapCluster TakeFreeCluster()
    {
        if (_free.First is { } place)
        {
            _free.Remove(place);
            return place.Value;
        }

        if (_clusterCount == _clusters.Length)
        {
            Array.Resize(ref _clusters, Math.Max(16, 2 * _clusterCount));
        }

        SwapCluster cluster = _clusters[_clusterCount] ??= ClusterAt(_clusterCount);
        Volatile.Write(ref _clusterCount, _clusterCount + 1);
        return cluster;
    }

    private static SwapCluster ClusterAt(int number) => new(number * SwapCluster.WholeSlots, SwapCluster.WholeSlots);

    private void Charge(int memcg, int slots)
    {
        if (memcg >= _usedBy.Length)
        {
            Array.Resize(ref _usedBy, memcg + 1);
        }

        _usedBy[memcg] += slots;
        Volatile.Write(ref _freeSlots, _freeSlots - slots);
    }
}
