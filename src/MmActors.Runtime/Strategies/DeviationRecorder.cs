namespace MmActors.Runtime.Strategies;

/// <summary>Lets another strategy decide and notes where it departs from first in, first out: the form in which
/// <see cref="PrescribedStrategy"/> repeats it. At a given moment it can stop deciding and let everything run on in order of
/// arrival.</summary>
/// <param name="inner">Who decides.</param>
public sealed class DeviationRecorder(IInterleavingStrategy inner) : IInterleavingStrategy
{
    private readonly FifoStrategy _fifo = new();
    private readonly List<KeyValuePair<int, int>> _deviations = [];
    private readonly List<(int Actor, int Timers)> _turns = [];
    private int _timers;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public ScheduleChoices Choices => inner.Choices;

    /// <summary>The departures of this run so far: number of the choice and index taken, in order.</summary>
    public IReadOnlyList<KeyValuePair<int, int>> Deviations => _deviations;

    /// <summary>Choices made so far in this run.</summary>
    public int Made { get; private set; }

    /// <summary>Whether turns are to be kept.</summary>
    public bool KeepsTurns { get; init; }

    /// <summary>Number of the actor of every turn so far, and the timers that were chosen since the turn before.</summary>
    public IReadOnlyList<(int Actor, int Timers)> Turns => _turns;

    /// <summary>From now on in order of arrival; until the next run begins.</summary>
    public bool IsFair { get; set; }

    /// <inheritdoc/>
    public void Begin(ulong seed)
    {
        _deviations.Clear();
        _turns.Clear();
        _timers = 0;
        Made = 0;
        IsFair = false;
        inner.Begin(seed);
    }

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        if (IsFair)
        {
            return _fifo.Pick(runnable);
        }

        var pick = inner.Pick(runnable);
        if (KeepsTurns)
        {
            NoteTurn(runnable[pick]);
        }

        if (runnable.Length > 1)
        {
            if (pick != _fifo.Pick(runnable))
            {
                _deviations.Add(new(Made, pick));
            }

            Made++;
        }

        return pick;
    }

    private void NoteTurn(in RunnableActor picked)
    {
        if (picked.IsTimer)
        {
            _timers++;
            return;
        }

        _turns.Add((picked.ActorId, _timers));
        _timers = 0;
    }
}
