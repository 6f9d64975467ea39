using MmActors.Actors.Protocol;
using MmActors.Model.Memory;

namespace MmActors.Actors;

/// <content>What the address space tells the node and the swap device without waiting for an answer.</content>
public sealed partial class AddressSpaceActor
{
    private int _pageTablesTold;

    internal void SendWork(NodeWork work, int cpu, int operation)
    {
        (PageBuffer? dropped, PageBuffer? uncached) = work.Slots;
        if (dropped is not null || uncached is not null)
        {
            World.Swap.Tell(new ChangeSlots(dropped, uncached), Self);
        }

        work.PageTables = Mm.PageTables - _pageTablesTold;
        _pageTablesTold = Mm.PageTables;
        if (operation != 0 || !work.IsEmpty)
        {
            World.Node.Tell(new DoWork(work, cpu, operation), Self);
        }
    }

    internal void ReturnPages(PageBuffer pages, int cpu) => World.Node.Tell(new ReturnPages(pages, cpu), Self);

    internal void ReturnHuge(int head, int cpu) => World.Node.Tell(new ReturnHuge(head, cpu), Self);
}
