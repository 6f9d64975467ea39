using MmActors.Model.Injection;
using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>
/// The simulated <c>struct page</c> array of one node: the only state that actors share. One 32-bit word a page
/// (flags 0–15, transient references 16–20, map count 21–31) changes only by atomic operations with the kernel's
/// meaning, so a failed trylock or an unexpected reference is the outcome of a real interleaving.
/// </summary>
/// <remarks>SM-8's refcount is not stored: it is mappings + swap-cache references + transient ones, so "refcount
/// suitable" (SM-9) is "no transient reference". An order-9 folio fills an aligned 512-page block; its flags and
/// transient references live in the head's word, its mappings in the block, so an all-huge range costs O(1).</remarks>
public sealed partial class FolioTable
{
    /// <summary>Added to a word by one transient reference.</summary>
    public const uint TransientOne = 1u << 16;

    /// <summary>The transient-reference part of a word.</summary>
    public const uint TransientMask = 0x1Fu << 16;

    /// <summary>Added to a word by one mapping of a small folio (or one PTE mapping of a subpage).</summary>
    public const uint MapOne = 1u << 21;

    /// <summary>The map-count part of a word.</summary>
    public const uint MapMask = 0x7FFu << 21;

    /// <summary>Most mappings of one page by page tables: as many processes may share it.</summary>
    public const int MostMappings = (int)(MapMask / MapOne);

    /// <summary>In the word of a free page, besides the order: it is on a CPU's list, and no block to merge with. In the map-count
    /// part, because nobody touches that of a free page; a flag can still be cleared by a late unlock.</summary>
    internal const uint OnCpuList = 16u * MapOne;

    private const int MostFaultsHolding = 16;

    private const long PmdMapOne = 1L << 32;

    private readonly uint[] _words;
    private readonly byte[] _content;
    private readonly Block[] _blocks;
    private readonly long[] _owners;
    private readonly int[] _swapSlots;

    /// <summary>Creates the table for a node of <paramref name="pages"/> base pages (a multiple of 512).</summary>
    /// <param name="hasSwap">Whether folios can have swap slots.</param>
    public FolioTable(int pages, bool hasSwap = false)
    {
        Pages = pages;
        _owners = new long[pages];
        _swapSlots = hasSwap ? new int[pages] : [];
        _words = new uint[pages];
        _content = new byte[pages];
        _blocks = new Block[pages / Geometry.PtesPerTable];
    }

    /// <summary>Takes all memory of the table from the system now, not page by page as it is used.</summary>
    internal void Reserve()
    {
        Resident.Make(_words);
        Resident.Make(_content);
        Resident.Make(_blocks);
        Resident.Make(_owners);
        Resident.Make(_swapSlots);
    }

    /// <summary>Base pages of the node.</summary>
    public int Pages { get; }

    /// <summary>What goes wrong at the fault points of this node; null where nothing does.</summary>
    public IFaultInjector? Faults { get; init; }

    /// <summary>A mistake made on purpose, by tests of what finds it.</summary>
    public PlantedBug Planted { get; init; }

    /// <summary>Whether it goes wrong this time.</summary>
    internal bool Strikes(FaultPoint point) => Faults is not null && Faults.Strikes(point);

    /// <summary>The raw words; for vectorised readers such as the range scan.</summary>
    public ReadOnlySpan<uint> Words => _words;

    /// <summary>The folio word as it is now.</summary>
    public uint Word(int pfn) => Volatile.Read(ref _words[pfn]);

    /// <summary>Pages of the free block that begins with a page of this word; 0 when the page is in use, or inside a block.</summary>
    public static int FreePages(uint word) => (word & (uint)FolioFlags.Buddy) == 0 ? 0 : 1 << ((int)(word / MapOne) & 15);

    /// <summary>The flags of the folio whose head is <paramref name="head"/>.</summary>
    public FolioFlags Flags(int head) => (FolioFlags)(Word(head) & 0xFFFF);

    /// <summary>Whether all given flags are set.</summary>
    public bool Has(int head, FolioFlags flags) => (Word(head) & (uint)flags) == (uint)flags;

