namespace MmActors.Experiments.Soaking;

/// <summary>Told how a soak goes. Whatever it does, it does not change the run.</summary>
public interface ISoakListener
{
    /// <summary>A slice is over: no message is on its way, so the run may be saved here.</summary>
    /// <param name="run">The run, standing still.</param>
    void AtRest(SoakRun run);

    /// <summary>A period is over; before <see cref="AtRest"/> of its last slice.</summary>
    /// <param name="period">Its row.</param>
    void Summarise(SoakPeriod period);
}
