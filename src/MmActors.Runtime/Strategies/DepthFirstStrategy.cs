namespace MmActors.Runtime.Strategies;

/// <summary>Tries every schedule, one per run: the first choices are counted through like the digits of a number, what comes
/// after a bound is first in, first out. For tiny programs only: the runs grow with the number of alternatives to the power
/// of the bound (Godefroid, "Model Checking for Programming Languages using VeriSoft", POPL 1997: a search without stored
/// states).</summary>
/// <param name="bound">Choices that are varied.</param>
/// <param name="choices">What it chooses among.</param>
public sealed class DepthFirstStrategy(int bound, ScheduleChoices choices = ScheduleChoices.Actors) : IInterleavingStrategy
{
    private readonly List<(int Pick, int Alternatives)> _path = [];
    private readonly FifoStrategy _rest = new();
    private int _depth;
    private bool _hasBegun;

    /// <inheritdoc/>
    public string Name => $"dfs:{bound}";

    /// <inheritdoc/>
    public ScheduleChoices Choices => choices;

    /// <summary>Whether the last run was the last there is.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Choice points met so far, each counted once: inner nodes of the tree of schedules.</summary>
    public long States { get; private set; }

    /// <summary>Moves on to the next schedule; the seed means nothing here.</summary>
    public void Begin(ulong seed)
    {
        if (_hasBegun)
        {
            Advance();
        }

        _hasBegun = true;
        _depth = 0;
    }

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        if (runnable.Length == 1)
        {
            return 0;
        }

        if (_depth >= bound)
        {
            return _rest.Pick(runnable);
        }

        if (_depth == _path.Count)
        {
            _path.Add((0, runnable.Length));
            States++;
        }

        return _path[_depth++].Pick;
    }

    /// <summary>Whether another schedule is left after the present one.</summary>
    public bool HasMore => _path.Exists(static choice => choice.Pick + 1 < choice.Alternatives);

    private void Advance()
    {
        while (_path.Count > 0 && _path[^1].Pick + 1 == _path[^1].Alternatives)
        {
            _path.RemoveAt(_path.Count - 1);
        }

        IsExhausted = _path.Count == 0;
        if (!IsExhausted)
        {
            _path[^1] = (_path[^1].Pick + 1, _path[^1].Alternatives);
        }
    }
}
