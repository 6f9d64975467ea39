using CsCheck;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.Memory;

public class PageListsTests
{
    private const int Pages = 20;
    private const int Lists = 3;

    private static readonly Gen<(int Action, int List, int Page)[]> Operations =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, Lists - 1], Gen.Int[0, Pages - 1]).Array[0, 100];

    [Fact]
    public void Intrusive_lists_agree_with_ordinary_ones() => Operations.Sample(operations =>
    {
        var lists = new PageLists(Pages, Lists);
        List<int>[] oracle = [[], [], []];
        foreach ((int action, int list, int page) in operations)
        {
            bool linked = oracle.Any(l => l.Contains(page));
            if (action == 2)
            {
                if (linked)
                {
                    lists.Remove(page);
                    Array.ForEach(oracle, l => l.Remove(page));
                }
            }
            else if (!linked)
            {
                Link(lists, oracle, action == 0, list, page);
            }

            AssertSame(lists, oracle);
        }
    });

    [Fact]
    public void A_page_can_be_unlinked_only_once()
    {
        var lists = new PageLists(4, 1);
        lists.AddFirst(0, 1);
        lists.AddFirst(0, 2);
        lists.Remove(1);
        Assert.Throws<InvariantException>(() =>
        {
            lists.Remove(1);
            lists.Remove(3);
        });
    }

    private static void Link(PageLists lists, List<int>[] oracle, bool first, int list, int page)
    {
        if (first)
        {
            lists.AddFirst(list, page);
            oracle[list].Insert(0, page);
        }
        else
        {
            lists.AddLast(list, page);
            oracle[list].Add(page);
        }
    }

    private static void AssertSame(PageLists lists, List<int>[] oracle)
    {
        for (int list = 0; list < Lists; list++)
        {
            List<int> walked = [];
            for (int page = lists.First(list); page >= 0; page = lists.After(page))
            {
                walked.Add(page);
            }

            Assert.Equal(oracle[list], walked);
            Assert.Equal(oracle[list].Count == 0, lists.IsEmpty(list));
            Assert.Equal(oracle[list].Count == 0 ? -1 : oracle[list][^1], lists.Last(list));
        }
    }
}
