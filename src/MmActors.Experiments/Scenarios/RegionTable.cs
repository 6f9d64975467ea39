using MmActors.Experiments.Config;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Scenarios;

/// <summary>Which regions a program has mapped at one point, followed step by step while it is read, so that a use
/// before the map, after the munmap or outside the region is found before anything runs.</summary>
internal sealed class RegionTable
{
    private readonly SortedDictionary<string, (ByteSize Size, int Line)> _mapped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _unmappedAt = new(StringComparer.Ordinal);

    /// <summary>The table a fork child starts with, or a loop body ends with.</summary>
    public RegionTable Copy()
    {
        var copy = new RegionTable();
        foreach (var (name, region) in _mapped)
        {
            copy._mapped.Add(name, region);
        }

        foreach (var (name, line) in _unmappedAt)
        {
            copy._unmappedAt.Add(name, line);
        }

        return copy;
    }

    /// <summary>Records a map.</summary>
    public void Map(ConfigScalar name, ByteSize size)
    {
        if (_mapped.TryGetValue(name.Text, out var earlier))
        {
            throw name.Fault($"region '{name.Text}' is already mapped, on line {earlier.Line}");
        }

        _mapped.Add(name.Text, (size, name.Line));
    }

    /// <summary>Records a munmap; only one that covers the whole region ends its name.</summary>
    public void Unmap(ConfigScalar name, RegionSpan span)
    {
        var size = Size(name);
        if (span.Offset.Bytes == 0 && (span.Length is not { } length || length.Bytes >= size.Bytes))
        {
            _mapped.Remove(name.Text);
            _unmappedAt[name.Text] = name.Line;
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

        var names = _mapped.Keys.ToArray();
        throw name.Fault(names.Length == 0
            ? $"region '{Suggestion.Shorten(name.Text)}' is used before any map step"
            : Suggestion.Unknown(
                $"region '{Suggestion.Shorten(name.Text)}' (no map step before this one)", name.Text, names));
    }

    /// <summary>A region one iteration leaves different from how it found it, or null: the second iteration would
    /// fail on it.</summary>
    public string? FirstDifference(RegionTable after)
    {
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
