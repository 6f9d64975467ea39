using MmActors.Actors;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Experiments.Exploring;

/// <summary>What is checked after every step of an explored schedule: page conservation (invariant 1) and counters that only grow
/// (invariant 5), and the content of a range that a collapse has just moved (invariant 4). References that go negative and folios
/// on two lists (2, 3) stop a run by themselves, where they happen. Pages that take part in no collapse are audited when the
/// run is at rest.</summary>
internal sealed class StepChecks : IKernelEventSink
{
    private readonly long[] _counters = new long[VmStat.Count];
    private readonly List<(int Mm, long Range)> _moved = [];
    private World? _world;

    /// <summary>Begins with a new world.</summary>
    public void Begin(World world)
    {
        _world = world;
        Array.Clear(_counters);
        _moved.Clear();
    }

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        if (kernelEvent is { Kind: KernelEventKind.CollapseHugePage, Status: ScanResult.Succeed })
        {
            _moved.Add((kernelEvent.Mm, kernelEvent.Address));
        }
    }

    /// <summary>Checks the world between two steps.</summary>
    /// <exception cref="InvariantException">Something does not hold.</exception>
    public void Check()
    {
        World world = _world!;
        MemoryNode node = world.Report.Node;
        if (node.AccountedPages != node.Folios.Pages)
        {
            throw new InvariantException($"{node.Folios.Pages} pages, but {node.AccountedPages} are accounted for");
        }

        int decreased = world.Context.Vmstat.FindDecrease(_counters);
        if (decreased >= 0)
        {
            throw new InvariantException($"counter {VmStat.Name((VmCounter)decreased)} went back");
        }

        foreach ((int mm, long range) in _moved)
        {
            ContentAudit.CheckRange(world.Report.Spaces[mm - 1], range);
        }

        _moved.Clear();
    }
}
