namespace MmActors.Tracing.Perfetto;

/// <summary>How much of a trace is in memory while it waits on disk.</summary>
/// <param name="Bytes">Bytes of packets that are sorted at a time.</param>
/// <param name="Packets">Packets that are sorted at a time.</param>
/// <param name="Runs">Sorted runs of a level that become one of the next; each is read through a buffer of 16 KiB.</param>
public sealed record SpoolLimits(int Bytes, int Packets, int Runs)
{
    /// <summary>Some 6 MB while a run goes on, 1 MB more for each level while the file is written.</summary>
    public static readonly SpoolLimits Default = new(1 << 22, 1 << 15, 64);
}
