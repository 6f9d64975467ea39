using System.Collections.Immutable;
using System.Text;

namespace MmActors.Experiments.Rendering;

/// <summary>Lays a report out for a terminal or a text file: ASCII only, no library, because start-up time is part of
/// the answer's time.</summary>
internal sealed class TextLayout(TextWriter writer, bool colour)
{
    /// <summary>Columns a line may take.</summary>
    public const int Width = 110;

    private const string Gap = "  ";
    private const string Bold = "\e[1m";
    private const string Dim = "\e[2m";
    private const string Plain = "\e[0m";

    /// <summary>Writes all blocks, one empty line between them.</summary>
    public void Write(ImmutableArray<ReportBlock> blocks)
    {
        for (var i = 0; i < blocks.Length; i++)
        {
            var gluedToTitle = i > 0 && blocks[i - 1] is Heading { Level: 1 or 3 };
            if (i > 0 && !gluedToTitle)
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
                Line(colour ? $"{Bold}{heading.Text}{Plain}" : heading.Text);
                if (heading.Level == 2)
                {
                    Faint(new string('=', Math.Min(Width, heading.Text.Length)));
                }

                break;
            case Paragraph paragraph:
                Wrapped(paragraph.Text, "", "");
                break;
            case Statements statements:
                foreach (var line in statements.Lines)
                {
                    Wrapped(line, "- ", "  ");
                }

                break;
            case Verbatim verbatim:
                foreach (var line in verbatim.Lines)
                {
                    Line(line);
                }

                break;
            case Chronicle chronicle:
                WriteChronicle(chronicle);
                break;
            case Table table:
                WriteTable(table);
                break;
        }
    }

    /// <summary>The times in a column of their own, the sentences wrapped beside it.</summary>
    private void WriteChronicle(Chronicle chronicle)
    {
        var width = chronicle.Lines.Aggregate(0, static (most, line) => Math.Max(most, line.Seconds.Length));
        var rest = new string(' ', width + 2 + Gap.Length);
        foreach (var (seconds, text) in chronicle.Lines)
        {
            Wrapped(text, $"{seconds.PadLeft(width)} s{Gap}", rest);
        }
    }

    /// <summary>Writes the table in as many parts as the width asks for.</summary>
    private void WriteTable(Table table)
    {
        var widths = new int[table.Columns.Length];
        for (var c = 0; c < widths.Length; c++)
        {
            widths[c] = table.Rows.Aggregate(table.Columns[c].Title.Length, (max, row) => Math.Max(max, row[c].Length));
        }

        var keys = Enumerable.Range(0, table.KeyColumns).ToArray();
        var keyWidth = keys.Sum(c => widths[c] + Gap.Length);
        var next = table.KeyColumns;
        do
        {
            List<int> part = [.. keys];
            var used = keyWidth;
            while (next < widths.Length
                && (part.Count == keys.Length || used + widths[next] <= Width))
            {
                used += widths[next] + Gap.Length;
                part.Add(next++);
            }

            WritePart(table, part, widths);
            if (next < widths.Length)
            {
                Line("");
            }
        }
        while (next < widths.Length);
    }

    private void WritePart(Table table, List<int> part, int[] widths)
    {
        if (table.Columns.Any(column => column.Group.Length > 0))
        {
            Line(GroupLine(table, part, widths));
        }

        Line(Row(part, widths, c => table.Columns[c].Title, table.Columns));
        Faint(string.Join(Gap, part.Select(c => new string('-', widths[c]))));
        foreach (var row in table.Rows)
        {
            Line(Row(part, widths, c => row[c], table.Columns));
        }
    }

    /// <summary>Titles of the groups, each centred between dashes over its columns.</summary>
    private static string GroupLine(Table table, List<int> part, int[] widths)
    {
        var text = new StringBuilder();
        for (var i = 0; i < part.Count;)
        {
            var group = table.Columns[part[i]].Group;
            var width = -Gap.Length;
            for (; i < part.Count && table.Columns[part[i]].Group == group; i++)
            {
                width += widths[part[i]] + Gap.Length;
            }

            var fill = group.Length == 0 ? ' ' : '-';
            var title = group.Length == 0 ? "" : $" {group} ";
            var left = Math.Max(0, (width - title.Length) / 2);
            text.Append((new string(fill, left) + title).PadRight(width, fill)).Append(Gap);
        }

        return text.ToString();
    }

    private static string Row(
        List<int> part, int[] widths, Func<int, string> cell, ImmutableArray<Column> columns) =>
        string.Join(Gap, part.Select(c =>
            columns[c].IsFigure ? cell(c).PadLeft(widths[c]) : cell(c).PadRight(widths[c])));

    private void Wrapped(string text, string first, string rest)
    {
        var line = new StringBuilder(first);
        var empty = true;
        foreach (var word in text.Split(' '))
        {
            if (!empty && line.Length + 1 + word.Length > Width)
            {
                Line(line.ToString());
                line.Clear().Append(rest);
                empty = true;
            }

            line.Append(empty ? "" : " ").Append(word);
            empty = false;
        }

        Line(line.ToString());
    }

    private void Faint(string text) => Line(colour ? $"{Dim}{text}{Plain}" : text);

    private void Line(string text)
    {
        writer.Write(text.TrimEnd());
        writer.Write('\n');
    }
}
