using System.Globalization;
using MmActors.Model.Units;

namespace MmActors.Model.Settings;

/// <summary>What the kernel answers to one sysfs write: the settings after it, or why it was refused.</summary>
/// <param name="Settings">The settings after the write; unchanged when it was refused.</param>
/// <param name="Error">Null on success, else the errno name and its reason, e.g.
/// <c>EINVAL: max_ptes_none takes 0…511, not 512</c>.</param>
public readonly record struct KnobWrite(ThpSettings Settings, string? Error)
{
    /// <summary>True when the kernel took the value.</summary>
    public bool Accepted => Error is null;
}

/// <summary>The writable files below /sys/kernel/mm/transparent_hugepage and how the kernel reads what is written to
/// them (KH table 2.1, tracepoints-and-counters.md 6.5, TC-9).</summary>
public static class ThpKnobs
{
    /// <summary>The directory all knob names are relative to; a name may also carry it in front.</summary>
    public const string Directory = "/sys/kernel/mm/transparent_hugepage/";

    /// <summary>Below this much memory Linux boots with <c>enabled=never</c> (TC-9).</summary>
    public static readonly ByteSize SmallMachine = ByteSize.FromMebibytes(512);

    private static readonly string[] WritableNames =
    [
        "enabled",
        "defrag",
        "use_zero_page",
        "shrink_underused",
        "hugepages-2048kB/enabled",
        "khugepaged/pages_to_scan",
        "khugepaged/scan_sleep_millisecs",
        "khugepaged/alloc_sleep_millisecs",
        "khugepaged/max_ptes_none",
        "khugepaged/max_ptes_swap",
        "khugepaged/max_ptes_shared",
        "khugepaged/defrag",
    ];

    /// <summary>Names of the writable knobs, in the order of the specification.</summary>
    public static IReadOnlyList<string> Names => WritableNames;

    /// <summary>The settings a machine of this size boots with (TC-9: below 512 MiB THP is off).</summary>
    public static ThpSettings AtBoot(ByteSize memory) => memory.CompareTo(SmallMachine) < 0
        ? new ThpSettings { Enabled = ThpEnabled.Never }
        : new ThpSettings();

    /// <summary>The name without the sysfs directory.</summary>
    public static string Relative(string knob) =>
        knob.StartsWith(Directory, StringComparison.Ordinal) ? knob[Directory.Length..] : knob;

    /// <summary>KH-1: true for the two sleeps, whose writing ends the current sleep at once; every other knob is
    /// noticed at the next pass (pages_to_scan) or the next PTE (max_ptes_*).</summary>
    public static bool WakesKhugepaged(string knob) =>
        Relative(knob) is "khugepaged/scan_sleep_millisecs" or "khugepaged/alloc_sleep_millisecs";

    /// <summary>Applies one write. A single trailing newline is allowed, as from <c>echo</c> (TC-9).</summary>
    public static KnobWrite Write(ThpSettings current, string knob, string value)
    {
        var name = Relative(knob);
        return name switch
        {
            "enabled" => Word(current, name, value, GlobalWords, (s, w) => s with { Enabled = w }),
            "hugepages-2048kB/enabled" => Word(current, name, value, SizeWords, (s, w) => s with { PmdEnabled = w }),
            "defrag" => Word(current, name, value, DefragWords, (s, w) => s with { Defrag = w }),
            "use_zero_page" => Flag(current, name, value, (s, on) => s with { UseZeroPage = on }),
            "khugepaged/defrag" => Flag(current, name, value, (s, on) => s with { KhugepagedDefrag = on }),
            "shrink_underused" => Bool(current, name, value),
            "khugepaged/pages_to_scan" =>
                Number(current, name, value, 1, uint.MaxValue, (s, n) => s with { PagesToScan = (uint)n }),
            "khugepaged/scan_sleep_millisecs" =>
                Number(current, name, value, 0, uint.MaxValue, (s, n) => s with { ScanSleepMillisecs = (uint)n }),
            "khugepaged/alloc_sleep_millisecs" =>
                Number(current, name, value, 0, uint.MaxValue, (s, n) => s with { AllocSleepMillisecs = (uint)n }),
            "khugepaged/max_ptes_none" => Limit(current, name, value, (s, n) => s with { MaxPtesNone = n }),
            "khugepaged/max_ptes_swap" => Limit(current, name, value, (s, n) => s with { MaxPtesSwap = n }),
            "khugepaged/max_ptes_shared" => Limit(current, name, value, (s, n) => s with { MaxPtesShared = n }),
            "khugepaged/pages_collapsed" or "khugepaged/full_scans" or "hpage_pmd_size" =>
                new KnobWrite(current, $"EACCES: {name} is read-only"),
            _ => new KnobWrite(current, $"ENOENT: no knob '{name}' below {Directory}"),
        };
    }

    private static readonly (string Word, ThpEnabled Value)[] GlobalWords =
    [
        ("always", ThpEnabled.Always), ("madvise", ThpEnabled.Madvise), ("never", ThpEnabled.Never),
    ];

