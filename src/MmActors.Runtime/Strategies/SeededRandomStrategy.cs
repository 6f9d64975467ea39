namespace MmActors.Runtime.Strategies;

/// <summary>Every runnable actor is equally likely at every step: a random walk through the schedules. Finds shallow
/// ordering bugs quickly and deep ones practically never (Burckhardt et al., "A Randomized Scheduler with Probabilistic
/// Guarantees of Finding Bugs", ASPLOS 2010, section 1).</summary>
/// <param name="choices">What it chooses among.</param>
public sealed class SeededRandomStrategy(ScheduleChoices choices = ScheduleChoices.Actors) : IInterleavingStrategy
{
    private SeededRandom _random = new(0);

    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public ScheduleChoices Choices => choices;

    /// <inheritdoc/>
    public void Begin(ulong seed) => _random = new SeededRandom(seed);

    /// <inheritdoc/>
    public int Pick(ReadOnlySpan<RunnableActor> runnable) =>
        runnable.Length == 1 ? 0 : _random.NextInt32(runnable.Length);
}
