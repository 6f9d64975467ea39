namespace MmActors.Experiments.Config;

/// <summary>Words for a name nobody knows: what was meant, perhaps, and what there is.</summary>
public static class Suggestion
{
    private const int MaxComparedLength = 64;
    private const int MaxShownLength = 60;

    /// <summary>"unknown …; did you mean 'x'? allowed: a, b, c".</summary>
    public static string Unknown(string what, string given, IReadOnlyList<string> allowed)
    {
        var near = Nearest(given, allowed);
        var hint = near is null ? "" : $"; did you mean '{near}'?";
        return $"unknown {what}{hint}{(near is null ? ";" : "")} allowed: {string.Join(", ", allowed)}";
    }

    /// <summary>The allowed name with the fewest edits, when few enough to be a slip of the finger; else the only one
    /// that begins with what was given or ends with it as its file name.</summary>
    public static string? Nearest(string given, IReadOnlyList<string> allowed)
    {
        if (given.Length is 0 or > MaxComparedLength)
        {
            return null;
        }

        string? best = null;
        var bestEdits = 1 + Math.Max(1, given.Length / 3);
        foreach (var name in allowed)
        {
            var edits = Edits(given.ToLowerInvariant(), name.ToLowerInvariant());
            if (edits < bestEdits)
            {
                (best, bestEdits) = (name, edits);
            }
        }

        if (best is not null || given.Length < 3)
        {
            return best;
        }

        var longer = allowed.Where(name => name.StartsWith(given, StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("/" + given, StringComparison.OrdinalIgnoreCase)).ToArray();
        return longer.Length == 1 ? longer[0] : null;
    }

    /// <summary>A user's text cut to a length and stripped of control characters: fit for one line.</summary>
    public static string Shorten(string text, int length = MaxShownLength)
    {
        var shown = text.Length <= length ? text : string.Concat(text.AsSpan(0, length), "…");
        return string.Create(shown.Length, shown, (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = char.IsControl(from[i]) ? ' ' : from[i];
            }
        });
    }

    /// <summary>Levenshtein distance.</summary>
    private static int Edits(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
