using System.Globalization;

namespace MmActors.Model.Units;

/// <summary>An amount of memory in bytes; never negative in a validated scenario.</summary>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>
{
    /// <summary>The size in whole 4 KiB pages, rounded down.</summary>
    public long Pages => Bytes >> Geometry.PageShift;

    /// <summary>The size in kB as the kernel prints it (1 kB = 1024 bytes).</summary>
    public long Kilobytes => Bytes >> 10;

    /// <summary>A size given in 4 KiB pages.</summary>
    public static ByteSize FromPages(long pages) => new(pages << Geometry.PageShift);

    /// <summary>A size given in MiB.</summary>
    public static ByteSize FromMebibytes(long mebibytes) => new(mebibytes << 20);

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <summary>Renders the size with the largest binary unit that divides it, e.g. <c>128M</c> or <c>4K</c>.</summary>
    public override string ToString() => Bytes switch
    {
        0 => "0",
        _ when Bytes % (1L << 30) == 0 => string.Create(CultureInfo.InvariantCulture, $"{Bytes >> 30}G"),
        _ when Bytes % (1L << 20) == 0 => string.Create(CultureInfo.InvariantCulture, $"{Bytes >> 20}M"),
        _ when Bytes % (1L << 10) == 0 => string.Create(CultureInfo.InvariantCulture, $"{Bytes >> 10}K"),
        _ => Bytes.ToString(CultureInfo.InvariantCulture),
    };
}
