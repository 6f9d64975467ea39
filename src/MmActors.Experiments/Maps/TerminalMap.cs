using System.Collections.Immutable;
using System.Text;
using MmActors.Experiments.Html;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;
using Spectre.Console;
using Paragraph = Spectre.Console.Paragraph;

namespace MmActors.Experiments.Maps;

/// <summary>The memory map and the way of the budget in a terminal: ranges from top to bottom, time from left to right, a character for
/// what most of a cell is and for what khugepaged did there.</summary>
public sealed class TerminalMap
{
    private const int MostColumns = 84;
    private const int MostVariants = 4;
    private const int RowsOfOneVariant = 8;
    private const int RowsOfSeveral = 4;

    private static readonly (char Ascii, char Drawn, string Words, Style Style)[] Cells =
    [
        (' ', ' ', "nothing mapped", Style.Plain),
        ('.', '░', "4 KiB", new Style(Color.Grey58)),
        ('#', '█', "huge", new Style(Color.DeepSkyBlue3)),
        ('~', '▒', "lazyfree", new Style(Color.Orange1)),
        ('s', '▓', "swapped", new Style(Color.MediumVioletRed)),
    ];

    private static readonly (char Ascii, char Drawn, string Words, Style Style) Collapsed =
        ('C', '┃', "khugepaged collapsed it", new Style(Color.Default, decoration: Decoration.Bold));

    private static readonly (char Ascii, char Drawn, string Words, Style Style) Left =
        ('x', '×', "khugepaged left it as it was", new Style(Color.Default, decoration: Decoration.Bold));

    private readonly IAnsiConsole _console;
    private readonly bool _ascii;

    /// <summary>A map that is drawn to a writer.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="ascii">Whether only ASCII characters may be used.</param>
    /// <param name="colour">Whether escape sequences may be used.</param>
    public TerminalMap(TextWriter writer, bool ascii, bool colour)
    {
        _ascii = ascii;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        _console.Profile.Width = TextLayout.Width + 1;
        _console.Profile.Capabilities.Unicode = !ascii;
    }

    /// <summary>Draws the variants that say most: those of the headline, then the others.</summary>
    public void Write(ReportInput result, ImmutableArray<(string Variant, RunRecording Recording)> recordings)
    {
        var input = result.Folded();
        var answer = Answer.Of(input);
        ImmutableArray<(string Variant, RunRecording Recording)> drawable =
            [.. answer.Ordered(recordings).Where(static one => !one.Recording.Lanes.IsEmpty && !one.Recording.Memory.IsEmpty)];
        if (drawable.IsEmpty)
        {
            return;
        }

        foreach (var line in Wrap($"{answer.Headline} {answer.Detail}".TrimEnd()))
        {
            Line(line, new Style(decoration: Decoration.Bold));
        }

        Line("");
        Legend();
        foreach (var (variant, recording) in drawable.Take(MostVariants))
        {
            Line("");
            Variant(variant, recording, drawable.Length == 1 ? RowsOfOneVariant : RowsOfSeveral);
        }

        if (drawable.Length > MostVariants)
        {
            Line("");
            Line($"{drawable.Length - MostVariants} more variants are not drawn; --variant chooses.");
        }

        Line("");
    }

    private void Legend()
    {
        var text = new Paragraph();
        foreach (var mark in Cells.Skip(1).Append(Collapsed).Append(Left))
        {
            text.Append(text.Length == 0 ? "" : "   ").Append(Shown(mark).ToString(), mark.Style).Append($" {mark.Words}");
        }

        Write(text);
    }

