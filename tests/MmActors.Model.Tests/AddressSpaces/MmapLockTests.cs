using CsCheck;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.AddressSpaces;

public class MmapLockTests
{
    /// <summary>Requests (reader or writer) and releases in random order.</summary>
    private static readonly Gen<int[]> Actions = Gen.Int[0, 2].Array[1, 60];

    [Fact]
    public void Waiters_are_served_in_order_and_writers_alone() => Actions.Sample(actions =>
    {
        var mmapLock = new MmapLock<int>();
        Dictionary<int, LockMode> modes = [];
        List<int> granted = [];
        List<int> holding = [];
        for (int request = 0; request < actions.Length; request++)
        {
            if (actions[request] == 2)
            {
                Release(mmapLock, modes, granted, holding);
                continue;
            }

            modes[request] = actions[request] == 0 ? LockMode.Read : LockMode.Write;
            if (mmapLock.AcquireOrWait(modes[request], request))
            {
                granted.Add(request);
                holding.Add(request);
            }

            AssertExclusion(mmapLock, modes, holding);
        }

        while (holding.Count > 0)
        {
            Release(mmapLock, modes, granted, holding);
            AssertExclusion(mmapLock, modes, holding);
        }

        Assert.Equal(modes.Keys.Order(), granted);
        Assert.False(mmapLock.HasWaiters);
    });

    [Fact] // KH-12: a try-lock fails behind a waiting writer
    public void A_waiting_writer_stops_later_readers()
    {
        var mmapLock = new MmapLock<string>();
        Assert.True(mmapLock.TryAcquire(LockMode.Read));
        Assert.False(mmapLock.AcquireOrWait(LockMode.Write, "writer"));
        Assert.False(mmapLock.TryAcquire(LockMode.Read));
        Assert.False(mmapLock.TryGrantNext(out _));
        mmapLock.Release(LockMode.Read);
        Assert.True(mmapLock.TryGrantNext(out string waiter));
        Assert.Equal("writer", waiter);
        Assert.True(mmapLock.IsWriteHeld);
    }

    [Fact]
    public void A_lock_that_is_not_held_cannot_be_released()
    {
        var mmapLock = new MmapLock<int>();
        Assert.Throws<InvariantException>(() => mmapLock.Release(LockMode.Read));
        Assert.True(mmapLock.TryAcquire(LockMode.Read));
        Assert.Throws<InvariantException>(() => mmapLock.Release(LockMode.Write));
    }

    private static void Release(MmapLock<int> mmapLock, Dictionary<int, LockMode> modes, List<int> granted, List<int> holding)
    {
        if (holding.Count == 0)
        {
            return;
        }

        mmapLock.Release(modes[holding[0]]);
        holding.RemoveAt(0);
        while (mmapLock.TryGrantNext(out int waiter))
        {
            granted.Add(waiter);
            holding.Add(waiter);
        }
    }

    private static void AssertExclusion(MmapLock<int> mmapLock, Dictionary<int, LockMode> modes, List<int> holding)
    {
        Assert.Equal(holding.Count(holder => modes[holder] == LockMode.Read), mmapLock.Readers);
        Assert.Equal(holding.Any(holder => modes[holder] == LockMode.Write), mmapLock.IsWriteHeld);
        Assert.True(!mmapLock.IsWriteHeld || holding.Count == 1);
    }
}
