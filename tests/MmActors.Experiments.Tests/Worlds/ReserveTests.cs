using MmActors.Actors;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>What a long run takes at its beginning.</summary>
public class ReserveTests
{
    [Fact] // 131 072 swap slots of two bytes, more than the 32 768 pages
    public void An_audit_takes_no_memory_of_its_own_where_it_was_taken_before()
    {
        Hosts.Use(new SimSettings(), host => Assert.InRange(Allocated(Start(host).Audit), 131_072 * 2, long.MaxValue));
        Hosts.Use(new SimSettings(), host =>
        {
            World world = Start(host);
            world.Reserve();
            Assert.InRange(Allocated(world.Audit), 0, 100_000);
        });
    }

    [Fact]
    public void Taking_it_is_no_audit() => Hosts.Use(new SimSettings(), host =>
    {
        World world = Start(host);
        FolioTable folios = world.Report.Node.Folios;
        int own = Enumerable.Range(0, folios.Pages).First(pfn => folios.Has(pfn, FolioFlags.Unevictable));
        folios.MapSmall(own); // the kernel's page, which no page table maps
        world.Reserve();
        Assert.Throws<InvariantException>(world.Audit);
    });

    private static long Allocated(Action act)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static World Start(IRunHost host) => new(host, new WorldSpec
    {
        Memory = ByteSize.FromMebibytes(128),
        Swap = new SwapSpec(ByteSize.FromMebibytes(512), SwapKind.Ram),
        Thp = new ThpSettings(),
        Switches = TestMachine.Switches612,
        Machine = TestMachine.With(2),
        Tasks = [],
        KernelPages = 1,
        TimelineInterval = TimeSpan.Zero,
        Seed = 1,
    });
}
