using MmActors.Model.Coverage;
using MmActors.Model.Memory;

namespace MmActors.Model.Reclaim;

/// <summary>One do_shrink_slab of the deferred split queue (DS-9): how many entries are looked at, in calls of at most
/// 128, and what is carried over. The caller takes <see cref="TryNext"/>, makes the scan call, and answers with
/// <see cref="Accept"/> or <see cref="Stop"/>.</summary>
public struct SlabScan
{
    private const int Batch = 128;

    /// <summary>DEFAULT_SEEKS: what an entry costs to recreate, in disk seeks.</summary>
    private const int Seeks = 2;

    private readonly long _objects;
    private readonly long _deferred;
    private long _left;
    private int _pending;

    /// <summary>Fixes the amount of one call of the shrinker.</summary>
    /// <param name="objects">N: entries of the queue now. With 0 nothing happens, the carry-over stays and no event is
    /// traced.</param>
    /// <param name="deferred">nr_deferred of the memcg on this node, taken out of it.</param>
    /// <param name="priority">12…0.</param>
    public SlabScan(long objects, long deferred, int priority)
    {
        _objects = objects;
        _deferred = deferred;
        Delta = (objects >> priority) * 4 / Seeks;
        CoverageMarks.HitIf((deferred >> priority) + Delta > 2 * objects, ReclaimMark.QueueTotalCapped);
        Total = _left = Math.Min((deferred >> priority) + Delta, 2 * objects);
    }

    /// <summary>Entries this call adds at its priority.</summary>
    public long Delta { get; }

    /// <summary>Entries to scan at the start, carry-over included: total_scan of the trace event.</summary>
    public long Total { get; }

    /// <summary>Entries accounted: slabs_scanned moves by this, not by the entries really found.</summary>
    public long Scanned { get; private set; }

    /// <summary>Whether another scan call is made. A queue shorter than 128 is scanned only when all of it is due.</summary>
    /// <param name="scan">n of the scan call, 1…128; it may exceed what the queue holds.</param>
    public bool TryNext(out int scan)
    {
        bool due = _objects > 0 && (_left >= Batch || _left >= _objects);
        CoverageMarks.Hit(due ? ReclaimMark.QueueDue : ReclaimMark.QueueNotDue);
        CoverageMarks.HitIf(due && _left >= Batch, ReclaimMark.QueueFullBatch);
        scan = _pending = due ? (int)Math.Min(Batch, _left) : 0;
        return due;
    }

    /// <summary>The scan call handed out last split something or left entries behind: its n is accounted.</summary>
    /// <exception cref="InvariantException">No scan call is open.</exception>
    public void Accept()
    {
        if (_pending == 0)
        {
            throw new InvariantException("a scan of the deferred split queue was accounted that was not handed out");
        }

        _left -= _pending;
        Scanned += _pending;
        _pending = 0;
    }

    /// <summary>SHRINK_STOP (DS-15): the last n is not accounted and no scan call follows.</summary>
    public void Stop()
    {
        CoverageMarks.Hit(ReclaimMark.QueueStops);
        _left = _pending = 0;
    }

    /// <summary>nr_deferred after the call, capped at twice the N of its start.</summary>
    public readonly long NewDeferred()
    {
        CoverageMarks.HitIf(_objects > 0 && _deferred + Delta - Scanned > 2 * _objects, ReclaimMark.QueueCarryCapped);
        return _objects == 0 ? _deferred : Math.Min(Math.Max(_deferred + Delta - Scanned, 0), 2 * _objects);
    }
}
