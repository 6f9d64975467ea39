namespace MmActors.Cli;

/// <summary>The command line asks for something that does not exist; the message is the one line to print.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    private const int MaxComparedLength = 64;

    /// <summary>"unknown variant 'bot'; did you mean 'both'? allowed: baseline, both".</summary>
    public static UsageException Unknown(string what, string given, IReadOnlyList<string> allowed)
    {
        var hint = Nearest(given, allowed) is { } near ? $"; did you mean '{near}'?" : ";";
        return new($"unknown {what} '{given}'{hint} allowed: {string.Join(", ", allowed)}");
    }

    /// <summary>The allowed word with the fewest edits, if few enough to be a slip of the finger.</summary>
    public static string? Nearest(string given, IReadOnlyList<string> allowed)
    {
        if (given.Length is 0 or > MaxComparedLength)
        {
            return null;
        }

        var (best, edits) = allowed
            .Select(word => (word, Edits(given.ToLowerInvariant(), word.ToLowerInvariant())))
            .DefaultIfEmpty(("", int.MaxValue))
            .MinBy(candidate => candidate.Item2);
        return edits <= Math.Max(1, given.Length / 3) ? best : null;
    }

    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
