using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Swap;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.Swap;

/// <summary>A swap device rule by rule: RC-35 … RC-38, UT-7, UT-14.</summary>
public class SwapDeviceTests
{
    private const int Cluster = Geometry.PtesPerTable;
    private const int Memcg = 3;

    [Fact]
    public void Single_slots_come_in_ascending_order_from_one_cluster()
    {
        SwapDevice device = New(4 * Cluster);
        Assert.Equal(Enumerable.Range(0, Cluster + 2), Allocate(device, Cluster + 2));
        Assert.Equal(2, device.FreeClusters);
    }

    [Fact]
    public void The_lowest_free_slot_of_the_cluster_is_taken_again_first()
    {
        SwapDevice device = New(Cluster);
        Allocate(device, 100);
        device.Free(70);
        device.Free(7);
        Assert.Equal([7, 70, 100], Allocate(device, 3));
    }

    [Fact] // RC-36a
    public void RC_36a_no_free_cluster_is_opened_while_a_partly_used_one_has_room()
    {
        SwapDevice device = New(4 * Cluster);
        Allocate(device, 2 * Cluster);
        device.Free(5);
        device.Free(Cluster + 1);
        Assert.Equal([5, Cluster + 1], Allocate(device, 2));
        Assert.Equal(2, device.FreeClusters);
        Assert.Equal([2 * Cluster], Allocate(device, 1));
        Assert.Equal(1, device.FreeClusters);
    }

    [Fact] // RC-36a: thp_swpout needs an aligned cluster of 512 slots
    public void RC_36a_an_order_9_folio_takes_an_aligned_cluster_whose_slots_are_all_free()
    {
        SwapDevice device = New(3 * Cluster);
        Allocate(device, 1);
        Assert.True(device.TryAllocateHuge(Memcg, out int first));
        Assert.True(device.TryAllocateHuge(Memcg, out int second));
        Assert.Equal((Cluster, 2 * Cluster), (first, second));
        Assert.False(device.TryAllocateHuge(Memcg, out int none));
        Assert.Equal((-1, Cluster - 1, 0), (none, device.FreeSlots, device.FreeClusters));
    }

    [Fact] // RC-36a
    public void RC_36a_a_cluster_that_is_wholly_free_again_takes_an_order_9_folio()
    {
        SwapDevice device = New(2 * Cluster);
        Allocate(device, 2 * Cluster);
        for (int slot = Cluster; slot < 2 * Cluster; slot++)
        {
            Assert.Equal(0, device.FreeClusters);
            device.Free(slot);
        }

        Assert.Equal(1, device.FreeClusters);
        Assert.True(device.TryAllocateHuge(Memcg, out int first));
        Assert.Equal(Cluster, first);
    }

    [Fact] // RC-36a
    public void RC_36a_the_short_cluster_at_the_end_serves_single_slots_first_and_never_an_order_9_folio()
    {
        SwapDevice device = New(Cluster + 10);
        Assert.Equal(1, device.FreeClusters);
        Assert.Equal(Enumerable.Range(Cluster, 10).Append(0), Allocate(device, 11));
        for (int slot = Cluster; slot < Cluster + 10; slot++)
        {
            device.Free(slot);
        }

        Assert.False(device.TryAllocateHuge(Memcg, out _));
        device.Check();
    }

    [Fact] // RC-37
    public void RC_37_a_full_device_gives_no_slot()
    {
        SwapDevice device = New(3);
        Allocate(device, 3);
        Assert.False(device.TryAllocate(Memcg, out int slot));
        Assert.Equal((-1, 0, 3), (slot, device.FreeSlots, device.UsedSlots));
        Assert.False(New(0).TryAllocate(Memcg, out _));
    }

