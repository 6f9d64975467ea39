namespace MmActors.Tracing.Perfetto;

/// <summary>Where a packet lies in the finished file: track by track, on a track by time, what contains before what is contained,
/// and otherwise in the order in which it came.</summary>
/// <param name="Track">Number of its track.</param>
/// <param name="Begin">Its time; zero on a counter's track, whose values stay as they came.</param>
/// <param name="Depth">How deep it lies.</param>
/// <param name="Number">Its place in the order of coming.</param>
internal readonly record struct PacketKey(ulong Track, long Begin, Depth Depth, long Number) : IComparable<PacketKey>
{
    /// <inheritdoc/>
    public int CompareTo(PacketKey other)
    {
        int order = Track.CompareTo(other.Track);
        order = order != 0 ? order : Begin.CompareTo(other.Begin);
        order = order != 0 ? order : ((int)Depth).CompareTo((int)other.Depth);
        return order != 0 ? order : Number.CompareTo(other.Number);
    }
}