    /// <summary>True when the page belongs to an order-9 folio.</summary>
    public bool IsLarge(int pfn) => _blocks[pfn >> Geometry.PmdOrder].IsLarge;

    /// <summary>Head page of the folio that contains the page.</summary>
    public int Head(int pfn) => IsLarge(pfn) ? pfn & ~(Geometry.PtesPerTable - 1) : pfn;

    /// <summary>Base pages of the folio that contains the page.</summary>
    public int FolioPages(int pfn) => IsLarge(pfn) ? Geometry.PtesPerTable : 1;

    /// <summary>Takes the folio lock if it is free.</summary>
    public bool TryLock(int head) => !Strikes(FaultPoint.TryLock)
        && (Interlocked.Or(ref _words[head], (uint)FolioFlags.Locked) & (uint)FolioFlags.Locked) == 0;

    /// <summary>Releases the folio lock.</summary>
    public void Unlock(int head) => TestClear(head, FolioFlags.Locked);

    /// <summary>Sets flags; returns those that were set before.</summary>
    public FolioFlags SetFlags(int head, FolioFlags flags) =>
        (Word(head) & (uint)flags) == (uint)flags ? flags : (FolioFlags)Interlocked.Or(ref _words[head], (uint)flags) & flags;

    /// <summary>Clears flags; returns those that were set before.</summary>
    /// <remarks>Looks first, as the kernel does: a read is much cheaper than an atomic operation.</remarks>
    public FolioFlags ClearFlags(int head, FolioFlags flags) =>
        (Word(head) & (uint)flags) == 0 ? FolioFlags.None : TestClear(head, flags);

    /// <summary>Clears the LRU flag; false when somebody else did (SCAN_DEL_PAGE_LRU).</summary>
    public bool TestClearLru(int head) => TestClear(head, FolioFlags.Lru) != 0;

    /// <summary>Takes a transient reference (SM-8).</summary>
    public void Get(int head)
    {
        uint word = Interlocked.Add(ref _words[head], TransientOne);
        if ((word & TransientMask) == 0)
        {
            throw new InvariantException($"pfn {head}: more than 31 transient references");
        }
    }