    [Theory] // UT-7
    [InlineData(4, 2, false)]
    [InlineData(4, 3, true)]
    [InlineData(5, 2, false)]
    [InlineData(5, 3, true)]
    [InlineData(0, 0, false)]
    public void UT_7_swap_is_more_than_half_full_only_beyond_the_half(int slots, int used, bool expected)
    {
        SwapDevice device = New(slots);
        Allocate(device, used);
        Assert.Equal(expected, device.IsMoreThanHalfFull);
    }

    [Fact] // RC-63
    public void RC_63_slots_are_charged_to_the_memcg_they_were_allocated_for()
    {
        SwapDevice device = New(2 * Cluster);
        Assert.True(device.TryAllocate(0, out int root));
        Assert.True(device.TryAllocateHuge(9, out int first));
        Assert.Equal((1, 0, Cluster, 0), (device.UsedBy(0), device.UsedBy(1), device.UsedBy(9), device.UsedBy(10)));
        Assert.Equal((0, 9, 9), (device.Owner(root), device.Owner(first), device.Owner(first + Cluster - 1)));
        device.Free(first + 1);
        Assert.Equal(Cluster - 1, device.UsedBy(9));
        device.Check();
    }

    [Fact] // UT-14: fork adds a user to the slot of every swap PTE
    public void UT_14_a_slot_is_unused_when_its_last_user_has_gone()
    {
        SwapDevice device = New(1);
        int slot = Allocate(device, 1)[0];
        device.AddUser(slot);
        device.AddUser(slot);
        device.DropUser(slot);
        Assert.Equal(1, device.Users(slot));
        Assert.False(device.IsUnused(slot));
        Assert.False(device.TryFree(slot));
        Assert.Throws<InvariantException>(() => device.Free(slot));
        device.DropUser(slot);
        Assert.True(device.IsUnused(slot));
        Assert.True(device.TryFree(slot));
        Assert.False(device.IsAllocated(slot));
    }

    [Fact] // UT-7: otherwise the folio stays in the swap cache
    public void UT_7_a_slot_whose_page_is_in_the_swap_cache_is_in_use()
    {
        SwapDevice device = New(1);
        int slot = Allocate(device, 1)[0];
        Assert.Equal(-1, device.Cached(slot));
        device.SetCached(slot, 0);
        Assert.Equal(0, device.Cached(slot));
        Assert.False(device.TryFree(slot));
        Assert.Throws<InvariantException>(() => device.SetCached(slot, 1));
        device.ClearCached(slot);
        Assert.True(device.TryFree(slot));
    }

    [Fact] // RC-36
    public void RC_36_a_zero_filled_folio_is_in_the_zero_map()
    {
        SwapDevice device = New(2);
        Allocate(device, 2);
        device.Store(0, ContentTag.Zero);
        device.Store(1, 7);
        Assert.Equal((true, false), (device.IsInZeroMap(0), device.IsInZeroMap(1)));
        Assert.Equal((ContentTag.Zero, 7), (device.Content(0), device.Content(1)));
    }

    [Theory] // RC-36: a THP with at least one nonzero subpage is written completely
    [InlineData(0, true)]
    [InlineData(5, false)]
    public void RC_36_one_nonzero_subpage_keeps_the_whole_folio_out_of_the_zero_map(byte last, bool expected)
    {
        SwapDevice device = New(Cluster);
        Assert.True(device.TryAllocateHuge(Memcg, out int first));
        var contents = new byte[Cluster];
        contents[^1] = last;
        device.StoreFolio(first, contents);
        Assert.All(Enumerable.Range(first, Cluster), slot => Assert.Equal(expected, device.IsInZeroMap(slot)));
        Assert.Equal(contents, Enumerable.Range(first, Cluster).Select(device.Content));
    }

