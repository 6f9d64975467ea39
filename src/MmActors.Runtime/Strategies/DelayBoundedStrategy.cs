namespace MmActors.Runtime.Strategies;

/// <summary>First in, first out, but at a few random moments the one whose turn it is has to wait until everybody else who is
/// runnable then has had a turn. Few delays reach most bugs of an otherwise fair order (Emmi, Qadeer and Rakamarić,
/// "Delay-Bounded Scheduling", POPL 2011).</summary>
/// <param name="delays">How many delays a run has.</param>
/// <param name="expectedChoices">Choices a run makes, about; the delays are spread over them.</param>
/// <param name="choices">What it chooses among. Whoever is delayed alone lets the next timer fire first.</param>
public sealed class DelayBoundedStrategy(int delays, int expectedChoices, ScheduleChoices choices = ScheduleChoices.Actors)
    : IInterleavingStrategy
{
    private readonly int[] _points = new int[delays];
    private readonly Dictionary<(int Actor, int Sender, long Ready), long> _delayed = [];
    private int _choice;

    /// <inheritdoc/>
    public string Name => $"delay:{delays}";

    /// <inheritdoc/>
    public ScheduleChoices Choices => choices;

    /// <inheritdoc/>
    public void Begin(ulong seed)
    {
        var random = new SeededRandom(seed);
        _delayed.Clear();
        _choice = 0;
        for (var index = 0; index < _points.Length; index++)
        {
            _points[index] = random.NextInt32(Math.Max(1, expectedChoices));
        }
    }

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        if (runnable.Length == 1)
        {
            return 0;
        }

        var first = First(runnable);
        foreach (var point in _points)
        {
            if (point == _choice && !runnable[first].IsTimer)
            {
                first = Delay(runnable, first);
            }
        }

        _choice++;
        return first;
    }

    private int Delay(ReadOnlySpan<RunnableActor> runnable, int delayed)
    {
        var last = -1L;
        var timer = -1;
        for (var index = 0; index < runnable.Length; index++)
        {
            if (runnable[index].IsTimer)
            {
                timer = index;
            }
            else if (index != delayed)
            {
                last = Math.Max(last, PlaceOf(runnable[index]));
            }
        }

        if (last < 0)
        {
            return timer; // alone: time passes once
        }

        _delayed[KeyOf(runnable[delayed])] = last + 1;
        return First(runnable);
    }

    private int First(ReadOnlySpan<RunnableActor> runnable)
    {
        var first = 0;
        for (var index = 1; index < runnable.Length; index++)
        {
            if (PlaceOf(runnable[index]) < PlaceOf(runnable[first]))
            {
                first = index;
            }
        }

        return first;
    }

    /// <summary>Doubled, so that a delayed one fits between two others.</summary>
    private long PlaceOf(in RunnableActor actor) =>
        _delayed.Count > 0 && _delayed.TryGetValue(KeyOf(actor), out var place) ? place : 2 * actor.ReadySequence;

    private static (int Actor, int Sender, long Ready) KeyOf(in RunnableActor actor) =>
        (actor.ActorId, actor.Sender, actor.ReadySequence);
}
