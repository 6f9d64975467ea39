using System.Globalization;
using System.Text.Json;
using MmActors.Experiments.Soaking;

namespace MmActors.Experiments.Rendering;

/// <summary>Writes a soak as it goes: each row when its period is over, the summary at the end.</summary>
/// <param name="writer">Where to.</param>
/// <param name="request">What was asked for.</param>
/// <param name="version">Version of the program.</param>
public abstract class SoakWriter(TextWriter writer, SoakRequest request, string version)
{
    /// <summary>Where to.</summary>
    protected TextWriter Writer { get; } = writer;

    /// <summary>What was asked for.</summary>
    protected SoakRequest Request { get; } = request;

    /// <summary>Version of the program.</summary>
    protected string Version { get; } = version;

    /// <summary>Writes what stands before the first row.</summary>
    public abstract void Begin();

    /// <summary>Writes one row.</summary>
    public abstract void Row(SoakPeriod period);

    /// <summary>Writes the summary.</summary>
    public abstract void End(SoakResult result);
}

/// <summary>Comma-separated rows; the summary follows as lines that begin with #.</summary>
public sealed class SoakCsv(TextWriter writer, SoakRequest request, string version) : SoakWriter(writer, request, version)
{
    /// <inheritdoc/>
    public override void Begin() => Writer.Write(string.Join(',',
        SoakColumns.Simulated.Concat(SoakColumns.Measured).Select(static column => column.Name)) + "\n");

    /// <inheritdoc/>
    public override void Row(SoakPeriod period) => Writer.Write(string.Join(',',
        SoakColumns.Simulated.Concat(SoakColumns.Measured).Select(column => column.Text(period))) + "\n");

    /// <inheritdoc/>
    public override void End(SoakResult result)
    {
        foreach (SummaryFigure figure in SoakSummary.Of(result))
        {
            Writer.Write($"# {figure.Name},{figure.Value}\n");
        }
    }
}

/// <summary>One JSON document (config/soak.schema.json), a line per row, so that it can be read while it grows.</summary>
public sealed class SoakJson(TextWriter writer, SoakRequest request, string version) : SoakWriter(writer, request, version)
{
    private string _comma = "";

    /// <inheritdoc/>
    public override void Begin() => Writer.Write(string.Create(CultureInfo.InvariantCulture,
        $"{{\n\"version\": {Quoted(Version)}, \"scenario\": {Quoted(Request.Run.Scenario.Name)}, \"variant\": {Quoted(Request.Run.Variant.Name)},\n"
        + $"\"machine\": {Quoted(Request.Run.Machine.Name)}, \"seed\": {Request.Run.Seed}, \"tasks\": {Request.Population.Tasks}, "
        + $"\"memory_bytes\": {Request.Run.Scenario.Memory.Bytes}, \"horizon_s\": {Request.Horizon.TotalSeconds},\n\"periods\": ["));

    /// <inheritdoc/>
    public override void Row(SoakPeriod period)
    {
        Writer.Write($"{_comma}\n{{\"simulated\": {{{Fields(period, SoakColumns.Simulated)}}}, \"measured\": {{{Fields(period, SoakColumns.Measured)}}}}}");
        _comma = ",";
    }

    /// <inheritdoc/>
    public override void End(SoakResult result)
    {
        Writer.Write($"\n],\n\"stopped\": {(result.IsStopped ? "true" : "false")},\n\"simulated\": {{{Fields(result, false)}}},\n");
        Writer.Write($"\"measured\": {{{Fields(result, true)}}}\n}}\n");
    }

    private static string Fields(SoakPeriod period, IEnumerable<SoakColumn> columns) =>
        string.Join(", ", columns.Select(column => $"\"{column.Name}\": {column.Text(period)}"));

    private static string Fields(SoakResult result, bool isMeasured) => string.Join(", ", SoakSummary.Of(result)
        .Where(field => field.IsMeasured == isMeasured)
        .Select(static field => $"\"{field.Name}\": {(field.Name == "hash" ? $"\"{field.Value}\"" : field.Value)}"));

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}

/// <summary>A table for a person, of text or of Markdown.</summary>
public sealed class SoakTable(TextWriter writer, SoakRequest request, string version, bool isMarkdown)
    : SoakWriter(writer, request, version)
{
    private static readonly SoakColumn[] Columns =
    [
        .. SoakColumns.Simulated.Concat(SoakColumns.Measured).Where(static column => SoakColumns.Shown.Contains(column.Name)),
    ];

    /// <inheritdoc/>
    public override void Begin()
    {
        string mark = isMarkdown ? "# " : "";
        Writer.Write(string.Create(CultureInfo.InvariantCulture,
            $"{mark}mmactors {Version} soak {Request.Run.Scenario.Name} (variant {Request.Run.Variant.Name}, seed {Request.Run.Seed}, machine preset "
            + $"{Request.Run.Machine.Name}, {Request.Population.Tasks} tasks, {Request.Run.Scenario.Memory})\n"));
        Writer.Write($"{(isMarkdown ? "\n" : "")}All columns are simulated but the last two, which are measured.\n\n");
        Line("days", static column => column.Head);
        if (isMarkdown)
        {
            Writer.Write($"|{string.Concat(Enumerable.Repeat("---:|", Columns.Length + 1))}\n");
        }
        else
        {
            Line(new string('-', DaysWidth), static column => new string('-', column.Width));
        }
    }

    /// <inheritdoc/>
    public override void Row(SoakPeriod period) => Line(
        period.End.TotalDays.ToString("F2", CultureInfo.InvariantCulture), column => column.Text(period));

    /// <inheritdoc/>
    public override void End(SoakResult result)
    {
        string item = isMarkdown ? "- " : "";
        Writer.Write(string.Create(CultureInfo.InvariantCulture,
            $"\n{item}{(result.IsStopped ? "Stopped at" : "Ended at")} {result.Time.TotalDays:F3} simulated days; 0 violations in {result.Audits} full audits.\n"));
        foreach (SummaryFigure figure in SoakSummary.Of(result).Where(static figure => figure.Name is not ("end_s" or "violations" or "audits")))
        {
            Writer.Write($"{item}{figure.Name} {figure.Value}{(figure.IsMeasured ? " (measured)" : "")}\n");
        }
    }

    private const int DaysWidth = 7;

    private void Line(string days, Func<SoakColumn, string> text) => Writer.Write(isMarkdown
        ? $"| {days} | {string.Join(" | ", Columns.Select(text))} |\n"
        : $"{days,DaysWidth}  {string.Join("  ", Columns.Select(column => text(column).PadLeft(column.Width)))}\n");
}
