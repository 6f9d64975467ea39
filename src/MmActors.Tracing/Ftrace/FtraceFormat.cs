using MmActors.Model.Settings;

namespace MmActors.Tracing.Ftrace;

/// <summary>What the chosen kernel prints (6.2). It follows from the switches of a variant, so a preset with single switches
/// changed prints what such a kernel would.</summary>
/// <param name="Writable">scan_pmd and isolate have writable=, up to v6.17 (VR-5).</param>
/// <param name="Visits">mm_khugepaged_scan exists, since v7.1 (VR-6).</param>
/// <param name="Lab">The fields and events of the recordings' kernel come on top (TC-12); it counts no preemption (TC-1a).</param>
/// <param name="Numbers">Numbers of the scan results.</param>
public sealed record FtraceFormat(bool Writable, bool Visits, bool Lab, ScanResultNumbers Numbers)
{
    /// <summary>The format of a kernel.</summary>
    /// <param name="switches">How it behaves.</param>
    /// <param name="lab">With the additions of the recordings' kernel.</param>
    public static FtraceFormat Of(KernelSwitches switches, bool lab)
    {
        ArgumentNullException.ThrowIfNull(switches);
        return new FtraceFormat(switches.RequireWritable, switches.VisitTracepoint || lab, lab, new ScanResultNumbers(switches));
    }

    /// <summary>Flags of a line written with the PTE lock held (TC-1).</summary>
    internal string UnderLock => Lab ? "....." : "...1.";

    /// <summary>Flags of a line written with the lru_lock held and interrupts off.</summary>
    internal string UnderLruLock => Lab ? "d...." : "d..1.";
}
