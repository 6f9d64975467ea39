using Akka.Actor;
using MmActors.Actors.Protocol;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
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
        ScanResult result = Space.Recheck(range, isKhugepaged);
        int found = Mm.Directory.SerialOf(range);
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
        AfterCost(() => Finish(new RangeScanned(request.Address, 0, scan)));
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
