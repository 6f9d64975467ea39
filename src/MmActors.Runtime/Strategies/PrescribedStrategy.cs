namespace MmActors.Runtime.Strategies;

/// <summary>A written-down schedule: first in, first out, except at the choices that are listed. What a recording, a shrunk
/// failure and a replay file have in common.</summary>
/// <param name="deviations">Number of the choice (0, 1, …, counting only steps with more than one alternative) and the index
/// to take there.</param>
/// <param name="choices">What the schedule was made of.</param>
public sealed class PrescribedStrategy(IReadOnlyDictionary<int, int> deviations, ScheduleChoices choices)
    : IInterleavingStrategy
{
    private readonly FifoStrategy _fifo = new();
    private int _choice;

    /// <inheritdoc/>
    public string Name => "prescribed";

    /// <inheritdoc/>
    public ScheduleChoices Choices => choices;

    /// <summary>Choices made so far in this run.</summary>
    public int Made => _choice;

    /// <inheritdoc/>
    public void Begin(ulong seed) => _choice = 0;

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        if (runnable.Length == 1)
        {
            return 0;
        }

        var fifo = _fifo.Pick(runnable);
        return deviations.TryGetValue(_choice++, out var pick) ? Math.Min(pick, runnable.Length - 1) : fifo;
    }
}
