using System.Collections.Immutable;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Experiments.Explaining;

/// <summary>What khugepaged's ranges cost so far, by task and status.</summary>
internal sealed class ChargeTally
{
    private readonly SortedDictionary<int, string> _names = [];
    private readonly SortedSet<int> _freeing = [];
    private readonly SortedDictionary<(int Mm, ScanResult Status), (long Ranges, long Charged, long Visited)> _sums = [];

    /// <summary>The task an mm belongs to.</summary>
    public void Name(int mm, string task) => _names[mm] = task;

    /// <summary>The mm has called MADV_FREE.</summary>
    public void NoteFree(int mm) => _freeing.Add(mm);

    /// <summary>Adds a range that khugepaged looked at.</summary>
    public void Count(in KernelEvent scan)
    {
        var (ranges, charged, visited) = _sums.GetValueOrDefault((scan.Mm, scan.Status));
        _sums[(scan.Mm, scan.Status)] = (ranges + 1, charged + scan.Amount, visited + scan.Extra);
    }

    /// <summary>The sums now.</summary>
    public ImmutableArray<TaskCharge> Snapshot() =>
    [
        .. _sums.Select(entry => new TaskCharge(
            _names[entry.Key.Mm], entry.Key.Status, entry.Value.Ranges, entry.Value.Charged, entry.Value.Visited,
            _freeing.Contains(entry.Key.Mm))),
    ];
}
