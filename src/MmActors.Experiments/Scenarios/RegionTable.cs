using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Scenarios;

/// <summary>Which regions a program has mapped at one point, followed step by step while it is read, so that a use
/// before the map, after the munmap or outside the region is found before anything runs.</summary>
internal sealed class RegionTable
{
    /// <summary>Most regions one task may have mapped at a time.</summary>
    public const int MaxRegions = 1024;

    private ImmutableSortedDictionary<string, (ByteSize Size, int Line)> _mapped;
    private ImmutableSortedDictionary<string, int> _unmappedAt;

    /// <summary>The table at the start of a program.</summary>
    public RegionTable()
        : this(
            ImmutableSortedDictionary.Create<string, (ByteSize, int)>(StringComparer.Ordinal),
            ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal))
    {
    }

    private RegionTable(
        ImmutableSortedDictionary<string, (ByteSize, int)> mapped, ImmutableSortedDictionary<string, int> unmappedAt)
    {
        _mapped = mapped;
        _unmappedAt = unmappedAt;
    }

    /// <summary>A table that changes on its own from here on: a fork child's, or that of a loop never run.</summary>
    public RegionTable Copy() => new(_mapped, _unmappedAt);

    /// <summary>Notes that a step maps this region, and refuses a name that is mapped already.</summary>
    public void Map(ConfigScalar name, ByteSize size)
    {
        if (_mapped.TryGetValue(name.Text, out var earlier))
        {
            throw name.Fault($"region '{name.Text}' is already mapped, on line {earlier.Line}");
        }

        if (_mapped.Count == MaxRegions)
        {
            throw name.Fault($"more than {MaxRegions} regions mapped at a time");
        }

        _mapped = _mapped.Add(name.Text, (size, name.Line));
    }

    /// <summary>Records a munmap; only one that covers the whole region ends its name.</summary>
    public void Unmap(ConfigScalar name, RegionSpan span)
    {
        var size = Size(name);
        if (span.Offset.Bytes == 0 && (span.Length is not { } length || length.Bytes >= size.Bytes))
        {
            _mapped = _mapped.Remove(name.Text);
            _unmappedAt = _unmappedAt.SetItem(name.Text, name.Line);
        }
    }

    /// <summary>Size of a region that must be mapped here.</summary>
    public ByteSize Size(ConfigScalar name)
    {
        if (_mapped.TryGetValue(name.Text, out var region))
        {
            return region.Size;
        }

        if (_unmappedAt.TryGetValue(name.Text, out var line))
        {
            throw name.Fault($"region '{name.Text}' was unmapped on line {line}");
        }

        var names = _mapped.Keys.Take(20).ToArray();
        throw name.Fault(names.Length == 0
            ? $"region '{Suggestion.Shorten(name.Text)}' is used before any map step"
            : Suggestion.Unknown(
                $"region '{Suggestion.Shorten(name.Text)}' (no map step before this one)", name.Text, names));
    }

    /// <summary>A region one iteration leaves different from how it found it, or null: the second iteration would
    /// fail on it.</summary>
    public string? FirstDifference(RegionTable after)
    {
        if (ReferenceEquals(_mapped, after._mapped))
        {
            return null;
        }

        foreach (var (name, region) in _mapped)
        {
            if (!after._mapped.TryGetValue(name, out var now) || now.Size != region.Size)
            {
                return name;
            }
        }

        foreach (var (name, _) in after._mapped)
        {
            if (!_mapped.ContainsKey(name))
            {
                return name;
            }
        }

        return null;
    }
}
