using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;

namespace MmActors.Actors.Tests.Harness;

/// <summary>What a page table held at one moment: every plane and every pfn (KH-38: nothing changed).</summary>
public sealed record TableImage
{
    private readonly Bits512[] _planes;
    private readonly int[] _pfns;

    private TableImage(PteTable table)
    {
        _planes = [table.Present, table.Zero, table.NonPresent, table.Young, table.Dirty, table.Writable, table.UffdWp, table.MayBeZero];
        _pfns = [.. Enumerable.Range(0, 512).Where(index => table.Present.Has(index)).Select(index => table.Pfns[index])];
    }

    /// <summary>Pages mapped by present PTEs, in order.</summary>
    public IReadOnlyList<int> Pfns => _pfns;

    /// <summary>Takes the picture.</summary>
    public static TableImage Of(Mm mm, long range) => new(mm.Directory.Find(range).Table!);

    /// <inheritdoc/>
    public bool Equals(TableImage? other) => other is not null && _planes.AsSpan().SequenceEqual(other._planes) && _pfns.AsSpan().SequenceEqual(other._pfns);

    /// <inheritdoc/>
    public override int GetHashCode() => _pfns.Length;
}
