using System.Globalization;
using System.IO.Compression;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Validation;

/// <summary>A text file of a recorded run, plain or gzipped, read line by line; what is wrong with it is said with its name
/// and line.</summary>
internal sealed class RecordedFile
{
    private readonly string[] _lines;
    private int _next;

    private RecordedFile(string path, string[] lines)
    {
        Path = path;
        _lines = lines;
    }

    public string Path { get; }

    /// <summary>Number of the line returned last, from 1.</summary>
    public int Line => _next;

    /// <summary>Whether the file is there, plain or gzipped.</summary>
    public static bool Exists(string path) => File.Exists(path) || File.Exists(path + ".gz");

    /// <summary>The whole text, line ends as they are.</summary>
    public string Text => string.Join('\n', _lines);

    /// <summary>The file, or <paramref name="path"/>.gz; null when neither exists.</summary>
    public static RecordedFile? TryOpen(string path)
    {
        bool isPlain = File.Exists(path);
        string found = isPlain ? path : path + ".gz";
        if (!File.Exists(found))
        {
            return null;
        }

        try
        {
            using Stream file = File.OpenRead(found);
            using Stream text = isPlain ? file : new GZipStream(file, CompressionMode.Decompress);
            using var reader = new StreamReader(text);
            return new RecordedFile(found, reader.ReadToEnd().Split('\n'));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ScenarioException(found, null, $"the file cannot be read: {exception.Message}");
        }
    }

    public static RecordedFile Open(string path) =>
        TryOpen(path) ?? throw new ScenarioException(path, null, "a recorded run has this file, plain or gzipped");

    /// <summary>The rows of a table with this header (further columns may follow): each is cut at its commas, except that the
    /// last of these columns takes the rest of the line.</summary>
    public static IEnumerable<RecordedRow> Table(RecordedFile file, string header)
    {
        string[] columns = header.Split(',');
        if (file.Next() is not { } first || !(first + ",").StartsWith(header + ",", StringComparison.Ordinal))
        {
            throw file.Fault($"the table begins with the header {header}");
        }

        while (file.Next() is { } line)
        {
            if (line.Length > 0)
            {
                string[] cells = line.Split(',', columns.Length);
                yield return cells.Length == columns.Length
                    ? new RecordedRow(file, cells)
                    : throw file.Fault($"a row has {columns.Length} columns ({header}), not {cells.Length}");
            }
        }
    }

    /// <summary>The next line without its carriage return; null at the end.</summary>
    public string? Next() => _next < _lines.Length ? _lines[_next++].TrimEnd('\r') : null;

    public ScenarioException Fault(string message) => new(Path, Math.Max(1, _next), message);
}

/// <summary>One row of a recorded table.</summary>
internal sealed class RecordedRow(RecordedFile file, string[] cells)
{
    public string this[int column] => cells[column];

    public int Line { get; } = file.Line;

    public long Number(int column) =>
        long.TryParse(cells[column], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number : throw file.Fault($"column {column + 1} takes a whole number, not '{cells[column]}'");

    public int Small(int column) => Number(column) is >= int.MinValue and <= int.MaxValue and var number
        ? (int)number : throw file.Fault($"column {column + 1} takes a 32-bit number, not '{cells[column]}'");

    /// <summary>A time in milliseconds since the start of the scenario.</summary>
    public TimeSpan Time(int column) =>
        double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) < 1e12
            ? TimeSpan.FromTicks((long)Math.Round(number * TimeSpan.TicksPerMillisecond))
            : throw file.Fault($"column {column + 1} takes a time in ms, not '{cells[column]}'");

    public long Address(int column) =>
        cells[column].StartsWith("0x", StringComparison.Ordinal)
        && long.TryParse(cells[column].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long address)
            ? address : throw file.Fault($"column {column + 1} takes an address 0x…, not '{cells[column]}'");
}
