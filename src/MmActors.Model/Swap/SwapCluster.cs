using MmActors.Model.Memory;
using MmActors.Model.Units;

namespace MmActors.Model.Swap;

/// <summary>What is known of one slot; all zero while the slot is free.</summary>
internal struct SwapSlot
{
    /// <summary>1 + the page that holds its data now; 0: not in the swap cache.</summary>
    public int CachedPlusOne;

    /// <summary>Page-table entries that name it; changes only by atomic operations, as swap_map does under its lock.</summary>
    public int Users;

    /// <summary>The memcg charged for it, below <see cref="FolioOwner.MaxMemcgs"/>.</summary>
    public ushort Owner;

    /// <summary>Content tag of the data.</summary>
    public byte Content;

    /// <summary>Whether the data was never written to the device because all of the folio was zero (RC-36).</summary>
    public bool IsInZeroMap;
}

/// <summary>512 consecutive slots, or fewer at the end of a device: the unit that takes an order-9 folio (RC-36a).
/// </summary>
internal sealed class SwapCluster
{
    /// <summary>Slots of a whole cluster: the base pages of an order-9 folio.</summary>
    public const int WholeSlots = Geometry.PtesPerTable;

    private readonly SwapSlot[] _slots;
    private Bits512 _free;
    private long[]? _shadows;

    /// <summary>A cluster whose slots are all free.</summary>
    /// <param name="first">Number of its first slot, a multiple of 512.</param>
    /// <param name="slots">How many it has, 1…512.</param>
    public SwapCluster(int first, int slots)
    {
        First = first;
        FreeSlots = slots;
        _slots = new SwapSlot[slots];
        _free = Bits512.Range(0, slots);
        Place = new LinkedListNode<SwapCluster>(this);
    }

    /// <summary>Number of its first slot.</summary>
    public int First { get; }

    /// <summary>Slots nobody is charged for.</summary>
    public int FreeSlots { get; private set; }

    /// <summary>All its slots are charged.</summary>
    public bool IsFull => FreeSlots == 0;

    /// <summary>An order-9 folio fits: 512 slots, all free.</summary>
    public bool TakesHuge => FreeSlots == WholeSlots;

    /// <summary>Its place on the device's list of free or of partly used clusters; on neither while it is full.</summary>
    public LinkedListNode<SwapCluster> Place { get; }

    /// <summary>Whether somebody is charged for the slot of this index.</summary>
    public bool IsAllocated(int index) => index < _slots.Length && !_free.Has(index);

    /// <summary>The record of the slot of this index.</summary>
    public ref SwapSlot At(int index) => ref _slots[index];

    /// <summary>Charges the lowest free slot; returns its index.</summary>
    public int TakeLowest(int memcg)
    {
        int index = _free.NextSet(0);
        _free.Clear(index);
        FreeSlots--;
        _slots[index].Owner = (ushort)memcg;
        return index;
    }

    /// <summary>Charges all 512 slots.</summary>
    public void TakeAll(int memcg)
    {
        _free = Bits512.None;
        FreeSlots = 0;
        _slots.AsSpan().Fill(new SwapSlot { Owner = (ushort)memcg });
    }

    /// <summary>The slot is free again and everything known of it forgotten, the eviction record included.</summary>
    public void Release(int index)
    {
        _free.Set(index);
        FreeSlots++;
        _slots[index] = default;
        _shadows?[index] = 0;
    }

    /// <summary>The eviction record of a slot as one word; 0 when it has none. Few clusters need the array.</summary>
    public long Shadow(int index) => _shadows is null ? 0 : _shadows[index];

    /// <summary>Stores the word of the eviction record.</summary>
    public void SetShadow(int index, long shadow) => (_shadows ??= new long[_slots.Length])[index] = shadow;

    /// <summary>Makes now what is otherwise made with the first eviction record.</summary>
    public void Reserve() => _shadows ??= new long[_slots.Length];

    /// <summary>Compares the count of free slots with the plane, and the records of free slots with emptiness.</summary>
    /// <param name="charged">Slots by memcg; this cluster's are added.</param>
    /// <returns>Its used slots.</returns>
    public int Check(Span<long> charged)
    {
        Require(_free.Count() == FreeSlots, "the count of free slots is wrong");
        Require(_free == (_free & Bits512.Range(0, _slots.Length)), "slots are free beyond its end");
        for (int index = 0; index < _slots.Length; index++)
        {
            if (IsAllocated(index))
            {
                charged[_slots[index].Owner]++;
            }
            else
            {
                bool isEmpty = _slots[index] is { Owner: 0, CachedPlusOne: 0, Users: 0, Content: 0, IsInZeroMap: false };
                Require(isEmpty && Shadow(index) == 0, "a free slot was not forgotten");
            }
        }

        return _slots.Length - FreeSlots;
    }

    private void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvariantException($"swap cluster at {First}: {otherwise}");
        }
    }
}
