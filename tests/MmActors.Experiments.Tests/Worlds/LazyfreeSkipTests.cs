using CsCheck;
using MmActors.Actors;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>VR-2: with the skip khugepaged never collapses a clean lazyfree page; without it, it does.</summary>
public class LazyfreeSkipTests
{
    private const int Programs = 1500;
    private static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(300);

    [Fact] // VR-2, KH 2.7 step 5a, 2.9 step 4a
    public void The_skip_never_collapses_a_clean_lazyfree_page()
    {
        int collapses = 0;
        WorldGen.Worlds.Sample(
            generated =>
            {
                Watch watch = Run(generated with { Switches = generated.Switches with { Lazyfree = LazyfreeHandling.Skip } });
                Assert.Equal(0, watch.CleanLazyfreeCollapses);
                Interlocked.Add(ref collapses, watch.Collapses);
            },
            iter: Programs, print: static world => world.ToString());
        Assert.True(collapses > Programs / 10, $"only {collapses} collapses were watched");
    }

    [Fact] // VR-3, DS-38
    public void The_exception_is_for_droppable_areas_only() => WorldGen.Worlds.Sample(
        generated => Assert.Equal(0, Run(generated with
        {
            Switches = generated.Switches with { Lazyfree = LazyfreeHandling.SkipExceptDroppable },
        }).CleanLazyfreeCollapsesElsewhere),
        iter: Programs / 3, print: static world => world.ToString());

    [Fact] // KH-29a, SM-24: the watch above can find what it looks for
    public void Without_the_skip_clean_lazyfree_pages_are_collapsed()
    {
        int found = 0;
        WorldGen.Worlds.Sample(
            generated => Interlocked.Add(ref found, Run(generated with
            {
                Switches = generated.Switches with { Lazyfree = LazyfreeHandling.Collapse },
            }).CleanLazyfreeCollapses),
            iter: Programs / 3);
        Assert.True(found > 10, $"clean lazyfree pages were collapsed {found} times");
    }

    private static Watch Run(GeneratedWorld generated)
    {
        Watch? watch = null;
        Hosts.Use(generated.Settings, host =>
        {
            var world = new World(host, generated.Spec);
            watch = new Watch(world);
            world.Events.Attach(watch);
            world.RunUntil(Horizon);
        });
        return watch!;
    }

    /// <summary>Looks at the sources of every range khugepaged isolates: they are copied next, under the same lock.</summary>
    private sealed class Watch(World world) : IKernelEventSink
    {
        public int Collapses { get; private set; }

        public int CleanLazyfreeCollapses { get; private set; }

        public int CleanLazyfreeCollapsesElsewhere { get; private set; }

        public void Emit(in KernelEvent kernelEvent)
        {
            if (kernelEvent is not { Kind: KernelEventKind.CollapseIsolate, Flag: true, Status: ScanResult.Succeed })
            {
                return;
            }

            Collapses++;
            Mm mm = world.Report.Spaces[kernelEvent.Mm - 1];
            PteTable table = mm.Detached!.Table;
            bool clean = Enumerable.Range(0, 512).Any(index => table.Present.Has(index) && !table.Dirty.Has(index)
                && !mm.Folios.Has(mm.Folios.Head(table.Pfns[index]), FolioFlags.SwapBacked));
            CleanLazyfreeCollapses += clean ? 1 : 0;
            bool droppable = mm.Vmas.Find(kernelEvent.Address)!.Has(VmaFlags.Droppable);
            CleanLazyfreeCollapsesElsewhere += clean && !droppable ? 1 : 0;
        }
    }
}
