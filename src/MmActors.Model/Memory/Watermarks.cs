using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Model.Memory;

/// <summary>min, low and high of a one-zone node, in pages (RC-1…3).</summary>
public readonly record struct Watermarks(int Min, int Low, int High)
{
    /// <summary>RC-1 is computed at boot, while init code and the initial RAM file system still hold pages. Fitted: the
    /// recorded 516 pages of a 67660-page machine need 838…1096.</summary>
    private const int PagesHeldAtBoot = 960;

    /// <summary>The watermarks the kernel would set for this much managed memory.</summary>
    /// <param name="managedPages">Pages of the zone.</param>
    /// <param name="khugepagedMayRun">RC-2: min_free_kbytes is raised to the recommendation for THP.</param>
    /// <param name="vm">/proc/sys/vm; the defaults when null.</param>
    public static Watermarks For(int managedPages, bool khugepagedMayRun, VmSettings? vm = null)
    {
        long lowmemKb = Math.Max(0L, managedPages - PagesHeldAtBoot) * (Geometry.PageSize / 1024);
        long minFreeKb = Math.Clamp((long)Math.Sqrt(16.0 * lowmemKb), 128, 262_144);
        if (khugepagedMayRun)
        {
            long recommendedPages = Math.Min(Geometry.PtesPerTable * (2 + 9), managedPages / 20);
            minFreeKb = Math.Max(minFreeKb, recommendedPages * (Geometry.PageSize / 1024));
        }

        minFreeKb = vm?.MinFreeKbytes ?? minFreeKb;
        int scale = vm?.WatermarkScaleFactor ?? new VmSettings().WatermarkScaleFactor;
        int min = (int)(minFreeKb / (Geometry.PageSize / 1024));
        int step = Math.Max(min / 4, (int)((long)managedPages * scale / 10_000));
        return new Watermarks(min, min + step, min + (2 * step));
    }
}
