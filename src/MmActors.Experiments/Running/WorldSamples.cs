using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Actors.Tasks;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Units;
using MmActors.Tracing.Series;

namespace MmActors.Experiments.Running;

/// <summary>Looks at a world while it stands still, as a reader of /proc would.</summary>
internal static class WorldSamples
{
    /// <summary>The world now; nothing of it changes.</summary>
    public static SystemSample Take(World world, TimeSpan now)
    {
        WorldReport report = world.Report;
        var counters = ImmutableArray.CreateBuilder<long>(VmStat.Count);
        for (int counter = 0; counter < VmStat.Count; counter++)
        {
            counters.Add(world.Context.Vmstat[(VmCounter)counter]);
        }

        var tasks = ImmutableArray.CreateBuilder<TaskSample>();
        for (int index = 0; index < report.Tasks.Count; index++)
        {
            TaskReport task = report.Tasks[index];
            if (task.HasMemory)
            {
                SmapsFigures figures = task.HasExited ? default : FiguresOf(report.Spaces[index], world.Context.Vmstat);
                tasks.Add(new TaskSample(
                    task.Mm, task.Name, figures.HugeRanges, figures.LazyfreePages, figures.RssPages, figures.SwapPages));
            }
        }

        return new SystemSample(
            now, counters.MoveToImmutable(), report.Node.FreePages, report.Node.NodeSizes(), HugePages(world.Context.Folios),
            report.SplitQueue.Length, tasks.ToImmutable());
    }

    /// <summary>TC-8: counted by page, so that what a fork shares counts once.</summary>
    private static int HugePages(FolioTable folios)
    {
        int count = 0;
        for (int head = 0; head + Geometry.PtesPerTable <= folios.Pages; head += Geometry.PtesPerTable)
        {
            count += folios.IsLarge(head) && folios.PmdMapCount(head) > 0 ? 1 : 0;
        }

        return count;
    }

    /// <summary>smaps of one address space. The walk over its tables is spared where nothing can be found by it: no page has
    /// become lazyfree and none can be swapped.</summary>
    private static SmapsFigures FiguresOf(Mm mm, VmStat vmstat)
    {
        const VmaFlags Special = VmaFlags.Droppable | VmaFlags.UffdArmed;
        bool walks = mm.Swap is not null || vmstat[VmCounter.PgLazyfree] > 0
            || mm.Vmas.Areas.Any(static vma => (vma.Flags & Special) != VmaFlags.None);
        return walks ? mm.Smaps() : new SmapsFigures(mm.RssPages + mm.FilePages, mm.HugeRanges, 0, 0);
    }
}
