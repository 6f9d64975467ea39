using CsCheck;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory;

/// <summary>The buddy allocator against a set of owned pages (UT-40).</summary>
public class BuddyAllocatorTests
{
    private const int Orders = BuddyAllocator.MaxOrder + 1;

    private static readonly Gen<int> Pages = Gen.Int[1, 12].Select(static blocks => blocks * 512);

    /// <summary>An allocation of an order (0…10), or the freeing of the n-th block held (−1 − n).</summary>
    private static readonly Gen<int[]> Requests =
        Gen.OneOf(Gen.OneOf(0, 0, 0, 1, 3, 9, 9, 10), Gen.Int[-60, -1]).Array[1, 200];

    [Fact] // UT-40: conservation, alignment, no page twice; everything merges again
    public void Random_requests_conserve_pages_and_merge_back() =>
        Gen.Select(Pages, Requests).Sample((pages, requests) =>
        {
            BuddyAllocator buddy = New(pages);
            int[] whole = Blocks(buddy);
            List<(int Pfn, int Order)> held = [];
            var owned = new bool[pages];
            foreach (int request in requests)
            {
                if (request >= 0)
                {
                    Allocate(buddy, request, held, owned);
                }
                else if (held.Count > 0)
                {
                    Free(buddy, (-1 - request) % held.Count, held, owned);
                }

                Assert.Equal(owned.Count(static page => !page), buddy.FreePages);
                Assert.Equal([.. owned.Chunk(512).Select(static range => (short)range.Count(static page => !page))], buddy.FreeInRange[..(pages / 512)].ToArray());
                Assert.Equal(buddy.FreePages, Blocks(buddy).Select(static (count, order) => count << order).Sum());
            }

            while (held.Count > 0)
            {
                Free(buddy, held.Count / 2, held, owned);
            }

            Assert.Equal(whole, Blocks(buddy));
        });

    [Fact]
    public void Many_pages_at_once_are_those_of_as_many_single_requests() =>
        Gen.Select(Pages, Requests, Gen.Int[1, 3000]).Sample((pages, requests, count) =>
        {
            BuddyAllocator many = New(pages);
            BuddyAllocator single = New(pages);
            Replay(many, requests);
            Replay(single, requests);
            var atOnce = new int[count];
            int got = many.AllocatePages(atOnce);
            List<int> oneByOne = [];
            while (oneByOne.Count < count && single.TryAllocate(0, out int pfn))
            {
                oneByOne.Add(pfn);
            }

            Assert.Equal(oneByOne, atOnce[..got]);
            Assert.Equal(Blocks(single), Blocks(many));
            Assert.Equal(single.FreePages, many.FreePages);
        });

    [Fact]
    public void A_run_is_freed_as_its_pages_one_by_one_from_the_last() =>
        Gen.Select(Gen.Int[0, 4095], Gen.Int[1, 4096], Gen.Int[0, 3]).Sample((first, length, gap) =>
        {
            int end = Math.Min(4096, first + length);
            BuddyAllocator run = New(4096);
            BuddyAllocator single = New(4096);
            foreach (BuddyAllocator buddy in new[] { run, single })
            {
                Assert.Equal(4096, buddy.AllocatePages(new int[4096]));
                for (int page = end + gap; page < 4096; page += 1 + gap)
                {
                    buddy.Free(page, 0);
                }
            }

            run.FreeRun(first, end - first);
            for (int page = end - 1; page >= first; page--)
            {
                single.Free(page, 0);
            }

            Assert.Equal(Blocks(single), Blocks(run));
            Assert.Equal(TakeAll(single), TakeAll(run));
        });

    [Fact]
    public void The_smallest_sufficient_block_is_split()
    {
        BuddyAllocator buddy = New(2048);
        Assert.True(buddy.TryAllocate(9, out int first));
        Assert.True(buddy.TryAllocate(0, out int page));
        Assert.InRange(page, 512, 1023); // the rest of the block the first came from
        Assert.Equal((0, 1, 0, 1), (first, buddy.FreeBlocks(10), buddy.FreeBlocks(9), buddy.FreeBlocks(8)));
        Assert.True(buddy.HasBlock(10));
        Assert.True(buddy.TryAllocate(10, out _));
        Assert.False(buddy.HasBlock(9));
        Assert.False(buddy.TryAllocate(9, out int none));
        Assert.Equal(-1, none);
    }

    private static BuddyAllocator New(int pages) => new(new FolioTable(pages), new PageLists(pages, Orders), 0);

    private static int[] Blocks(BuddyAllocator buddy) => [.. Enumerable.Range(0, Orders).Select(buddy.FreeBlocks)];

    /// <summary>Every free page in the order in which the allocator gives them out: shows the order of its lists.</summary>
    private static int[] TakeAll(BuddyAllocator buddy)
    {
        var pages = new int[buddy.FreePages];
        Assert.Equal(pages.Length, buddy.AllocatePages(pages));
        return pages;
    }

    private static void Allocate(BuddyAllocator buddy, int order, List<(int, int)> held, bool[] owned)
    {
        bool possible = Enumerable.Range(order, Orders - order).Any(o => buddy.FreeBlocks(o) > 0);
        Assert.Equal(possible, buddy.HasBlock(order));
        Assert.Equal(possible, buddy.TryAllocate(order, out int pfn));
        if (!possible)
        {
            return;
        }

        Assert.Equal(0, pfn & ((1 << order) - 1));
        for (int page = pfn; page < pfn + (1 << order); page++)
        {
            Assert.False(owned[page], $"page {page} was given out twice");
            owned[page] = true;
        }

        held.Add((pfn, order));
    }

    private static void Free(BuddyAllocator buddy, int index, List<(int Pfn, int Order)> held, bool[] owned)
    {
        (int pfn, int order) = held[index];
        held.RemoveAt(index);
        buddy.Free(pfn, order);
        owned.AsSpan(pfn, 1 << order).Clear();
    }

    private static void Replay(BuddyAllocator buddy, int[] requests)
    {
        List<(int Pfn, int Order)> held = [];
        foreach (int request in requests)
        {
            if (request >= 0)
            {
                if (buddy.TryAllocate(request, out int pfn))
                {
                    held.Add((pfn, request));
                }
            }
            else if (held.Count > 0)
            {
                (int pfn, int order) = held[(-1 - request) % held.Count];
                held.RemoveAt((-1 - request) % held.Count);
                buddy.Free(pfn, order);
            }
        }
    }
}
