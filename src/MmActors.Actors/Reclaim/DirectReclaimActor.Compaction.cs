using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Actors.Reclaim;

/// <content>Direct compaction on behalf of an order-9 request (RC-8, RC-9, UT-41…43).</content>
public sealed partial class DirectReclaimActor
{
    private readonly List<int> _movingFamilies = [];
    private CompactionStart _compactionStart;

    /// <summary>Empties one 2 MiB block, if there is one that can be emptied and the zone has room for its pages.</summary>
    /// <param name="isHasty">Its failure defers no other (COMPACT_PRIO_ASYNC).</param>
    private IEnumerator<Wait> Compact(bool isHasty)
    {
        World.Node.Tell(new BeginCompaction(Cpu, isHasty), Self);
        yield return Wait.Answer;
        CompactionBegun begun = Talk.Answer<CompactionBegun>();
        _compactionStart = begun.Start;
        if (begun.Start == CompactionStart.Skipped)
        {
            yield break;
        }

        World.Vmstat.Add(VmCounter.CompactStall);
        bool made = begun.Start == CompactionStart.Ready;
        if (begun.Start == CompactionStart.NoBlock)
        {
            yield return Wait.Nanoseconds(World.Machine.Costs.CompactionNs);
        }
        else if (begun.Block is { } block)
        {
            yield return Wait.For(MovePages(block));
            World.Node.Tell(new FinishCompaction(block, Cpu, isHasty), Self);
            yield return Wait.Answer;
            made = Talk.Answer<CompactionFinished>().MadeBlock;
        }

        World.Vmstat.Add(made ? VmCounter.CompactSuccess : VmCounter.CompactFail);
        Emit(new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.Compacted,
            Mm = _mm,
            Pfn = begun.Block?.Head ?? -1,
            Flag = made,
            Amount = begun.Block?.Moved ?? 0,
            Extra = (long)_reclaimer,
            Origin = _cause,
        });
    }

    /// <summary>Asks every mm that may map one of the pages; the copying takes its time before the pages are let go.</summary>
    private IEnumerator<Wait> MovePages(CompactionBlock block)
    {
        block.Families(_movingFamilies);
        foreach (int family in _movingFamilies)
        {
            foreach (IActorRef space in World.Families[family])
            {
                if (!World.Families.TryAsk(family, space, new MovePages(block), Self))
                {
                    continue;
                }

                yield return Wait.Answer;
                Talk.Answer<PagesMoved>();
            }
        }

        yield return Wait.Nanoseconds(
            World.Machine.Costs.CompactionNs + (block.Pages.Length * World.Machine.Costs.MigratePageNs));
    }
}