    private static readonly (string Word, ThpEnabled Value)[] SizeWords =
    [
        ("always", ThpEnabled.Always), ("inherit", ThpEnabled.Inherit), ("madvise", ThpEnabled.Madvise),
        ("never", ThpEnabled.Never),
    ];

    private static readonly (string Word, ThpDefrag Value)[] DefragWords =
    [
        ("always", ThpDefrag.Always), ("defer", ThpDefrag.Defer), ("defer+madvise", ThpDefrag.DeferMadvise),
        ("madvise", ThpDefrag.Madvise), ("never", ThpDefrag.Never),
    ];

    private static KnobWrite Word<T>(
        ThpSettings current, string name, string value, (string Word, T Value)[] words,
        Func<ThpSettings, T, ThpSettings> apply)
    {
        var text = WithoutNewline(value);
        foreach (var (word, meaning) in words)
        {
            if (word == text)
            {
                return new KnobWrite(apply(current, meaning), null);
            }
        }

        return Invalid(current, name, string.Join(", ", words.Select(w => w.Word)), value);
    }

    /// <summary>A 0/1 file read as an unsigned long of any base, so 2^64 and more is ERANGE.</summary>
    private static KnobWrite Flag(
        ThpSettings current, string name, string value, Func<ThpSettings, bool, ThpSettings> apply) =>
        Parse(value, anyBase: true, out var number) switch
        {
            ParseOutcome.TooLarge =>
                new KnobWrite(current, $"ERANGE: {ShortName(name)} takes 0 or 1, not {Quote(value)}"),
            ParseOutcome.Ok when number <= 1 => new KnobWrite(apply(current, number == 1), null),
            _ => Invalid(current, name, "0 or 1", value),
        };

    /// <summary>A kstrtobool file: only the first letter counts, the second one after an o.</summary>
    private static KnobWrite Bool(ThpSettings current, string name, string value)
    {
        bool? on = value switch
        {
            ['y' or 'Y' or 't' or 'T' or '1', ..] => true,
            ['n' or 'N' or 'f' or 'F' or '0', ..] => false,
            ['o' or 'O', 'n' or 'N', ..] => true,
            ['o' or 'O', 'f' or 'F', ..] => false,
            _ => null,
        };
        return on is { } known
            ? new KnobWrite(current with { ShrinkUnderused = known }, null)
            : Invalid(current, name, "0, 1, y, n, on or off", value);
    }

    private static KnobWrite Limit(
        ThpSettings current, string name, string value, Func<ThpSettings, int, ThpSettings> apply) =>
        Number(current, name, value, 0, Geometry.PtesPerTable - 1, (s, n) => apply(s, (int)n));

    private static KnobWrite Number(
        ThpSettings current, string name, string value, ulong least, ulong most,
        Func<ThpSettings, ulong, ThpSettings> apply)
    {
        var outcome = Parse(value, anyBase: false, out var number);
        return outcome == ParseOutcome.Ok && number >= least && number <= most
            ? new KnobWrite(apply(current, number), null)
            : Invalid(current, name, string.Create(CultureInfo.InvariantCulture, $"{least}…{most}"), value);
    }

    private static KnobWrite Invalid(ThpSettings current, string name, string allowed, string value) =>
        new(current, $"EINVAL: {ShortName(name)} takes {allowed}, not {Quote(value)}");

    private enum ParseOutcome { Ok, NotANumber, TooLarge }

    /// <summary>kstrtoul: an optional plus sign, digits, one optional newline; base 10, or by prefix 0x and 0.</summary>
    private static ParseOutcome Parse(string value, bool anyBase, out ulong number)
    {
        number = 0;
        var digits = WithoutNewline(value).AsSpan();
        if (digits is ['+', ..])
        {
            digits = digits[1..];
        }

        var radix = 10u;
        if (anyBase && digits is ['0', 'x' or 'X', _, ..])
        {
            radix = 16;
            digits = digits[2..];
        }
        else if (anyBase && digits is ['0', _, ..])
        {
            radix = 8;
            digits = digits[1..];
        }

        if (digits.IsEmpty)
        {
            return ParseOutcome.NotANumber;
        }

        var wide = UInt128.Zero;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.FromHexString($"0{c}")[0] : uint.MaxValue;
            if (digit >= radix)
            {
                return ParseOutcome.NotANumber;
            }

            wide = UInt128.Min((wide * radix) + digit, UInt128.MaxValue / 32);
        }

        if (wide > ulong.MaxValue)
        {
            return ParseOutcome.TooLarge;
        }

        number = (ulong)wide;
        return ParseOutcome.Ok;
    }

    private static string WithoutNewline(string value) => value.EndsWith('\n') ? value[..^1] : value;

    private static string ShortName(string name) =>
        name is "khugepaged/defrag" || !name.StartsWith("khugepaged/", StringComparison.Ordinal)
            ? name
            : name["khugepaged/".Length..];

    private static string Quote(string value)
    {
        var text = WithoutNewline(value);
        return text.Length == 0 ? "an empty line" : text;
    }
}
