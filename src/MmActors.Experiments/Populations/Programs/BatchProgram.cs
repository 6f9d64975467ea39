namespace MmActors.Experiments.Populations.Programs;

/// <summary>A job: goes over its data piece by piece, reads one and writes its results into the next, and ends.</summary>
internal sealed class BatchProgram(ProgramTraits traits) : DrawnProgram(traits)
{
    private int _position;

    /// <inheritdoc/>
    protected override void DrawRound(TimeSpan now)
    {
        Read(_position, ActiveRanges);
        Write(_position + ActiveRanges, Math.Max(1, ActiveRanges / 2));
        _position = (_position + ActiveRanges) % Ranges;
    }
}
