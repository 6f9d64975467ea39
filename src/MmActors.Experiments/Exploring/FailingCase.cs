using System.Collections.Immutable;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>A case that has just gone wrong again.</summary>
/// <param name="Case">The case, with the departures that were really made.</param>
/// <param name="Messages">Messages until then.</param>
/// <param name="Choices">Choices until then.</param>
/// <param name="Turns">Whose turn it was.</param>
internal sealed record FailingCase(ReplayCase Case, long Messages, int Choices, ImmutableArray<Turn> Turns)
{
    /// <summary>A departure from order of arrival is as hard to follow as so many messages in order.</summary>
    private const int MessagesPerDeparture = 8;

    /// <summary>What whoever reads the schedule has to follow.</summary>
    public long Weight => Messages + (MessagesPerDeparture * (long)Case.Deviations.Count);
}
