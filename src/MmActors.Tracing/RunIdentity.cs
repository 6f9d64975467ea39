using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace MmActors.Tracing;

/// <summary>What makes a run the run it is, and the ids that follow from it: the same run has the same trace id everywhere, so
/// sending it twice gives one trace, not two.</summary>
/// <param name="Scenario">Name of the scenario.</param>
/// <param name="Variant">Name of the variant.</param>
/// <param name="Seed">Seed of every random stream.</param>
/// <param name="Kernel">Kernel preset.</param>
/// <param name="Machine">Machine preset.</param>
/// <param name="Version">Version of the simulator.</param>
public sealed record RunIdentity(string Scenario, string Variant, ulong Seed, string Kernel, string Machine, string Version)
{
    /// <summary>Name under which the program reports itself.</summary>
    public const string ServiceName = "mmactors";

    /// <summary>16 bytes, never all zero: a hash of seed and variant, and of what they are seed and variant of.</summary>
    public byte[] TraceId()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Seed}\n{Variant}\n{Scenario}\n{Machine}");
        byte[] hash = XxHash128.Hash(Encoding.UTF8.GetBytes(text));
        hash[0] |= 1;
        return hash;
    }

    /// <summary>8 bytes, never all zero, for the span with this number.</summary>
    public static byte[] SpanId(ReadOnlySpan<byte> traceId, int number)
    {
        Span<byte> bytes = stackalloc byte[20];
        traceId.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], number);
        byte[] hash = XxHash64.Hash(bytes);
        hash[0] |= 1;
        return hash;
    }

    /// <summary>The resource of the run's spans, metrics and log lines. It says nothing about who ran it where.</summary>
    public IEnumerable<KeyValuePair<string, object>> Resource() =>
    [
        new("service.name", ServiceName),
        new("service.version", Version),
        new(MmAttributes.Scenario, Scenario),
        new(MmAttributes.Variant, Variant),
        new(MmAttributes.Seed, Seed.ToString(CultureInfo.InvariantCulture)),
        new(MmAttributes.Kernel, Kernel),
        new(MmAttributes.Machine, Machine),
    ];
}
