namespace MmActors.Actors.Reclaim;

/// <summary>What a running conversation waits for before it goes on.</summary>
/// <param name="Inner">A nested function to run first, or null.</param>
/// <param name="Delay">Simulated time to pass, or zero: the answer to the request that was just sent.</param>
internal readonly record struct Wait(IEnumerator<Wait>? Inner, TimeSpan Delay)
{
    /// <summary>The answer to the one request under way.</summary>
    public static readonly Wait Answer = new(null, TimeSpan.Zero);

    /// <summary>Another function of the same conversation.</summary>
    public static Wait For(IEnumerator<Wait> inner) => new(inner, TimeSpan.Zero);

    /// <summary>Simulated time; none at all for a zero cost.</summary>
    public static Wait Nanoseconds(double nanoseconds) => new(null, WorldContext.Nanoseconds(Math.Max(100, nanoseconds)));
}

/// <summary>A kernel function that must ask other actors, written top-down: an iterator that sends a request and yields
/// <see cref="Wait.Answer"/>, or yields simulated time, or another such function. At most one request is under way. The
/// actor that owns the conversation hands it every message that is not one of its own.</summary>
/// <remarks>Not a thread and not a task: it runs inside the owner's message handler and stops where it yields, so every
/// message is still one step that the interleaving strategy can choose.</remarks>
/// <param name="after">How the owner sets a timer.</param>
internal sealed class Conversation(Action<TimeSpan, object> after)
{
    private readonly Stack<IEnumerator<Wait>> _frames = new();
    private object? _answer;
    private int _delays;

    /// <summary>Whether a function is running.</summary>
    public bool IsRunning => _frames.Count > 0;

    /// <summary>Runs a function until it first waits.</summary>
    public void Start(IEnumerator<Wait> body)
    {
        _frames.Push(body);
        Advance();
    }

    /// <summary>Goes on with the answer, or after a delay.</summary>
    public void Resume(object message)
    {
        if (message is Elapsed elapsed)
        {
            if (elapsed.Delay != _delays)
            {
                return;
            }
        }
        else
        {
            _answer = message;
        }

        Advance();
    }

    /// <summary>The answer that ended the last wait.</summary>
    public T Answer<T>() => _answer is T answer
        ? answer
        : throw new Model.Memory.InvariantException($"expected {typeof(T).Name}, got {_answer?.GetType().Name ?? "nothing"}");

    private void Advance()
    {
        while (_frames.TryPeek(out IEnumerator<Wait>? frame))
        {
            if (!frame.MoveNext())
            {
                _frames.Pop();
                continue;
            }

            if (frame.Current.Inner is { } inner)
            {
                _frames.Push(inner);
                continue;
            }

            if (frame.Current.Delay > TimeSpan.Zero)
            {
                after(frame.Current.Delay, new Elapsed(++_delays));
            }

            return;
        }
    }

    private sealed record Elapsed(int Delay);
}
