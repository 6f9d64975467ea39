using System.Collections.Immutable;

namespace MmActors.Experiments.Rendering;

/// <summary>A finished report: what is said, independent of whether a terminal or a web page shows it. Both layouts
/// are written from the same blocks, so they cannot say different things.</summary>
public sealed class Report
{
    private readonly ImmutableArray<ReportBlock> _blocks;

    internal Report(IEnumerable<ReportBlock> blocks) => _blocks = [.. blocks];

    /// <summary>Writes plain text at most <see cref="TextLayout.Width"/> columns wide (unless a single word is
    /// wider).</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="colour">Whether escape sequences may be used: true for a terminal only.</param>
    public void WriteText(TextWriter writer, bool colour) => new TextLayout(writer, colour).Write(_blocks);

    /// <summary>Writes GitHub-flavoured Markdown.</summary>
    public void WriteMarkdown(TextWriter writer) => new MarkdownLayout(writer).Write(_blocks);
}

/// <summary>One piece of a report.</summary>
internal abstract record ReportBlock;

/// <summary>A title; level 1 names the report, level 2 a section, level 3 a table.</summary>
internal sealed record Heading(int Level, string Text) : ReportBlock;

/// <summary>Running text.</summary>
internal sealed record Paragraph(string Text) : ReportBlock;

/// <summary>Statements about the figures above, one sentence each.</summary>
internal sealed record Statements(ImmutableArray<string> Lines) : ReportBlock;

/// <summary>What happened when, in order of time: simulated seconds and a sentence each.</summary>
internal sealed record Chronicle(ImmutableArray<(string Seconds, string Text)> Lines) : ReportBlock;

/// <summary>Lines whose form another program shares; shown as they are.</summary>
internal sealed record Verbatim(ImmutableArray<string> Lines) : ReportBlock;

/// <summary>A table. Its leading <paramref name="KeyColumns"/> columns name the row and are repeated when a table has
/// to be broken to fit the width.</summary>
internal sealed record Table(
    ImmutableArray<Column> Columns, ImmutableArray<ImmutableArray<string>> Rows, int KeyColumns = 1) : ReportBlock;

/// <summary>A column: names are left-aligned, figures right-aligned; neighbours of one group share a
/// title.</summary>
internal sealed record Column(string Title, bool IsFigure = true, string Group = "");
