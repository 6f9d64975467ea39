using CsCheck;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory;

/// <summary>The folio word: references, mappings and flags (SM-7…10).</summary>
public class FolioTableTests
{
    private const int Small = 7;
    private const int Large = 512;
    private readonly FolioTable _folios = new(4096);

    [Fact]
    public void The_lock_is_had_by_one()
    {
        Assert.True(_folios.TryLock(Small));
        Assert.False(_folios.TryLock(Small));
        _folios.Unlock(Small);
        Assert.True(_folios.TryLock(Small));
    }

    [Fact] // SM-8, SM-9
    public void Only_transient_references_make_a_refcount_unsuitable() =>
        Gen.Select(Gen.Int[0, 31], Gen.Int[0, 2047], Gen.Int[0, (1 << 13) - 1]).Sample((references, mappings, flags) =>
        {
            var folios = new FolioTable(512);
            folios.InitSmall(Small, (FolioFlags)flags, 1);
            for (int i = 0; i < references; i++)
            {
                folios.Get(Small);
            }

            for (int i = 0; i < mappings; i++)
            {
                folios.MapSmall(Small);
            }

            Assert.Equal(references, folios.TransientReferences(Small));
            Assert.Equal(mappings, folios.PageMapCount(Small));
            Assert.Equal((FolioFlags)flags, folios.Flags(Small));
            Assert.Equal(references == 0, folios.RefcountSuitable(Small));
        });

    [Fact] // SM-8
    public void The_last_reference_is_seen_by_whoever_drops_it() =>
        Gen.Shuffle(new[] { 0, 0, 0, 1, 1, 1 }).Sample(order =>
        {
            var folios = new FolioTable(512);
            folios.InitSmall(Small, FolioFlags.SwapBacked | FolioFlags.Lru, 0);
            foreach (int kind in order)
            {
                Take(folios, kind);
            }

            for (int left = order.Length; left > 0; left--)
            {
                Assert.Equal(left == 1, order[left - 1] == 0 ? folios.Put(Small) : folios.UnmapSmall(Small));
            }
        });

    [Fact]
    public void Too_many_and_too_few_references_are_refused()
    {
        for (int i = 0; i < 31; i++)
        {
            _folios.Get(Small);
        }

        Assert.Throws<InvariantException>(() => _folios.Get(Small));
        Assert.Throws<InvariantException>(() => _folios.Put(Small + 1));
        Assert.Throws<InvariantException>(() => _folios.UnmapSmall(Small + 2));
        for (int i = 0; i < 2047; i++)
        {
            _folios.MapSmall(Small + 3);
        }

        Assert.Throws<InvariantException>(() => _folios.MapSmall(Small + 3));
    }

    [Fact] // SM-7: the map count has 11 bits; a fork tree of 2047 processes fills it
    public void A_subpage_has_at_most_2047_mappings_and_never_wraps()
    {
        _folios.InitLarge(Large, FolioFlags.None);
        _folios.MapPmd(Large);
        for (int i = 1; i < 2047; i++)
        {
            _folios.SharePmd(Large);
        }

        for (int i = 0; i < 2047; i++)
        {
            _folios.PmdMapToPtes(Large);
        }

        Assert.Equal((0, 2047 * 512), (_folios.PmdMapCount(Large), _folios.PteMapCount(Large)));
        Assert.All(Enumerable.Range(Large, 512), pfn => Assert.Equal(2047, _folios.PageMapCount(pfn)));
        Assert.Contains($"pfn {Large + 5}: more than 2047 mappings", Assert.Throws<InvariantException>(() => _folios.MapSubpage(Large + 5)).Message);
        _folios.SharePmd(Large);
        Assert.Throws<InvariantException>(() => _folios.PmdMapToPtes(Large));
    }

    [Fact] // the first split gives the pages words of their own, the second only adds to them: both count up to the last subpage
    public void A_pmd_that_becomes_page_tables_counts_no_subpage_beyond_2047()
    {
        _folios.InitLarge(Large, FolioFlags.None);
        _folios.MapPmd(Large);
        _folios.SharePmd(Large);
        _folios.PmdMapToPtes(Large);
        for (int i = 1; i < 2047; i++)
        {
            _folios.MapSubpage(Large + 511);
        }

        Assert.Contains($"pfn {Large + 511}: ", Assert.Throws<InvariantException>(() => _folios.PmdMapToPtes(Large)).Message);
    }

    [Fact]
    public void A_large_folio_is_not_unmapped_more_often_than_mapped()
    {
        _folios.InitLarge(Large, FolioFlags.None);
        _folios.MapPmd(Large);
        _folios.PmdMapToPtes(Large);
        _folios.UnmapSubpage(Large + 1);
        Assert.Throws<InvariantException>(() => _folios.UnmapSubpage(Large + 1));
        _folios.InitLarge(2 * Large, FolioFlags.None);
        Assert.Throws<InvariantException>(() => _folios.UnmapPmd(2 * Large));
    }

