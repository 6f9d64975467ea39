using Akka.Actor;

namespace MmActors.Runtime.Dispatch;

/// <summary>Vector clocks of the actors, kept only for strategies that choose among channels: they tell which messages in a
/// mailbox are independent of one another (Fidge, "Timestamps in Message-Passing Systems That Preserve the Partial Ordering",
/// 1988). A timer's message and one from outside have no clock: they only follow the earlier ones of their own sender.</summary>
internal sealed class CausalClocks
{
    private readonly Dictionary<IActorRef, int> _ids = new(ReferenceEqualityComparer.Instance);
    private int[][] _clocks = new int[16][];
    private int[]? _present;

    /// <summary>Clock that a message sent now carries; null outside of steps.</summary>
    public int[]? Present => _present;

    public void Clear()
    {
        _ids.Clear();
        Array.Clear(_clocks);
        _present = null;
    }

    public void Created(IActorRef owner, int id) => _ids[owner] = id;

    /// <summary>Number of a sender; −1 for somebody outside.</summary>
    public int IdOf(IActorRef? sender) => sender is not null && _ids.TryGetValue(sender, out var id) ? id : -1;

    /// <summary>An actor handles a message that carries this clock.</summary>
    public void BeginStep(int actor, int[]? message)
    {
        if (actor >= _clocks.Length)
        {
            Array.Resize(ref _clocks, Math.Max(actor + 1, 2 * _clocks.Length));
        }

        var own = _clocks[actor] ?? [];
        var clock = new int[Math.Max(Math.Max(own.Length, message?.Length ?? 0), actor + 1)];
        own.CopyTo(clock, 0);
        for (var index = 0; index < (message?.Length ?? 0); index++)
        {
            clock[index] = Math.Max(clock[index], message![index]);
        }

        clock[actor]++;
        _clocks[actor] = clock;
        _present = clock;
    }

    public void EndStep() => _present = null;

    /// <summary>Whether the sending of the first message may have caused that of the second.</summary>
    public static bool Precedes(int sender, int[]? first, int[]? second) => first is not null && second is not null
        && sender >= 0 && sender < second.Length && sender < first.Length && first[sender] <= second[sender];
}
