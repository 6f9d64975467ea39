using System.Globalization;

namespace MmActors.Runtime.Strategies;

/// <summary>A strategy as a user writes it: <c>fifo</c>, <c>random</c>, <c>pct:3</c>, <c>delay:2</c> or <c>dfs:12</c>, followed by
/// <c>+timers</c>, <c>+channels</c> or both.</summary>
/// <param name="Kind">First word.</param>
/// <param name="Bound">Its number: d of PCT, delays, or choices varied.</param>
/// <param name="Choices">What it chooses among.</param>
public sealed record StrategySpec(string Kind, int Bound, ScheduleChoices Choices)
{
    /// <summary>The forms there are, for messages.</summary>
    public const string Forms = "fifo, random, pct:D, delay:D or dfs:D with D from 1 to 1000, each with +timers or +channels or both";

    private const int LargestBound = 1000;

    /// <summary>Reads what a user wrote; null when it is no strategy.</summary>
    public static StrategySpec? Parse(string text)
    {
        var parts = text.Split('+');
        var choices = ScheduleChoices.Actors;
        foreach (var part in parts.AsSpan(1))
        {
            switch (part)
            {
                case "timers":
                    choices |= ScheduleChoices.Timers;
                    break;
                case "channels":
                    choices |= ScheduleChoices.Channels;
                    break;
                default:
                    return null;
            }
        }

        var words = parts[0].Split(':');
        var bound = 0;
        var takesBound = words[0] is "pct" or "delay" or "dfs";
        var isWellFormed = takesBound
            ? words.Length == 2 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out bound)
                && bound is >= 1 and <= LargestBound
            : words.Length == 1 && words[0] is "fifo" or "random";
        return isWellFormed ? new StrategySpec(words[0], bound, choices) : null;
    }

    /// <summary>Whether its runs do not depend on the seed, so that one tells as much as a thousand.</summary>
    public bool IsSeedless => Kind is "fifo" or "dfs";

    /// <summary>A strategy of this kind.</summary>
    /// <param name="expectedChoices">Choices a run makes, about.</param>
    public IInterleavingStrategy Create(int expectedChoices) => Kind switch
    {
        "random" => new SeededRandomStrategy(Choices),
        "pct" => new PctStrategy(Bound, expectedChoices, Choices),
        "delay" => new DelayBoundedStrategy(Bound, expectedChoices, Choices),
        "dfs" => new DepthFirstStrategy(Bound, Choices),
        _ => new PrescribedStrategy(new Dictionary<int, int>(), Choices),
    };

    /// <summary>As the user writes it.</summary>
    public override string ToString() =>
        Kind + (Bound > 0 ? ":" + Bound.ToString(CultureInfo.InvariantCulture) : "")
        + (Choices.HasFlag(ScheduleChoices.Timers) ? "+timers" : "")
        + (Choices.HasFlag(ScheduleChoices.Channels) ? "+channels" : "");
}
