using MmActors.Model.AddressSpaces;
using MmActors.Model.Settings;

namespace MmActors.Model.Khugepaged;

/// <summary>KH-33: the checks after mmap_lock was dropped and taken again.</summary>
public static class Revalidation
{
    /// <summary><see cref="ScanResult.Succeed"/> and the area when the range may still be collapsed.</summary>
    public static ScanResult Check(Mm mm, long range, ThpSettings settings, bool isKhugepaged, out Vma? vma)
    {
        vma = null;
        if (mm.IsClosedToKhugepaged)
        {
            return ScanResult.AnyProcess;
        }

        vma = mm.Vmas.FindAbove(range);
        if (vma is null)
        {
            return ScanResult.VmaNull;
        }

        if (!vma.ContainsRange(range))
        {
            return ScanResult.AddressRange;
        }

        if (!Eligibility.IsEligible(mm, vma, settings, ignoreSysfs: !isKhugepaged, assumeAnonVma: true))
        {
            return ScanResult.VmaCheck;
        }

        return vma.HasAnonVma ? ScanResult.Succeed : ScanResult.PageAnon;
    }
}
