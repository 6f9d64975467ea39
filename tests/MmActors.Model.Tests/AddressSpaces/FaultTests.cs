using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Model.Tests.AddressSpaces;

/// <summary>Faults that meet what another thread of the process left behind.</summary>
public class FaultTests
{
    [Fact] // UT-2, T6: the huge page was being zeroed when another thread faulted a page in
    public void A_huge_fault_leaves_a_range_alone_that_was_populated_meanwhile()
    {
        Space space = new Space().Map(1);
        Assert.True(space.Node.TryAllocateHuge(out int head));
        space.Write(Bits512.Single(3), 7);
        space.Execute(work => Assert.False(Faults.ApplyHuge(space.Mm, Space.Range(0), head, false, space.Thp, work)));
        space.Node.ReturnHuge(head);
        Assert.Equal((PmdState.Table, 1L), (space.Entry().State, space.Mm.RssPages));
        Assert.Equal(0, space.Vmstat[VmCounter.ThpFaultAlloc]);
        space.Drain().Audit();
    }
}
