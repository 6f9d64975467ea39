using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Actors.Reclaim;

/// <summary>Who reclaims: names the counters it moves (RC-22).</summary>
public enum Reclaimer
{
    /// <summary>A task on its own behalf.</summary>
    Direct,
    /// <summary>khugepaged, for an order-9 page or its charge (RC-64).</summary>
    Khugepaged,
    /// <summary>The node's background thread.</summary>
    Kswapd,
}

/// <summary>scan_control: what one reclaim wants, may do and has done so far.</summary>
internal sealed class ReclaimControl
{
    /// <summary>The call it belongs to, for those who follow the steps.</summary>
    public Origin Origin { get; init; }

    /// <summary>Group it is for; 0 is the node.</summary>
    public int Target { get; init; }

    /// <summary>The target is a group's limit or file, not the node's free memory.</summary>
    public bool IsMemcg { get; init; }

    public Reclaimer Reclaimer { get; init; }

    public bool IsKswapd => Reclaimer == Reclaimer.Kswapd;

    /// <summary>Swappiness of the request, or null for vm.swappiness.</summary>
    public int? Swappiness { get; init; }

    /// <summary>MADV_PAGEOUT: whatever was accessed goes all the same, and nothing is counted as scanned (RC-41).</summary>
    public bool IgnoresReferences { get; init; }

    public int Order { get; init; }

    public long Goal { get; set; }

    public int Priority { get; set; }

    public bool ForcesDeactivation { get; set; }

    public bool CacheTrimOff { get; set; }

    public bool IgnoresLow { get; set; }

    /// <summary>No group is left out because the goal is met (RC-14).</summary>
    public bool WalksAllGroups { get; set; }

    /// <summary>Pages reclaimed since the call began.</summary>
    public long Reclaimed { get; set; }

    /// <summary>Pages looked at on inactive lists since the call began.</summary>
    public long Scanned { get; set; }

    public bool DeactivationSkipped { get; set; }

    public bool LowHonoured { get; set; }

    public bool CacheTrimSeen { get; set; }

    public VmCounter ScanCounter => Reclaimer switch
    {
        Reclaimer.Kswapd => VmCounter.PgScanKswapd,
        Reclaimer.Khugepaged => VmCounter.PgScanKhugepaged,
        _ => VmCounter.PgScanDirect,
    };

    public VmCounter StealCounter => Reclaimer switch
    {
        Reclaimer.Kswapd => VmCounter.PgStealKswapd,
        Reclaimer.Khugepaged => VmCounter.PgStealKhugepaged,
        _ => VmCounter.PgStealDirect,
    };
}
