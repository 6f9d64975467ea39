namespace MmActors.Experiments.Populations.Programs;

/// <summary>A task that holds much and hardly ever looks at any of it: what reclaim is for.</summary>
internal sealed class IdleProgram(ProgramTraits traits) : DrawnProgram(traits)
{
    /// <inheritdoc/>
    protected override void DrawRound(TimeSpan now) => Read(Random.NextBelow(Ranges), ActiveRanges);
}
