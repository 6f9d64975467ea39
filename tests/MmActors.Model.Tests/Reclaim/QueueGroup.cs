using MmActors.Model.Memory;
using MmActors.Model.Reclaim;

namespace MmActors.Model.Tests.Reclaim;

/// <summary>A folio of the plain model: what references and reclaim see of it, nothing else.</summary>
internal sealed class QueuedFolio
{
    public int Pages { get; init; } = 1;

    public bool IsFile { get; set; }

    public bool Young { get; set; }

    public bool Referenced { get; set; }

    public bool Dirty { get; init; }
}

/// <summary>One visit at one priority, as a row of the tables of 4.12.</summary>
internal sealed record Step(int Priority, LruPages Amounts, long AnonCostBefore, LruPages Sizes)
{
    public List<int> Scanned { get; } = [];

    public long Reclaimed { get; set; }

    public int Thps { get; set; }

    public long Deferred { get; set; }
}

internal sealed record Call(long Goal)
{
    public List<Step> Steps { get; } = [];

    public long Reclaimed { get; set; }

    public int Passes { get; set; }
}

/// <summary>One memcg as four queues (front = tail of the list), with a swap device that finishes at once: just enough to
/// put the numbers of the recordings through the arithmetic. Active lists are never deactivated in these
/// examples, and the shrinker never finds its queue due.</summary>
internal sealed class QueueGroup(bool canSwap)
{
    private readonly Queue<QueuedFolio>[] _lists = [new(), new(), new(), new()];
    private readonly LruVisit _visit = new();
    private readonly ReclaimCall _call = new();
    private LruPages _sizes = new(0, 0, 0, 0);
    private long _deferred;

    public LruPages Sizes => _sizes;

    public LruPages Stale { get; set; }

    public LruCost Cost { get; } = new();

    public int Swapped { get; private set; }

    public void Append(LruKind kind, int count, Func<int, QueuedFolio> folio)
    {
        for (int i = 0; i < count; i++)
        {
            Append(kind, folio(i));
        }
    }

    /// <summary>One memory.reclaim, statistics flushed before it.</summary>
    public List<Call> Reclaim(long pages)
    {
        Stale = Sizes;
        return ReclaimWithOldStatistics(pages);
    }

    public List<Call> ReclaimWithOldStatistics(long pages)
    {
        var calls = new List<Call>();
        var write = new ReclaimWrite(pages);
        while (!write.IsDone)
        {
            Call call = ReclaimOnce(write.NextGoal);
            calls.Add(call);
            write.Add(call.Reclaimed);
        }

        return calls;
    }

    public Call ReclaimOnce(long goal)
    {
        var call = new Call(goal);
        _call.Begin(goal, isMemcg: true);
        do
        {
            Step step = Visit(_call.Priority);
            call.Steps.Add(step);
            _call.Add(step.Reclaimed);
        }
        while (_call.NextPriority());
        call.Reclaimed = _call.Reclaimed;
        call.Passes = _call.Pass;
        return call;
    }

    private Step Visit(int priority)
    {
        var input = new BalanceInput
        {
            Sizes = Sizes,
            Stale = Stale,
            Priority = priority,
            CanSwap = canSwap,
            IsMemcgReclaim = true,
            Swappiness = 60,
            FileIsTiny = false,
            MayDeactivateAnon = Ageing.InactiveIsLow(Stale.InactiveAnon, Stale.ActiveAnon),
            MayDeactivateFile = Ageing.InactiveIsLow(Stale.InactiveFile, Stale.ActiveFile),
            AnonCost = Cost.Anon,
            FileCost = Cost.File,
        };
        LruPages amounts = ScanBalance.Amounts(input);
        var step = new Step(priority, amounts, Cost.Anon, Sizes);
        _visit.Begin(amounts, _call.Goal, alwaysContinues: false);
        while (_visit.TryNext(out LruKind list, out int pages))
        {
            if (list is LruKind.ActiveAnon or LruKind.ActiveFile)
            {
                _call.NoteSkippedDeactivation();
            }
            else
            {
                _visit.Add(Round(list, pages, step));
            }
        }

        step.Reclaimed = _visit.Reclaimed;
        ShrinkSlab(step);
        return step;
    }

    private void ShrinkSlab(Step step)
    {
        step.Thps = _lists.Sum(list => list.Count(folio => folio.Pages > 1));
        var slab = new SlabScan(step.Thps, _deferred, step.Priority);
        Assert.False(slab.TryNext(out _));
        step.Deferred = _deferred = slab.NewDeferred();
    }

    private long Round(LruKind kind, int wanted, Step step)
    {
        Queue<QueuedFolio> queue = _lists[(int)kind];
        var taken = new List<QueuedFolio>();
        int scanned = 0;
        while (scanned < wanted && queue.TryDequeue(out QueuedFolio? folio))
        {
            taken.Add(folio);
            scanned += folio.Pages;
        }

        _sizes[kind] -= scanned;
        bool file = kind == LruKind.InactiveFile;
        long reclaimed = taken.Sum(Take);
        if (scanned > 0)
        {
            Cost.NoteRound(file, file ? 0 : reclaimed, scanned - reclaimed, Stale.Total);
            step.Scanned.Add(scanned);
        }

        return reclaimed;
    }

    /// <summary>One isolated folio; the pages it gave.</summary>
    private long Take(QueuedFolio folio)
    {
        int young = folio.Young ? 1 : 0;
        ReferenceVerdict verdict = ReferenceCheck.Decide(young, folio.Referenced, folio.IsFile, contended: false);
        folio.Referenced = ReferenceCheck.SetsReferenced(young);
        folio.Young = false;
        if (verdict == ReferenceVerdict.Keep)
        {
            Append(folio.IsFile ? LruKind.InactiveFile : LruKind.InactiveAnon, folio);
            return 0;
        }

        if (verdict == ReferenceVerdict.Activate)
        {
            Append(folio.IsFile ? LruKind.ActiveFile : LruKind.ActiveAnon, folio);
            return 0;
        }

        if (folio is { IsFile: true, Dirty: true })
        {
            folio.IsFile = false;
            Append(LruKind.ActiveAnon, folio);
            return 0;
        }

        Swapped += folio.IsFile ? 0 : folio.Pages;
        return folio.Pages;
    }

    private void Append(LruKind kind, QueuedFolio folio)
    {
        _lists[(int)kind].Enqueue(folio);
        _sizes[kind] += folio.Pages;
    }
}
