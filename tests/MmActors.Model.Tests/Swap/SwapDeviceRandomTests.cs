using CsCheck;
using MmActors.Model.Memory;
using MmActors.Model.Swap;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.Swap;

/// <summary>A swap device against a sorted dictionary of its used slots, under random operations.</summary>
public class SwapDeviceRandomTests
{
    private const int Cluster = Geometry.PtesPerTable;
    private const int Memcgs = 4;

    private enum Action
    {
        Allocate, AllocateMany, AllocateHuge, AddUser, DropUser, Cache, Uncache, Store, Shadow, Free, FreeMany,
    }

    private static readonly Gen<(Action Action, int Memcg, int Pick)[]> Operations = Gen.Select(
        Gen.Int[0, (int)Action.FreeMany].Select(static action => (Action)action),
        Gen.Int[0, Memcgs - 1],
        Gen.Int[0, 2000]).Array[1, 100];

    [Fact] // RC-35 … RC-38, UT-7, UT-14
    public void Random_operations_agree_with_a_dictionary_of_slots() =>
        Gen.Select(Gen.Int[1, 4 * Cluster], Operations).Sample((slots, operations) =>
        {
            var device = new SwapDevice(slots, isSynchronous: false);
            SortedList<int, Slot> oracle = [];
            foreach ((Action action, int memcg, int pick) in operations)
            {
                Do(device, oracle, action, memcg, pick);
                device.Check();
                AssertSameCounters(device, oracle);
            }

            foreach ((int slot, Slot expected) in oracle)
            {
                AssertSame(device, slot, expected);
            }
        });

    private static void Do(SwapDevice device, SortedList<int, Slot> oracle, Action action, int memcg, int pick)
    {
        switch (action)
        {
            case Action.Allocate:
                Allocate(device, oracle, memcg);
                break;
            case Action.AllocateMany:
                for (int count = 0; count < pick / 2; count++)
                {
                    Allocate(device, oracle, memcg);
                }

                break;
            case Action.AllocateHuge:
                AllocateHuge(device, oracle, memcg);
                break;
            case Action.FreeMany:
                FreeMany(device, oracle, pick);
                break;
            default:
                if (oracle.Count > 0)
                {
                    DoToOne(device, oracle, action, oracle.Keys[pick % oracle.Count], pick);
                }

                break;
        }
    }

    private static void DoToOne(SwapDevice device, SortedList<int, Slot> oracle, Action action, int slot, int pick)
    {
        Slot known = oracle[slot];
        switch (action)
        {
            case Action.AddUser:
                device.AddUser(slot);
                known.Users++;
                break;
            case Action.DropUser when known.Users > 0:
                device.DropUser(slot);
                known.Users--;
                break;
            case Action.Cache when known.Cached < 0:
                device.SetCached(slot, pick);
                known.Cached = pick;
                break;
            case Action.Uncache when known.Cached >= 0:
                device.ClearCached(slot);
                known.Cached = -1;
                break;
            case Action.Store:
                known.Content = (byte)(pick % 3);
                known.IsZero = known.Content == 0;
                device.Store(slot, known.Content);
                break;
            case Action.Shadow:
                known.Shadow = (pick, pick % 2 == 0);
                device.SetShadow(slot, pick, pick % 2 == 0);
                break;
            case Action.Free:
                Free(device, oracle, slot);
                return;
            default:
                break;
        }

        AssertSame(device, slot, known);
    }

    private static void Allocate(SwapDevice device, SortedList<int, Slot> oracle, int memcg)
    {
        bool possible = oracle.Count < device.Slots;
        bool hasPartial = oracle.Count < device.Slots - (device.FreeClusters * Cluster);
        int freeClusters = device.FreeClusters;
        Assert.Equal(possible, device.TryAllocate(memcg, out int slot));
        if (possible)
        {
            Assert.True(oracle.TryAdd(slot, new Slot { Memcg = memcg }), $"slot {slot} was given out twice");
            Assert.Equal(hasPartial ? freeClusters : freeClusters - 1, device.FreeClusters);
            int below = slot % Cluster;
            bool isLowest = below == 0 || oracle.Keys[oracle.IndexOfKey(slot) - below] == slot - below;
            Assert.True(isLowest, $"a slot below {slot} is free");
        }
    }

    private static void AllocateHuge(SwapDevice device, SortedList<int, Slot> oracle, int memcg)
    {
        bool possible = FreeClusters(device, oracle) > 0;
        Assert.Equal(possible, device.TryAllocateHuge(memcg, out int first));
        if (possible)
        {
            Assert.Equal(0, first % Cluster);
            for (int slot = first; slot < first + Cluster; slot++)
            {
                Assert.True(oracle.TryAdd(slot, new Slot { Memcg = memcg }), $"slot {slot} was given out twice");
            }
        }
    }

    private static void Free(SwapDevice device, SortedList<int, Slot> oracle, int slot)
    {
        bool unused = oracle[slot] is { Users: 0, Cached: < 0 };
        Assert.Equal(unused, device.IsUnused(slot));
        Assert.Equal(unused, device.TryFree(slot));
        Assert.Equal(unused, !device.IsAllocated(slot));
        if (unused)
        {
            oracle.Remove(slot);
        }
    }

    /// <summary>Empties one cluster as far as it is unused, or every third slot of the device.</summary>
    private static void FreeMany(SwapDevice device, SortedList<int, Slot> oracle, int pick)
    {
        int cluster = pick % 8;
        foreach (int slot in oracle.Keys.Where(slot => cluster > 3 ? slot % 3 == 0 : slot / Cluster == cluster).ToArray())
        {
            Free(device, oracle, slot);
        }
    }

    private static int FreeClusters(SwapDevice device, SortedList<int, Slot> oracle)
    {
        int[] used = [.. oracle.Keys.Select(static slot => slot / Cluster).Distinct()];
        return (device.Slots / Cluster) - used.Count(cluster => cluster < device.Slots / Cluster);
    }

    private static void AssertSameCounters(SwapDevice device, SortedList<int, Slot> oracle)
    {
        Assert.Equal((oracle.Count, device.Slots - oracle.Count), (device.UsedSlots, device.FreeSlots));
        Assert.Equal(2 * oracle.Count > device.Slots, device.IsMoreThanHalfFull);
        Assert.Equal(FreeClusters(device, oracle), device.FreeClusters);
        for (int memcg = 0; memcg < Memcgs; memcg++)
        {
            Assert.Equal(oracle.Values.Count(slot => slot.Memcg == memcg), device.UsedBy(memcg));
        }
    }

    private static void AssertSame(SwapDevice device, int slot, Slot expected)
    {
        Assert.Equal(expected.Memcg, device.Owner(slot));
        Assert.Equal((expected.Cached, expected.Users), (device.Cached(slot), device.Users(slot)));
        Assert.Equal((expected.Content, expected.IsZero), (device.Content(slot), device.IsInZeroMap(slot)));
        Assert.Equal(expected.Shadow is not null, device.TryGetShadow(slot, out long age, out bool workingset));
        Assert.Equal(expected.Shadow ?? (0, false), (age, workingset));
    }

    private sealed class Slot
    {
        public required int Memcg { get; init; }

        public int Cached { get; set; } = -1;

        public int Users { get; set; }

        public byte Content { get; set; } = ContentTag.Zero;

        public bool IsZero { get; set; }

        public (long Age, bool Workingset)? Shadow { get; set; }
    }
}
