using MmActors.Runtime.Dispatch;
using MmActors.Runtime.Strategies;
using MmActors.Runtime.Tracing;

namespace MmActors.Runtime.Checkpoints;

/// <summary>What a kernel at rest consists of: no message is on its way, so nothing else is.</summary>
internal sealed record KernelState
{
    public required long NowTicks { get; init; }

    public required long Steps { get; init; }

    public required long TimersFired { get; init; }

    public required int NextId { get; init; }

    public required TimerHeap Timers { get; init; }

    public required ReadySet Ready { get; init; }

    public required IInterleavingStrategy Strategy { get; init; }

    public required CausalClocks? Causes { get; init; }

    public required TraceLog? Trace { get; init; }
}

/// <summary>An actor as it is to be created again.</summary>
/// <param name="Path">Its path, without the address.</param>
/// <param name="Id">Number of its mailbox, in order of creation.</param>
/// <param name="Actor">Its instance.</param>
internal sealed record ActorState(string Path, int Id, RestorableActor Actor);

/// <summary>A whole run.</summary>
/// <param name="Kernel">The clock, the timers and what else the kernel keeps.</param>
/// <param name="Root">What the caller wants to find again.</param>
/// <param name="Actors">The living actors, parents before children.</param>
internal sealed record RunState(KernelState Kernel, object Root, ActorState[] Actors);