    [Theory] // SM-10, the heuristic of 6.12
    [InlineData(0, 1, 0, false)] // mapped once in all
    [InlineData(1, 0, 0, false)]
    [InlineData(2, 0, 0, true)] // two PMDs
    [InlineData(1, 0, 1, true)] // PMD elsewhere and a PTE
    [InlineData(0, 2, 0, false)] // several subpages, the first once
    [InlineData(0, 0, 5, true)] // the first subpage several times
    [InlineData(0, 300, 2, true)]
    [InlineData(0, 511, 1, false)] // all 512 once
    [InlineData(0, 513, 0, true)] // more than 512 mappings
    public void Mapped_shared_follows_the_heuristic_table(int pmds, int others, int ofFirst, bool shared)
    {
        MapLarge(pmds, others, ofFirst);
        Assert.Equal(shared, _folios.MappedShared(Large + 3, exact: false));
        Assert.Equal(pmds + others + ofFirst, _folios.MapCount(Large));
    }

    [Fact] // SM-10
    public void A_small_folio_is_shared_from_the_second_mapping_on()
    {
        _folios.MapSmall(Small);
        Assert.False(_folios.MappedShared(Small, exact: false));
        _folios.MapSmall(Small);
        Assert.True(_folios.MappedShared(Small, exact: false));
        Assert.True(_folios.MappedShared(Small, exact: true));
    }

    [Fact] // VR-10
    public void Exact_sharing_needs_a_second_process()
    {
        MapLarge(pmds: 1, others: 0, ofFirst: 0);
        _folios.PmdMapToPtes(Large);
        Assert.False(_folios.MappedShared(Large + 3, exact: true));
        _folios.SetLargeExclusive(Large, false);
        _folios.MapSubpage(Large + 9);
        Assert.True(_folios.MappedShared(Large + 3, exact: true));
        Assert.True(_folios.MappedShared(Large + 3, exact: false));
    }

    [Fact] // SM-12
    public void A_PMD_split_turns_one_mapping_into_512()
    {
        MapLarge(pmds: 2, others: 0, ofFirst: 0);
        _folios.PmdMapToPtes(Large);
        Assert.Equal((1, 512, 513), (_folios.PmdMapCount(Large), _folios.PteMapCount(Large), _folios.MapCount(Large)));
        Assert.All(Enumerable.Range(Large, 512), pfn => Assert.Equal(1, _folios.PageMapCount(pfn)));
        Assert.False(_folios.UnmapPmd(Large));
        for (int pfn = Large; pfn < Large + 511; pfn++)
        {
            Assert.False(_folios.UnmapSubpage(pfn));
        }

        Assert.True(_folios.UnmapSubpage(Large + 511));
    }

    [Fact]
    public void Contents_agree_with_an_array() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 511], Gen.Byte[0, 2]).Array[0, 40].Sample(writes =>
        {
            var folios = new FolioTable(1024);
            folios.InitLarge(Large, FolioFlags.SwapBacked);
            folios.SetUniformContent(Large, 0);
            var oracle = new byte[512];
            foreach ((int kind, int index, byte tag) in writes)
            {
                if (kind == 0)
                {
                    folios.SetUniformContent(Large, tag);
                    Array.Fill(oracle, tag);
                }
                else
                {
                    folios.SetContent(Large + index, tag);
                    oracle[index] = tag;
                }
            }

            Assert.Equal(oracle, Enumerable.Range(Large, 512).Select(folios.Content));
        });

    [Fact]
    public void Flags_say_what_was_set_before()
    {
        Assert.Equal(FolioFlags.None, _folios.SetFlags(Small, FolioFlags.Lru | FolioFlags.Active));
        Assert.Equal(FolioFlags.Lru, _folios.SetFlags(Small, FolioFlags.Lru | FolioFlags.Dirty));
        Assert.True(_folios.Has(Small, FolioFlags.Lru | FolioFlags.Dirty));
        Assert.True(_folios.TestClearLru(Small));
        Assert.False(_folios.TestClearLru(Small));
        Assert.Equal(FolioFlags.Active, _folios.ClearFlags(Small, FolioFlags.Active | FolioFlags.Lru));
    }

    private static void Take(FolioTable folios, int kind)
    {
        if (kind == 0)
        {
            folios.Get(Small);
        }
        else
        {
            folios.MapSmall(Small);
        }
    }

    private void MapLarge(int pmds, int others, int ofFirst)
    {
        _folios.InitLarge(Large, FolioFlags.SwapBacked | FolioFlags.Lru);
        for (int i = 0; i < pmds; i++)
        {
            _folios.MapPmd(Large);
        }

        for (int i = 0; i < others; i++)
        {
            _folios.MapSubpage(Large + 1 + (i % 511));
        }

        for (int i = 0; i < ofFirst; i++)
        {
            _folios.MapSubpage(Large);
        }
    }
}
