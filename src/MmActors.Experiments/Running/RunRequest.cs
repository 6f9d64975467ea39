using System.Collections.Immutable;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Events;
using MmActors.Model.Settings;
using MmActors.Runtime;
using MmActors.Tracing;

namespace MmActors.Experiments.Running;

/// <summary>How the dTLB of user tasks is modelled.</summary>
public enum TlbModel
{
    /// <summary>The analytic reach model CM-3.</summary>
    Reach,
    /// <summary>An exact set-associative LRU TLB that simulates every access.</summary>
    Exact,
}

/// <summary>A run whose actors are at work at the same time, on real threads.</summary>
/// <param name="Pace">Simulated seconds a wall second may hold; null for as many as the machine manages.</param>
/// <param name="AuditInterval">Simulated time between two full audits.</param>
public sealed record ConcurrentChoice(double? Pace, TimeSpan AuditInterval);

/// <summary>One variant to run.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Variant">Which of its variants.</param>
/// <param name="Machine">The machine preset.</param>
/// <param name="Seed">Seed of every random stream of the run.</param>
/// <param name="Tlb">TLB model.</param>
public sealed record RunRequest(
    Scenario Scenario, Variant Variant, MachinePreset Machine, ulong Seed, TlbModel Tlb)
{
    /// <summary>Told every event of the run, and the details of the ranges they follow; they do not change the run.</summary>
    public ImmutableArray<IKernelEventSink> Followers { get; init; } = [];

    /// <summary>Takes down what a report draws, or null; it does not change the run.</summary>
    public RunRecorder? Recorder { get; init; }

    /// <summary>Told every event, and shown the world at the intervals they ask for; they do not change the run.</summary>
    public ImmutableArray<IRunObserver> Observers { get; init; } = [];

    /// <summary>How the actors run at the same time; null where they run one after the other, in an order that can be repeated.</summary>
    public ConcurrentChoice? Concurrent { get; init; }

    /// <summary>Takes what the actors log; null where nobody reads it.</summary>
    public SimLog? Log { get; init; }
}
