namespace MmActors.Model.AddressSpaces;

/// <summary>What an audit counts: mappings of each page, then users of each swap slot. Kept from one audit to the next, so that the
/// thousands of audits of a long run, or of an exploration, allocate it once.</summary>
/// <remarks>No page has more than 2047 mappings by page tables, and no slot more than 65535 users, so two bytes do.</remarks>
public sealed class AuditCounts
{
    private ushort[] _counts = [];

    /// <summary>Takes from the system now what audits of so many pages, or of so many swap slots, need.</summary>
    public void Reserve(int length) => Cleared(length);

    /// <summary>So many counts, all 0; what was given out before is overwritten.</summary>
    internal Span<ushort> Cleared(int length)
    {
        if (length > _counts.Length)
        {
            _counts = new ushort[length];
        }

        Span<ushort> counts = _counts.AsSpan(0, length);
        counts.Clear();
        return counts;
    }
}
