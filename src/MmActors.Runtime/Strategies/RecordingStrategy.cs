namespace MmActors.Runtime.Strategies;

/// <summary>Lets another strategy decide and keeps the answers, so that the schedule can be replayed or shrunk. Forced
/// picks, with one runnable actor, carry no information and are left out.</summary>
public sealed class RecordingStrategy(IInterleavingStrategy inner) : IInterleavingStrategy
{
    private readonly List<int> _picks = [];

    /// <summary>The index chosen at each step that had a choice, in order.</summary>
    public IReadOnlyList<int> Picks => _picks;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public ScheduleChoices Choices => inner.Choices;

    /// <inheritdoc/>
    public void Begin(ulong seed)
    {
        _picks.Clear();
        inner.Begin(seed);
    }

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        var pick = inner.Pick(runnable);
        if (runnable.Length > 1)
        {
            _picks.Add(pick);
        }

        return pick;
    }
}
