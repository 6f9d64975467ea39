using CsCheck;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Traces;

namespace MmActors.Experiments.Tests.Traces;

/// <summary>Whatever stands in a file: it is read, or one ScenarioException says why not.</summary>
public class TraceFuzzTests
{
    private static readonly string[] Originals =
    [
        .. new[] { "A-both", "F-none409-dropcaches", "real-6.18-seed", "selftest-khugepaged" }
            .SelectMany(static name => Sample.Text(name).Split('\n').Chunk(40).Take(12))
            .Select(static lines => string.Join('\n', lines) + "\n"),
    ];

    private static readonly string[] Fragments =
    [
        "\0", "\r", "\n", "\n\n", "#", "CPU:1 [LOST 5 EVENTS]\n", "CPU:1 [LOST 99999999999999999999 EVENTS]\n", "version = 7\n",
        "=", ",", ", ", ": ", ":", "[", "]", "-", " ", "\t", "0x", "0xffffffffffffffff", "0x10000000000000000", "-1",
        "-9223372036854775808", "99999999999999999999999", "18446744073709551615", "4294967295", "status=", "status=succeeded",
        "status=0x1d", "mm=", "mm=(null)", "pid=-1", "addr=0x", "\ufeff", "\ud800", "\u2028", "é", "<...>-1", "OP ", "OP :",
        "tracing_mark_write: OP a: b", "mm_khugepaged_scan: ", "mm_shrink_slab_start: deferred_split_scan ", "priority ",
        "mm_vmscan_lru_shrink_active: ", "flags=", " => x\n", "1e400", "NaN",
    ];

    private static readonly Gen<string> Mutated =
        from original in Gen.Int[0, Originals.Length - 1]
        from edits in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1 << 20], Gen.Int[0, 1 << 20]).Array[1, 6]
        select edits.Aggregate(Originals[original], Edit);

    [Fact]
    public void A_mutated_trace_is_read_or_refused() => Mutated.Sample(Reads, iter: 4000);

    [Fact]
    public void Random_text_is_read_or_refused() => Gen.String.Sample(Reads, iter: 2000);

    [Fact]
    public void Random_fields_are_read_or_refused() =>
        Gen.Int[0, Fragments.Length - 1].Array[0, 12]
            .Sample(
                parts => Reads(Sample.Line("mm_khugepaged_scan_pmd: " + string.Concat(parts.Select(static i => Fragments[i])))),
                iter: 4000);

    [Fact]
    public void Random_bytes_are_read_or_refused() => Gen.Byte.Array[0, 300].Sample(Reads, iter: 2000);

    [Fact]
    public void A_damaged_compressed_file_is_read_or_refused()
    {
        byte[] whole = File.ReadAllBytes(Sample.Path("real-6.18-seed.txt.gz"));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[1, whole.Length]).Sample(
            (at, value, length) =>
            {
                byte[] damaged = [.. whole];
                damaged[at] = value;
                return Reads(damaged[..length]);
            },
            iter: 1000);
    }

    private static bool Reads(string text) => Reads(System.Text.Encoding.UTF8.GetBytes(text));

    private static bool Reads(byte[] bytes)
    {
        try
        {
            TraceFile trace = Sample.Read(bytes);
            return trace.Records.Count + trace.Ignored.Values.Sum() > 0;
        }
        catch (ScenarioException fault)
        {
            return fault.File == "t.txt" && fault.Message.Length is > 0 and < 2000 && fault.Line is null or >= 1
                && !fault.Located.Contains('\n', StringComparison.Ordinal);
        }
    }

    /// <summary>One edit: drop a stretch, double one, insert a fragment, or change one character.</summary>
    private static string Edit(string text, (int Kind, int At, int What) edit)
    {
        (int kind, int at, int what) = edit;
        at %= Math.Max(1, text.Length);
        int length = Math.Min(1 + (what % 40), text.Length - at);
        return kind switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, text.Substring(at, length)),
            2 => text.Insert(at, Fragments[what % Fragments.Length]),
            _ => text.Length == 0 ? "x" : text.Remove(at, 1).Insert(at, $"{(char)(what % 128)}"),
        };
    }
}
