namespace MmActors.Experiments.Validation;

/// <summary>Two sequences side by side, with as many equal pairs as possible in order (longest common subsequence).</summary>
internal static class SequenceAlignment
{
    /// <summary>Longest stretch, between equal beginning and end, that is aligned exactly; beyond it lines are paired by
    /// position.</summary>
    private const int MostCells = 64_000_000;

    /// <summary>Pairs of indexes; −1 on the side that has no counterpart.</summary>
    public static List<(int Left, int Right)> Align<T>(IReadOnlyList<T> left, IReadOnlyList<T> right)
        where T : IEquatable<T>
    {
        List<(int, int)> pairs = [];
        int head = 0;
        while (head < left.Count && head < right.Count && left[head].Equals(right[head]))
        {
            pairs.Add((head, head++));
        }

        int tail = 0;
        while (tail < left.Count - head && tail < right.Count - head && left[^(tail + 1)].Equals(right[^(tail + 1)]))
        {
            tail++;
        }

        AlignMiddle(left, right, head, left.Count - tail, right.Count - tail, pairs);
        for (int index = tail; index > 0; index--)
        {
            pairs.Add((left.Count - index, right.Count - index));
        }

        return pairs;
    }

    private static void AlignMiddle<T>(
        IReadOnlyList<T> left, IReadOnlyList<T> right, int from, int leftEnd, int rightEnd, List<(int, int)> pairs)
        where T : IEquatable<T>
    {
        int rows = leftEnd - from;
        int columns = rightEnd - from;
        if ((long)rows * columns > MostCells)
        {
            for (int index = 0; index < Math.Max(rows, columns); index++)
            {
                pairs.Add((index < rows ? from + index : -1, index < columns ? from + index : -1));
            }

            return;
        }

        // longest[i, j]: of left from i on and right from j on.
        int[,] longest = new int[rows + 1, columns + 1];
        for (int i = rows - 1; i >= 0; i--)
        {
            for (int j = columns - 1; j >= 0; j--)
            {
                longest[i, j] = left[from + i].Equals(right[from + j])
                    ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
            }
        }

        int row = 0;
        int column = 0;
        while (row < rows || column < columns)
        {
            if (row < rows && column < columns && left[from + row].Equals(right[from + column]))
            {
                pairs.Add((from + row++, from + column++));
            }
            else if (column == columns || (row < rows && longest[row + 1, column] >= longest[row, column + 1]))
            {
                pairs.Add((from + row++, -1));
            }
            else
            {
                pairs.Add((-1, from + column++));
            }
        }
    }
}
