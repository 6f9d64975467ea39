using System.Collections.Immutable;

namespace MmActors.Experiments.Rendering;

/// <summary>Lays a report out as GitHub-flavoured Markdown.</summary>
internal sealed class MarkdownLayout(TextWriter writer)
{
    /// <summary>Writes all blocks, one empty line between them.</summary>
    public void Write(ImmutableArray<ReportBlock> blocks)
    {
        for (var i = 0; i < blocks.Length; i++)
        {
            if (i > 0)
            {
                Line("");
            }

            WriteBlock(blocks[i]);
        }
    }

    private void WriteBlock(ReportBlock block)
    {
        switch (block)
        {
            case Heading heading:
                Line($"{new string('#', heading.Level)} {Inline(heading.Text)}");
                break;
            case Paragraph paragraph:
                Line(Inline(paragraph.Text));
                break;
            case Statements statements:
                foreach (var line in statements.Lines)
                {
                    Line($"- {Inline(line)}");
                }

                break;
            case Verbatim verbatim:
                Line("```");
                foreach (var line in verbatim.Lines)
                {
                    Line(line);
                }

                Line("```");
                break;
            case Chronicle chronicle:
                Cells(["t s", "what happened"]);
                Line("|---:|---|");
                foreach (var (seconds, text) in chronicle.Lines)
                {
                    Cells([seconds, text]);
                }

                break;
            case Table table:
                WriteTable(table);
                break;
        }
    }

    private void WriteTable(Table table)
    {
        Cells(table.Columns.Select(column => $"{column.Group} {column.Title}".TrimStart()));
        Line($"|{string.Concat(table.Columns.Select(column => column.IsFigure ? "---:|" : "---|"))}");
        foreach (var row in table.Rows)
        {
            Cells(row);
        }
    }

    private void Cells(IEnumerable<string> cells) =>
        Line($"| {string.Join(" | ", cells.Select(Cell))} |");

    private static string Cell(string text) => Inline(text).Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>Keeps names such as <c>lack_referenced_page</c> and <c>*</c> from being read as emphasis.</summary>
    private static string Inline(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("_", "\\_", StringComparison.Ordinal)
        .Replace("*", "\\*", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);

    private void Line(string text)
    {
        writer.Write(text);
        writer.Write('\n');
    }
}
