using MmActors.Runtime.Strategies;

namespace MmActors.Runtime;

/// <summary>Everything that determines a run, apart from the actors in it.</summary>
public sealed record SimSettings
{
    /// <summary>Finite so that a livelock ends, and beyond any honest run: at 120 ns a step, four minutes.</summary>
    public const long DefaultStepLimit = 2_000_000_000;

    /// <summary>Name of the actor system; it appears in no trace.</summary>
    public string Name { get; init; } = "sim";

    /// <summary>Handed to the strategy at the start of the run; the same seed gives the same schedule.</summary>
    public ulong Seed { get; init; }

    /// <summary>Decides which runnable actor goes next; first in, first out when null. An instance keeps the state of one
    /// run, so no two live simulations may share one.</summary>
    public IInterleavingStrategy? Strategy { get; init; }

    /// <summary>Steps after which the run returns <see cref="RunOutcome.StepLimit"/>.</summary>
    public long StepLimit { get; init; } = DefaultStepLimit;

    /// <summary>Keep a <see cref="Tracing.TraceLog"/> of every delivery.</summary>
    public bool Trace { get; init; }

    /// <summary>Also receives the bytes of the trace, for comparing two runs byte by byte; null to keep only the hash.</summary>
    public Stream? TraceCopy { get; init; }

    /// <summary>Takes what actors log, for as long as the system lives; null where nobody reads it.</summary>
    public SimLog? Log { get; init; }

    /// <summary>Called after every step, between two: for checks, and for whoever sends something in from outside. What it
    /// throws fails the run.</summary>
    public Action? AfterStep { get; init; }

    /// <summary>Told of every message as it is handled: receiver, sender (null for nobody) and message.</summary>
    public Action<string, string?, object>? Deliveries { get; init; }

    /// <summary>Told of every actor when it is created: its number, as strategies are shown it, and its path.</summary>
    public Action<int, string>? Created { get; init; }

    /// <summary>What an exception in an actor means.</summary>
    public ActorFailurePolicy FailurePolicy { get; init; }
}
