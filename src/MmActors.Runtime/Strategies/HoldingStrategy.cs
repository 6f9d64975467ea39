namespace MmActors.Runtime.Strategies;

/// <summary>Somebody who is made to wait, as if preempted with a message in hand.</summary>
/// <param name="From">Number of the choice at which the wait begins.</param>
/// <param name="Whom">Place among those runnable then; counted round if there are fewer.</param>
/// <param name="Choices">Choices for which it lasts.</param>
public readonly record struct Hold(int From, int Whom, int Choices);

/// <summary>First in, first out, but a few are made to wait for a while. Most races need one or two preemptions at the right
/// places and nothing else (Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded
/// Programs", PLDI 2007), so in a small run they can be tried one after the other.</summary>
/// <param name="holds">Who waits when.</param>
/// <param name="choices">What it chooses among. Where only those who wait could go, the next timer fires first.</param>
public sealed class HoldingStrategy(IReadOnlyList<Hold> holds, ScheduleChoices choices) : IInterleavingStrategy
{
    private readonly int[] _held = new int[holds.Count];
    private int _choice;

    /// <inheritdoc/>
    public string Name => "holding";

    /// <inheritdoc/>
    public ScheduleChoices Choices => choices;

    /// <inheritdoc/>
    public void Begin(ulong seed)
    {
        Array.Fill(_held, -1);
        _choice = 0;
    }

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable)
    {
        if (runnable.Length == 1)
        {
            return 0;
        }

        for (var index = 0; index < _held.Length; index++)
        {
            Hold hold = holds[index];
            if (_choice == hold.From)
            {
                _held[index] = runnable[hold.Whom % runnable.Length].ActorId;
            }
            else if (_choice == hold.From + hold.Choices)
            {
                _held[index] = -1;
            }
        }

        _choice++;
        return First(runnable);
    }

    private int First(ReadOnlySpan<RunnableActor> runnable)
    {
        var first = -1;
        var least = long.MaxValue;
        for (var index = 0; index < runnable.Length; index++)
        {
            // whoever waits comes behind everybody, the timer among them
            var place = runnable[index].ReadySequence + (_held.AsSpan().Contains(runnable[index].ActorId) ? long.MaxValue >> 1 : 0);
            if (place < least)
            {
                (first, least) = (index, place);
            }
        }

        return first;
    }
}
