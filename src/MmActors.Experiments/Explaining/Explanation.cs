using System.Collections.Immutable;

namespace MmActors.Experiments.Explaining;

/// <summary>One variant's answer.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Hash">Identity of its run.</param>
/// <param name="SimulatedSeconds">Where the run ended.</param>
/// <param name="Partial">Whether it was interrupted before its horizon.</param>
/// <param name="History">The facts.</param>
public sealed record Explanation(
    string Variant, string Hash, double SimulatedSeconds, bool Partial, RangeHistory History)
{
    /// <summary>The facts in words.</summary>
    public Narrative Narrative { get; } = Narrator.Tell(History);
}

/// <summary>Everything one <c>explain</c> has to say.</summary>
/// <param name="Scenario">Scenario name.</param>
/// <param name="Range">The range that was asked about.</param>
/// <param name="Seed">Seed of the runs.</param>
/// <param name="Version">Version of this program.</param>
/// <param name="Machine">Machine preset.</param>
/// <param name="Variants">One answer for each variant that ran.</param>
public sealed record ExplanationSet(
    string Scenario, RangeName Range, ulong Seed, string Version, string Machine, ImmutableArray<Explanation> Variants);