    private void Variant(string variant, RunRecording recording, int mostRows)
    {
        var samples = recording.Memory.Length;
        var perColumn = ((samples - 1) / MostColumns) + 1;
        var columns = ((samples - 1) / perColumn) + 1;
        Line($"{variant}: {Figures.Span(recording.End)}, a column is {Figures.Span(recording.Interval * perColumn)}",
            new Style(decoration: Decoration.Bold));
        string[] tasks = [.. recording.Lanes.Select(static lane => lane.Task).Distinct()];
        for (var i = 0; i < recording.Lanes.Length; i++)
        {
            var lane = recording.Lanes[i];
            Line($"  {(tasks.Length > 1 ? $"{Digit(Array.IndexOf(tasks, lane.Task))} " : "")}{lane.Task}/{lane.Region}: {Figures.Plural(lane.Windows, "range")}");
            Lane(recording, i, ((lane.Cells.Length - 1) / mostRows) + 1, perColumn, columns);
        }

        if (!recording.Budget.IsEmpty)
        {
            Line(tasks.Length > 1 ? "  budget: the task that was charged most" : "  budget: where something was charged");
            Line($"  |{Budget(recording, tasks, perColumn, columns)}|");
        }
    }

    private void Lane(RunRecording recording, int index, int perRow, int perColumn, int columns)
    {
        var lane = recording.Lanes[index];
        for (var first = 0; first < lane.Cells.Length; first += perRow)
        {
            var behind = Math.Min(lane.Cells.Length, first + perRow);
            var text = new Paragraph("  |");
            for (var column = 0; column < columns; column++)
            {
                var (from, to) = (recording.Interval * (column * perColumn), recording.Interval * ((column + 1) * perColumn));
                var looks = recording.Looks.Where(look => look.Lane == index && look.RowBehind > first && look.Row < behind
                    && look.Time >= from && look.Time < to && look.Kind != LookKind.AlreadyHuge).ToArray();
                var mark = looks.Length == 0 ? Cells[(int)Dominant(lane, first, behind, column * perColumn, perColumn)]
                    : looks.Any(static look => look.Kind == LookKind.Collapsed) ? Collapsed : Left;
                text.Append(Shown(mark).ToString(), mark.Style);
            }

            Write(text.Append("|"));
        }
    }

    private static PageState Dominant(MapLane lane, int firstRow, int rowBehind, int firstSample, int samples)
    {
        Span<int> counts = stackalloc int[Cells.Length];
        for (var row = firstRow; row < rowBehind; row++)
        {
            for (var sample = firstSample; sample < Math.Min(lane.Cells[row].Length, firstSample + samples); sample++)
            {
                counts[(int)(lane.Cells[row][sample] ?? PageState.None)]++;
            }
        }

        var best = 0;
        for (var state = 1; state < counts.Length; state++)
        {
            best = counts[state] > counts[best] ? state : best;
        }

        return (PageState)best;
    }

    private string Budget(RunRecording recording, string[] tasks, int perColumn, int columns)
    {
        var text = new StringBuilder();
        for (var column = 0; column < columns; column++)
        {
            var (from, to) = (recording.Interval * (column * perColumn), recording.Interval * ((column + 1) * perColumn));
            var most = recording.Looks.Where(look => look.Time >= from && look.Time < to)
                .GroupBy(look => recording.Lanes[look.Lane].Task)
                .OrderByDescending(static task => task.Sum(static look => look.Charge)).FirstOrDefault();
            text.Append(most is null ? ' ' : tasks.Length > 1 ? Digit(Array.IndexOf(tasks, most.Key)) : _ascii ? '*' : '•');
        }

        return text.ToString();
    }

    /// <summary>1 to 9, then letters.</summary>
    private static char Digit(int task) => task < 9 ? (char)('1' + task) : (char)('a' + task - 9);

    private char Shown((char Ascii, char Drawn, string Words, Style Style) mark) => _ascii ? mark.Ascii : mark.Drawn;

    private static IEnumerable<string> Wrap(string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > TextLayout.Width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }

    private void Line(string text, Style? style = null) => Write(new Paragraph(text, style));

    private void Write(Paragraph text)
    {
        _console.Write(text);
        _console.WriteLine();
    }
}
