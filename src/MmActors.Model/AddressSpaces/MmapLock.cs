namespace MmActors.Model.AddressSpaces;

/// <summary>How mmap_lock is wanted.</summary>
public enum LockMode
{
    /// <summary>Shared, with other readers.</summary>
    Read,
    /// <summary>Exclusive.</summary>
    Write,
}

/// <summary>mmap_lock: readers share, writers exclude, waiters are served in order of arrival, and a waiting writer
/// stops later readers, as the kernel's rwsem does. Per-VMA read locks of faults are folded in: a collapse excludes
/// them just the same (user-tasks.md 5.1).</summary>
/// <typeparam name="T">What stands in the queue.</typeparam>
public sealed class MmapLock<T>
{
    private readonly Queue<(LockMode Mode, T Waiter)> _waiters = new();

    /// <summary>Readers that hold the lock.</summary>
    public int Readers { get; private set; }

    /// <summary>Whether a writer holds the lock.</summary>
    public bool IsWriteHeld { get; private set; }

    /// <summary>Whether anybody waits.</summary>
    public bool HasWaiters => _waiters.Count > 0;

    /// <summary>Takes the lock at once or not at all; fails also when somebody waits for it (KH-12).</summary>
    public bool TryAcquire(LockMode mode)
    {
        if (HasWaiters || IsWriteHeld || (mode == LockMode.Write && Readers > 0))
        {
            return false;
        }

        Grant(mode);
        return true;
    }

    /// <summary>Takes the lock, or queues the waiter and returns false.</summary>
    public bool AcquireOrWait(LockMode mode, T waiter)
    {
        if (TryAcquire(mode))
        {
            return true;
        }

        _waiters.Enqueue((mode, waiter));
        return false;
    }

    /// <summary>Gives up one hold of the lock.</summary>
    public void Release(LockMode mode)
    {
        if (mode == LockMode.Write ? !IsWriteHeld : Readers == 0)
        {
            throw new Memory.InvariantException($"mmap_lock released for {mode} but not held");
        }

        if (mode == LockMode.Write)
        {
            IsWriteHeld = false;
        }
        else
        {
            Readers--;
        }
    }

    /// <summary>Grants the lock to the next waiter, if it can have it now; call until it answers false.</summary>
    public bool TryGrantNext(out T waiter)
    {
        if (!_waiters.TryPeek(out (LockMode Mode, T Waiter) next) || IsWriteHeld
            || (next.Mode == LockMode.Write && Readers > 0))
        {
            waiter = default!;
            return false;
        }

        _waiters.Dequeue();
        Grant(next.Mode);
        waiter = next.Waiter;
        return true;
    }

    private void Grant(LockMode mode)
    {
        if (mode == LockMode.Write)
        {
            IsWriteHeld = true;
        }
        else
        {
            Readers++;
        }
    }
}
