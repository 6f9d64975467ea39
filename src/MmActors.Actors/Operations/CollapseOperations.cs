using System.Runtime.InteropServices;
using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Injection;
using MmActors.Model.Khugepaged;
using MmActors.Model.Memory;

namespace MmActors.Actors.Operations;

/// <summary>C2 and C4: waits for mmap_lock, then revalidates; keeps the lock when the range is still good.</summary>
/// <param name="pmdPage">C4: the page of PMD entries that C2 found; null in C2.</param>
internal sealed class RecheckOperation(
    AddressSpaceActor space, IActorRef replyTo, long range, bool isKhugepaged, LockMode mode, int? pmdPage)
    : MmOperation(space, replyTo, 0)
{
    private readonly IActorRef _replyTo = replyTo;

    /// <inheritdoc/>
    protected override LockMode Mode => mode;

    /// <inheritdoc/>
    protected override void Start()
    {
        bool isForgotten = pmdPage is not null && Mm.Folios.Planted == PlantedBug.SkippedRevalidation;
        ScanResult result = isForgotten ? ScanResult.Succeed : Space.Recheck(range, isKhugepaged);
        int found = isForgotten ? pmdPage!.Value : Mm.Directory.SerialOf(range);
        if (result == ScanResult.Succeed && pmdPage is not null && pmdPage != found)
        {
            result = ScanResult.Fail;
        }

        var reply = new CollapseChecked(result, found);
        if (result == ScanResult.Succeed)
        {
            Space.Reply(_replyTo, reply);
        }
        else
        {
            Finish(reply);
        }
    }
}

/// <summary>MADV_COLLAPSE's scan of one range (KH-43, KH-44).</summary>
internal sealed class ScanForCollapseOperation(AddressSpaceActor space, IActorRef replyTo, ScanForCollapse request)
    : MmOperation(space, replyTo, 0)
{
    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Read;

    /// <inheritdoc/>
    protected override void Start()
    {
        ScanResult valid = request.Revalidate
            ? Revalidation.Check(Mm, request.Address, Space.Thp, isKhugepaged: false, out _)
            : ScanResult.Succeed;
        if (valid != ScanResult.Succeed)
        {
            Finish(new CollapseChecked(valid, 0));
            return;
        }

        RangeScan scan = Space.ScanRange(request.Address, isKhugepaged: false);
        Cost = WorldContext.Nanoseconds(scan.CostNs(Space.Costs));
        AfterCost(() => Finish(new RangeScanned(request.Address, 0, scan, Mm.Memcg)));
    }
}

/// <summary>C9 and C10: the new folio is on its list and the sources are released before mmap_lock is dropped (KH-36b), so
/// nobody meets a huge page that is still on its way to the LRU.</summary>
internal sealed class FinishInstallOperation(AddressSpaceActor space, IActorRef replyTo, NodeWork work, ScanResult result)
    : MmOperation(space, replyTo, 0)
{
    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Write;

    public override void OnWorkDone() => Finish(new HugeInstalled(result));

    /// <inheritdoc/>
    protected override void Start() => Send(work, wait: true);
}

/// <summary>C3: swaps in every swap entry of the range with mmap_lock held for read (KH-33a). A read that takes time is only
/// begun: the lock is dropped and the collapse fails with SCAN_PAGE_LOCK.</summary>
internal sealed class SwapInOperation(AddressSpaceActor space, IActorRef replyTo, SwapInRange request)
    : MmOperation(space, replyTo, 0)
{
    private readonly IActorRef _replyTo = replyTo;
    private int _swappedIn;
    private Bits512 _left = Bits512.All;

    /// <inheritdoc/>
    protected override LockMode Mode => LockMode.Read;

    public override void OnPages(PageBuffer pages)
    {
        Bits512 swapped = SwapIns.FirstSwapped(Mm, request.Address, _left, pages.Count, out int[] indexes);
        _left = _left.Without(swapped); // one walk over the range: what is swapped out again behind it stays out
        int[] slots = SwapIns.SlotsOf(Mm, request.Address, swapped);
        Space.AskSwap(this, new ReadSlots(Id, slots, pages, Mm.Family, request.Address, indexes, MayWait: false, Cpu));
    }

    public override void OnOutOfMemory() => End(ScanResult.Fail);

    public override void OnSlotsRead(SlotsRead read)
    {
        var work = new NodeWork();
        int mapped = SwapIns.Map(Mm, request.Address, CollectionsMarshal.AsSpan(read.Found), read.FreesCache, read.Unused, work);
        SwapIns.Release(Mm.Folios, read.Held, work);
        if (read.Unused.Count > 0)
        {
            Space.ReturnPages(read.Unused, Cpu);
        }

        _swappedIn += mapped;
        Space.SendWork(work, Cpu, 0);
        Mm.Vmstat.Add(VmCounter.PgMajFault, read.Found.Count(static page => page.WasRead));
        if (read.IsIncomplete)
        {
            End(ScanResult.PageLock);
        }
        else if (read.HasFailed)
        {
            End(ScanResult.Fail);
        }
        else
        {
            Start();
        }
    }

    /// <summary>The CPU's batch is empty: the pages swapped in are on the LRU (SM-16).</summary>
    public override void OnWorkDone() => Answer(ScanResult.Succeed);

    /// <inheritdoc/>
    protected override void Start()
    {
        if (Mm.Directory.StateOf(request.Address) != PmdState.Table)
        {
            End(ScanResult.PmdNull);
            return;
        }

        int left = SwapIns.SlotsOf(Mm, request.Address, _left).Length;
        if (left > 0)
        {
            MayReclaim = true;
            Space.AskNode(this, new AllocatePages(Id, left, Mm.Memcg, Cpu));
        }
        else if (_swappedIn > 0)
        {
            Send(new NodeWork { DrainFirst = true }, wait: true);
        }
        else
        {
            Answer(ScanResult.Succeed);
        }
    }

    private void End(ScanResult result)
    {
        Space.Release(Mode, Origin);
        Answer(result);
    }

    private void Answer(ScanResult result)
    {
        Space.EmitCollapseSwapIn(request, _swappedIn, result);
        Space.Reply(_replyTo, new RangeSwappedIn(result));
    }
}