    /// <summary>Takes a transient reference, unless nobody references the folio any more: it is being freed.</summary>
    public bool TryGet(int head)
    {
        uint seen = Word(head);
        while (!IsUnreferenced(seen) && (seen & (uint)FolioFlags.Buddy) == 0)
        {
            if ((seen & TransientMask) == TransientMask)
            {
                throw new InvariantException($"pfn {head}: more than 31 transient references");
            }

            uint found = Interlocked.CompareExchange(ref _words[head], seen + TransientOne, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    /// <summary>Drops a transient reference; true when it was the last reference of an unmapped folio, which the
    /// caller must free.</summary>
    public bool Put(int head)
    {
        uint word = Interlocked.Add(ref _words[head], unchecked(0u - TransientOne));
        if ((word & TransientMask) == TransientMask)
        {
            throw new InvariantException($"pfn {head}: transient reference dropped twice");
        }

        return IsUnreferenced(word);
    }

    /// <summary>SM-9: no reference besides mappings and swap cache.</summary>
    public bool RefcountSuitable(int head) => (Word(head) & TransientMask) == 0;

    /// <summary>Transient references held now.</summary>
    public int TransientReferences(int head) => (int)((Word(head) & TransientMask) >> 16);

    /// <summary>So many hold the folio at this moment that a fault must not hold it too: a word has room for 31 (SM-8), reclaim and khugepaged
    /// hold pages as well, and a thousand processes may fault the same page at the same time.</summary>
    public bool IsCrowded(int head) => TransientReferences(head) >= MostFaultsHolding;

    /// <summary>PTE mappings of this very page.</summary>
    public int PageMapCount(int pfn) => (int)(Word(pfn) >> 21);

    /// <summary>Adds a PTE mapping of a small folio.</summary>
    public void MapSmall(int pfn) => AddMapping(pfn);

    /// <summary>Removes a PTE mapping of a small folio; true when the caller must free it.</summary>
    public bool UnmapSmall(int pfn) => IsUnreferenced(RemoveMapping(pfn));

    /// <summary>Gives a page that nobody else can see its first state: unmapped, with these flags and content.</summary>
    public void InitSmall(int pfn, FolioFlags flags, byte content)
    {
        _words[pfn] = (uint)flags;
        _content[pfn] = content;
    }

    /// <summary>folio_migrate_mapping and folio_migrate_flags: an isolated, locked page with one mapping goes on in another; mapping,
    /// isolation and charge go with it; the old place is the root group's, and frozen. False (and nothing done) when somebody has
    /// taken a reference meanwhile.</summary>
    internal bool TryMovePage(int from, int to)
    {
        uint word = Word(from);
        if ((word & (TransientMask | MapMask)) != (TransientOne | MapOne)
            || Interlocked.CompareExchange(ref _words[from], 0, word) != word)
        {
            return false;
        }

        _content[to] = _content[from];
        _owners[to] = _owners[from];
        _owners[from] = FolioOwner.Of(0, 0, 0).Packed;
        Volatile.Write(ref _words[to], word & ~(uint)FolioFlags.Locked);
        return true;
    }

    /// <summary>Writes the word of a free or freshly allocated page; the allocator's own.</summary>
    internal void SetRawWord(int pfn, uint word) => _words[pfn] = word;

    /// <summary>Writes the words of a run of such pages.</summary>
    internal void SetRawWords(int first, int count, uint word) => _words.AsSpan(first, count).Fill(word);

    /// <summary>Where the folio is mapped: the address is the same in every process that maps it, because forks copy the
    /// layout. The family is the mm that made the page's first ancestor; its descendants are the others to ask.</summary>
    public FolioOwner Owner(int head) => new(_owners[head]);

    /// <summary>Charges a freshly allocated page to a memory cgroup.</summary>
    public void SetMemcg(int pfn, int memcg) => _owners[pfn] = FolioOwner.Of(0, 0, memcg).Packed;

    /// <summary>Notes where the folio is mapped first; its memory cgroup stays.</summary>
    public void SetMapping(int head, int family, long address) =>
        _owners[head] = FolioOwner.Of(family, address, Owner(head).Memcg).Packed;

    /// <summary>The subpages of a folio that is split belong where it belonged.</summary>
    internal void SpreadOwner(int head)
    {
        FolioOwner owner = Owner(head);
        Span<long> owners = _owners.AsSpan(head, Geometry.PtesPerTable);
        for (int index = 1; index < owners.Length; index++)
        {
            owners[index] = owner.OfPage(index).Packed;
        }
    }

    /// <summary>First swap slot of a folio in the swap cache.</summary>
    public int SwapSlot(int head) => _swapSlots[head];

    /// <summary>Puts the folio into the swap cache with this slot; its content must be written out (PG_dirty).</summary>
    public void EnterSwapCache(int head, int slot)
    {
        _swapSlots[head] = slot;
        SetFlags(head, FolioFlags.SwapCache | FolioFlags.Dirty);
    }

    private void AddMapping(int pfn)
    {
        uint word = Interlocked.Add(ref _words[pfn], MapOne);
        if ((word & MapMask) == 0)
        {
            throw new InvariantException($"pfn {pfn}: more than {MostMappings} mappings");
        }
    }

    private uint RemoveMapping(int pfn)
    {
        uint word = Interlocked.Add(ref _words[pfn], unchecked(0u - MapOne));
        if ((word & MapMask) == MapMask)
        {
            throw new InvariantException($"pfn {pfn}: unmapped more often than mapped");
        }

        return word;
    }

    private FolioFlags TestClear(int head, FolioFlags flags) =>
        (FolioFlags)Interlocked.And(ref _words[head], ~(uint)flags) & flags;

    private static bool IsUnreferenced(uint word) =>
        (word & (TransientMask | MapMask | (uint)(FolioFlags.SwapCache | FolioFlags.LargeMapped))) == 0;
}
