using MmActors.Model.Settings;

namespace MmActors.Model.AddressSpaces;

/// <summary>KH-20, KH-21: which areas khugepaged and MADV_COLLAPSE may work on.</summary>
public static class Eligibility
{
    /// <summary>The eligibility test of one area.</summary>
    /// <param name="mm">Its address space.</param>
    /// <param name="vma">The area.</param>
    /// <param name="settings">The sysfs settings now.</param>
    /// <param name="ignoreSysfs">MADV_COLLAPSE does not look at <c>enabled</c>.</param>
    /// <param name="assumeAnonVma">A fault that is about to create the anon_vma asks (KH-8).</param>
    public static bool IsEligible(Mm mm, Vma vma, ThpSettings settings, bool ignoreSysfs, bool assumeAnonVma = false) =>
        (vma.Flags & (VmaFlags.NoHugePage | VmaFlags.Image)) == 0
        && !mm.ThpDisabled
        && vma.HugeStart < vma.HugeEnd
        && (vma.HasAnonVma || assumeAnonVma)
        && (ignoreSysfs || settings.Allows(vma.Has(VmaFlags.HugePage)));
}
