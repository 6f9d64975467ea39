using System.Collections.Immutable;
using MmActors.Experiments.Rendering;

namespace MmActors.Experiments.Html;

/// <summary>Writes the blocks of a report as HTML: the same sentences and tables as in a terminal.</summary>
internal static class BlockMarkup
{
    /// <summary>Adds blocks, their headings one level lower than in a report of their own.</summary>
    public static Markup Blocks(this Markup markup, IEnumerable<ReportBlock> blocks)
    {
        foreach (var block in blocks)
        {
            switch (block)
            {
                case Heading heading:
                    markup.Element($"h{heading.Level + 1}", heading.Text);
                    break;
                case Paragraph paragraph:
                    markup.Element("p", paragraph.Text);
                    break;
                case Statements statements:
                    markup.Raw("<ul>");
                    foreach (var line in statements.Lines)
                    {
                        markup.Element("li", line);
                    }

                    markup.Raw("</ul>");
                    break;
                case Table table:
                    markup.Grid(table);
                    break;
            }
        }

        return markup;
    }

    /// <summary>Adds a table that scrolls sideways where the page is too narrow for it.</summary>
    public static Markup Grid(this Markup markup, Table table, string kind = "")
    {
        markup.Raw($"<div class=\"scroll\"><table{(kind.Length == 0 ? "" : $" class=\"{kind}\"")}><thead>");
        if (table.Columns.Any(static column => column.Group.Length > 0))
        {
            markup.Raw($"<tr>{string.Concat(Groups(table.Columns).Select(static group =>
                $"<th colspan=\"{group.Count}\" class=\"group\">{Markup.Escape(group.Title)}</th>"))}</tr>");
        }

        markup.Raw($"<tr>{string.Concat(table.Columns.Select(static column =>
            $"<th{Class(column)}>{Markup.Escape(column.Title)}</th>"))}</tr></thead><tbody>");
        for (var i = 0; i < table.Rows.Length; i++)
        {
            markup.Raw($"<tr{(BeginsGroup(table, i) ? " class=\"first\"" : "")}>{string.Concat(table.Rows[i].Zip(table.Columns).Select((cell, c) =>
                $"<td{Class(cell.Second)}>{Markup.Escape(Repeats(table, i, c) ? "" : cell.First)}</td>"))}</tr>");
        }

        return markup.Raw("</tbody></table></div>");
    }

    private static string Class(Column column) => column.IsFigure ? " class=\"figure\"" : "";

    /// <summary>Where there are several key columns, the first names a group of rows and is said once.</summary>
    private static bool Repeats(Table table, int row, int column) =>
        column == 0 && table.KeyColumns > 1 && row > 0 && table.Rows[row][0] == table.Rows[row - 1][0];

    private static bool BeginsGroup(Table table, int row) => table.KeyColumns > 1 && row > 0 && table.Rows[row][0] != table.Rows[row - 1][0];

    private static IEnumerable<(string Title, int Count)> Groups(ImmutableArray<Column> columns)
    {
        for (var i = 0; i < columns.Length;)
        {
            var first = i;
            while (i < columns.Length && columns[i].Group == columns[first].Group)
            {
                i++;
            }

            yield return (columns[first].Group, i - first);
        }
    }
}
