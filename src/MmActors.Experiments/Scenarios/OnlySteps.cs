using MmActors.Experiments.Config;

namespace MmActors.Experiments.Scenarios;

/// <summary>Decides for one variant which <c>only</c> steps it has, and remembers every decision: a variant for which
/// all of them come out the same runs the same programs.</summary>
/// <param name="variant">Name of the variant whose programs are being read.</param>
/// <param name="variants">Names of all variants.</param>
internal sealed class OnlySteps(string variant, IReadOnlyList<string> variants)
{
    private const int MaxPatternLength = 64;

    private readonly List<(ConfigMap Step, ConfigList Patterns, bool Taken)> _decisions = [];

    /// <summary>Every <c>only</c> step met so far and whether this variant has it.</summary>
    public IEnumerable<(ConfigMap Step, bool Taken)> Decisions => _decisions.Select(static d => (d.Step, d.Taken));

    /// <summary>Whether this variant has the steps below.</summary>
    /// <param name="step">The arguments of the <c>only</c> step.</param>
    public bool Takes(ConfigMap step)
    {
        var patterns = step.Require("variants").AsList();
        if (patterns.Items.Count == 0)
        {
            throw patterns.Fault("'variants' of only has no pattern");
        }

        foreach (var item in patterns.Items)
        {
            Check(item.AsScalar());
        }

        var taken = MatchesAny(patterns, variant);
        _decisions.Add((step, patterns, taken));
        return taken;
    }

    /// <summary>Whether another variant would have been given exactly the same steps.</summary>
    public bool SameFor(string other) => _decisions.All(d => MatchesAny(d.Patterns, other) == d.Taken);

    /// <summary>Whether a name fits a pattern, in which each * stands for any run of characters.</summary>
    public static bool Matches(string pattern, string name)
    {
        var (p, n) = (0, 0);
        var (star, retry) = (-1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, retry) = (p, n);
                p++;
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                (p, n) = (p + 1, n + 1);
            }
            else if (star >= 0)
            {
                retry++;
                (p, n) = (star + 1, retry);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }

    private static bool MatchesAny(ConfigList patterns, string name) =>
        patterns.Items.Any(item => item is ConfigScalar pattern && Matches(pattern.Text, name));

    private void Check(ConfigScalar pattern)
    {
        if (pattern.Text.Length > MaxPatternLength)
        {
            throw pattern.Fault($"a pattern takes 1…{MaxPatternLength} characters, not {pattern.Text.Length}");
        }

        if (!variants.Any(name => Matches(pattern.Text, name)))
        {
            throw pattern.Fault(Suggestion.Unknown($"variant {pattern.Kind}", pattern.Text, [.. variants.Take(20)]));
        }
    }
}
