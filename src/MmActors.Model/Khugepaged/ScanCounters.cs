using MmActors.Model.Memory;

namespace MmActors.Model.Khugepaged;

/// <summary>vmstat counters of refused ranges (2.7, 2.9: thp_scan_exceed_*).</summary>
public static class ScanCounters
{
    /// <summary>Bumps the counter that belongs to a scan or isolate result, if any.</summary>
    public static void Count(VmStat vmstat, ScanResult result)
    {
        VmCounter? counter = result switch
        {
            ScanResult.ExceedNonePte => VmCounter.ThpScanExceedNonePte,
            ScanResult.ExceedSwapPte => VmCounter.ThpScanExceedSwapPte,
            ScanResult.ExceedSharedPte => VmCounter.ThpScanExceedSharePte,
            _ => null,
        };
        if (counter is { } found)
        {
            vmstat.Add(found);
        }
    }
}
