using System.Globalization;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Validation;

/// <summary>Operations of the workload driver as steps of a user task (RN-7…RN-10).</summary>
internal sealed class DriverSteps(DriverScript script)
{
    /// <summary>The step of an operation; null for one that does not touch the task's memory (maps, mark, sleep, until,
    /// wait) and for a write that the kernel refuses, whose errno is then in <paramref name="refused"/>.</summary>
    /// <param name="op">The operation; not loop or fork.</param>
    /// <param name="loopIndex">The driver's i.</param>
    /// <param name="refused">0, or the errno of a refused write.</param>
    public Step? Of(DriverOp op, int loopIndex, out int refused)
    {
        refused = 0;
        return op.Name switch
        {
            "map" => Map(op),
            "madvise" => new MadviseStep(op.Words[1], Span(op), AdviceOf(op)),
            "write" => new AccessStep(op.Words[1], Span(op), Size(op, op.Words[4]), Byte(op, loopIndex)),
            "read" => new AccessStep(op.Words[1], Span(op), Size(op, op.Words[4]), null),
            "count" => new CountStep(op.Words[1], Span(op)),
            "munmap" => new MunmapStep(op.Words[1], Span(op)),
            "mprotect" => new MprotectStep(op.Words[1], Span(op), op.Words[4] != "ro"),
            "stripe" => new StripeStep(op.Words[1], (int)Number(op, op.Words[2])),
            "snap" => new SnapStep(op.Words[1]),
            "exit" => new ExitStep(),
            "sysw" => Write(op, op.Words[1], string.Join(' ', op.Words.Skip(2)), out refused),
            _ => null,
        };
    }

    /// <summary>A write to a file below /sys or /proc as a step.</summary>
    public Step? Write(DriverOp op, string path, string value, out int refused)
    {
        refused = 0;
        if (path.StartsWith(ThpKnobs.Directory, StringComparison.Ordinal))
        {
            KnobWrite write = ThpKnobs.Write(new ThpSettings(), path, value);
            refused = write.Accepted ? 0 : ErrnoOf(write.Error!);
            return write.Accepted ? new SetKnobStep(ThpKnobs.Relative(path), value) : null;
        }

        if (path.StartsWith(VmKnobs.Directory, StringComparison.Ordinal))
        {
            VmWrite write = VmKnobs.Write(path[VmKnobs.Directory.Length..], value);
            refused = write.Accepted ? 0 : ErrnoOf(write.Error!);
            return write.Accepted ? new VmWriteStep(write.File, write.Value) : null;
        }

        if (path.StartsWith(MemcgFiles.Directory, StringComparison.Ordinal))
        {
            string[] parts = path[MemcgFiles.Directory.Length..].Split('/');
            if (MemcgFiles.Find(parts[^1]) is { } file)
            {
                string[] words = value.Split(' ');
                return new CgroupWriteStep(string.Join('/', parts[..^1]), file, Limit(op, words[0]), Swappiness(op, words));
            }
        }

        throw script.Fault(op, "the simulator does not know this file");
    }

    /// <summary>A limit in pages; "max" is none.</summary>
    public long Limit(DriverOp op, string word) => word == "max" ? MemcgLimits.Unlimited : Size(op, word).Bytes / Geometry.PageSize;

    private int? Swappiness(DriverOp op, string[] words) => words
        .Where(static word => word.StartsWith("swappiness=", StringComparison.Ordinal))
        .Select(word => (int?)Number(op, word["swappiness=".Length..])).FirstOrDefault();

    private static int ErrnoOf(string error) => error[..error.IndexOf(':', StringComparison.Ordinal)] switch
    {
        "EINVAL" => 22,
        "ERANGE" => 34,
        "EACCES" => 13,
        _ => 2,
    };

    private MapStep Map(DriverOp op)
    {
        string? place = op.Words.Skip(3).FirstOrDefault(static word => word.StartsWith("fixed", StringComparison.Ordinal));
        ByteSize? offset = place is null ? null : place.Length > 6 && place[5] == '+' ? Size(op, place[6..]) : default(ByteSize);
        return new MapStep(op.Words[1], Size(op, op.Words[2]), op.Words.Contains("populate"), op.Words.Contains("droppable"), offset);
    }

    private RegionSpan Span(DriverOp op) =>
        new(Size(op, op.Words[2]), op.Words[3] == "all" ? null : Size(op, op.Words[3]));

    private Advice AdviceOf(DriverOp op) => op.Words[4] switch
    {
        "free" => Advice.Free,
        "hugepage" => Advice.HugePage,
        "nohugepage" => Advice.NoHugePage,
        "dontneed" => Advice.DontNeed,
        "cold" => Advice.Cold,
        "pageout" => Advice.PageOut,
        "collapse" => Advice.Collapse,
        "populate_write" => Advice.PopulateWrite,
        _ => throw script.Fault(op, "the simulator knows free, hugepage, nohugepage, dontneed, cold, pageout, collapse and populate_write"),
    };

    private FillByte Byte(DriverOp op, int loopIndex) =>
        new((byte)(op.Words[5] == "i" ? loopIndex : Number(op, op.Words[5])), IsLoopIndex: false);

    /// <summary>A number with the driver's suffix: P pages, K, M, H huge pages.</summary>
    private ByteSize Size(DriverOp op, string word)
    {
        (string digits, int shift) = word[^1] switch
        {
            'P' or 'p' => (word[..^1], Geometry.PageShift),
            'K' or 'k' => (word[..^1], 10),
            'M' or 'm' => (word[..^1], 20),
            'G' or 'g' => (word[..^1], 30),
            'H' => (word[..^1], Geometry.PmdShift),
            _ => (word, 0),
        };
        long number = Number(op, digits);
        return number <= long.MaxValue >> (shift + 8)
            ? new ByteSize(number << shift) : throw script.Fault(op, $"'{word}' is too large");
    }

    private long Number(DriverOp op, string word)
    {
        bool isHex = word.StartsWith("0x", StringComparison.Ordinal);
        return long.TryParse(
            isHex ? word.AsSpan(2) : word, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out long number) && number >= 0
            ? number : throw script.Fault(op, $"'{word}' is not a number with suffix P, K, M or H");
    }
}
