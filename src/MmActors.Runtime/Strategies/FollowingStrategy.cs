namespace MmActors.Runtime.Strategies;

/// <summary>Gives the turns of a recorded run, actor by actor, as far as a run that is not quite the same allows: whoever does not
/// exist there is left out, and a turn for which its actor has nothing to do is lost. Behind the last turn in order of arrival.
/// Where a written-down schedule names choices by number, and so means something else after the first choice that is gone, this
/// one still means the same order of the same actors.</summary>
/// <param name="turns">The turns.</param>
/// <param name="isExact">Whether timers fire where they did; else only where somebody whose turn it is waits for one.</param>
/// <param name="choices">What the recorded run chose among.</param>
public sealed class FollowingStrategy(IReadOnlyList<Turn> turns, bool isExact, ScheduleChoices choices) : IInterleavingStrategy
{
    private readonly FifoStrategy _fifo = new();
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _taken = [];
    private readonly Dictionary<int, int> _passed = [];
    private int _turn;
    private int _timers;
    private bool _isDue;
    private int _choice;

    /// <summary>First choice that is made in order of arrival nevertheless.</summary>
    public int FreeFrom { get; init; }

    /// <summary>Choice at which the turns are taken up again, without those that were had in the meantime.</summary>
    public int FreeTo { get; init; }

    /// <inheritdoc/>
    public string Name => "following";

    /// <inheritdoc/>
    public ScheduleChoices Choices => choices;

    /// <inheritdoc/>
    public void Begin(ulong seed)
    {
        _ids.Clear();
        _taken.Clear();
        _passed.Clear();
        (_turn, _timers, _isDue, _choice) = (0, 0, false, 0);
    }

    /// <summary>An actor of this run.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="path">Its path.</param>
    public void Meet(int id, string path) => _ids[path] = id;

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        var isFree = _choice >= FreeFrom && _choice < FreeTo;
        _choice += runnable.Length > 1 ? 1 : 0;
        var pick = isFree || runnable.Length == 1 ? _fifo.Pick(runnable) : Follow(runnable);
        if (!runnable[pick].IsTimer)
        {
            _taken[runnable[pick].ActorId] = _taken.GetValueOrDefault(runnable[pick].ActorId) + 1;
        }

        return pick;
    }

    private int Follow(ReadOnlySpan<RunnableActor> runnable)
    {
        var timer = runnable[^1].IsTimer ? runnable.Length - 1 : -1;
        for (; _turn < turns.Count; Pass())
        {
            Turn turn = turns[_turn];
            var id = IdOf(turn.Actor);
            if (id < 0 || _passed.GetValueOrDefault(id) < _taken.GetValueOrDefault(id))
            {
                continue; // nobody's, or one that its actor has already had
            }

            if (!_isDue)
            {
                _timers = isExact ? turn.Timers : _timers + turn.Timers + 1;
                _isDue = true;
            }

            var index = IndexOf(runnable, id);
            if (timer >= 0 && _timers > 0 && (isExact || index < 0))
            {
                _timers--;
                return timer;
            }

            if (index >= 0)
            {
                return index; // passed when it has been taken
            }

            _taken[id] = _taken.GetValueOrDefault(id) + 1; // lost
        }

        return _fifo.Pick(runnable);
    }

    private void Pass()
    {
        if (IdOf(turns[_turn].Actor) is var id and >= 0)
        {
            _passed[id] = _passed.GetValueOrDefault(id) + 1;
        }

        _turn++;
        _isDue = false;
    }

    /// <summary>Number of an actor; −1 for one that is not there, or not yet.</summary>
    private int IdOf(string path)
    {
        if (!_ids.TryGetValue(path, out var id))
        {
            id = Turn.SystemActor(path) ?? -1;
            if (id >= 0)
            {
                _ids[path] = id;
            }
        }

        return id;
    }

    private static int IndexOf(ReadOnlySpan<RunnableActor> runnable, int id)
    {
        for (var index = 0; index < runnable.Length; index++)
        {
            if (runnable[index].ActorId == id)
            {
                return index;
            }
        }

        return -1;
    }
}
