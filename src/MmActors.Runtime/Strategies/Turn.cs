using System.Globalization;

namespace MmActors.Runtime.Strategies;

/// <summary>One turn of a recorded run: who went, by name, so that it means something in a run with other actors.</summary>
/// <param name="Actor">Path of the actor.</param>
/// <param name="Timers">Timers that fired since the turn before although somebody was runnable.</param>
public readonly record struct Turn(string Actor, int Timers)
{
    private const char Mark = '#';

    /// <summary>What stands for an actor that was there before the run began: its number, which is the same in every run.</summary>
    public static string SystemActor(int id) => string.Create(CultureInfo.InvariantCulture, $"{Mark}{id}");

    /// <summary>Number of such an actor; null for one of the run's own.</summary>
    internal static int? SystemActor(string path) =>
        path.StartsWith(Mark) ? int.Parse(path.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture) : null;
}