    [Theory] // RC-38
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData((1L << 62) - 1, true)]
    public void RC_38_the_eviction_record_lasts_until_the_slot_is_freed(long age, bool workingset)
    {
        SwapDevice device = New(2);
        Allocate(device, 2);
        Assert.False(device.TryGetShadow(1, out _, out _));
        device.SetShadow(1, age, workingset);
        Assert.False(device.TryGetShadow(0, out _, out _));
        device.SetCached(1, 8);
        device.ClearCached(1);
        Assert.True(device.TryGetShadow(1, out long foundAge, out bool foundWorkingset));
        Assert.Equal((age, workingset), (foundAge, foundWorkingset));
        device.Free(1);
        Allocate(device, 1);
        Assert.False(device.TryGetShadow(1, out foundAge, out foundWorkingset));
        Assert.Equal((0, false), (foundAge, foundWorkingset));
    }

    [Fact]
    public void A_slot_that_is_freed_forgets_its_content()
    {
        SwapDevice device = New(1);
        Allocate(device, 1);
        device.Store(0, 9);
        device.Free(0);
        device.Check();
        Allocate(device, 1);
        Assert.Equal(ContentTag.Zero, device.Content(0));
        Assert.False(device.IsInZeroMap(0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(Cluster)]
    [InlineData(Cluster + 1)]
    [InlineData(int.MaxValue)]
    public void A_slot_that_nobody_is_charged_for_has_no_properties(int slot)
    {
        SwapDevice device = New(Cluster + 1);
        Allocate(device, 2);
        device.Free(Cluster);
        Assert.False(device.IsAllocated(slot));
        Action<int>[] questions =
        [
            s => device.Owner(s), s => device.Cached(s), s => device.SetCached(s, 1), device.ClearCached,
            s => device.Users(s), device.AddUser, device.DropUser, s => device.IsUnused(s), device.Free,
            s => device.TryFree(s), s => device.Content(s), s => device.Store(s, 1), s => device.StoreFolio(s, [1]),
            s => device.IsInZeroMap(s), s => device.SetShadow(s, 1, true), s => device.TryGetShadow(s, out _, out _),
        ];
        Assert.All(questions, question => Assert.Throws<InvariantException>(() => question(slot)));
        device.Check();
    }

    [Fact]
    public void Contradictions_are_refused()
    {
        SwapDevice device = New(1);
        Allocate(device, 1);
        Assert.Throws<InvariantException>(() => device.DropUser(0));
        Assert.Throws<InvariantException>(() => device.ClearCached(0));
        Assert.Throws<InvariantException>(() => device.SetCached(0, -1));
        Assert.Throws<InvariantException>(() => device.SetShadow(0, -1, false));
        Assert.Throws<InvariantException>(() => device.SetShadow(0, 1L << 62, false));
        for (int user = 0; user < ushort.MaxValue; user++)
        {
            device.AddUser(0);
        }

        Assert.Throws<InvariantException>(() => device.AddUser(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.TryAllocate(-1, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.TryAllocateHuge(-1, out _));
        device.Check();
    }

    [Fact]
    public void The_largest_device_costs_memory_only_where_it_is_used()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        SwapDevice device = New((int)SwapSpec.Largest.Pages);
        Allocate(device, 3);
        Assert.True(device.TryAllocateHuge(Memcg, out int first));
        Assert.Equal(Cluster, first);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 64 << 10);
        Assert.Equal((1 << 26) - Cluster - 3, device.FreeSlots);
        device.Check();
    }

    [Fact]
    public void Clusters_that_were_used_before_are_used_again_before_untouched_ones()
    {
        SwapDevice device = New(1000 * Cluster);
        for (int round = 0; round < 5; round++)
        {
            Assert.True(device.TryAllocateHuge(Memcg, out int first));
            Assert.Equal(0, first);
            for (int slot = first; slot < first + Cluster; slot++)
            {
                device.Free(slot);
            }
        }
    }

    private static SwapDevice New(int slots) => new(slots, isSynchronous: true);

    private static int[] Allocate(SwapDevice device, int count)
    {
        var slots = new int[count];
        for (int index = 0; index < count; index++)
        {
            Assert.True(device.TryAllocate(Memcg, out slots[index]));
        }

        device.Check();
        return slots;
    }
}
