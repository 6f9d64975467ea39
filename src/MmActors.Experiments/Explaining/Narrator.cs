using System.Collections.Immutable;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Experiments.Explaining;

/// <summary>A told history.</summary>
/// <param name="Headline">What became of the range, in a sentence.</param>
/// <param name="Lines">Its episodes in order of time.</param>
/// <param name="Conclusions">Why it came so, and what would change it.</param>
public sealed record Narrative(
    string Headline, ImmutableArray<NarrativeLine> Lines, ImmutableArray<string> Conclusions);

/// <summary>One episode in words.</summary>
/// <param name="Episode">The facts.</param>
/// <param name="Text">The sentence.</param>
public sealed record NarrativeLine(Episode Episode, string Text);

/// <summary>Turns a history into sentences: a pure function of recorded facts, each sentence with its rule.</summary>
public static class Narrator
{
    /// <summary>Tells a history.</summary>
    public static Narrative Tell(RangeHistory history) => new(
        Headlines.Of(history),
        [.. history.Episodes.Select(episode => new NarrativeLine(episode, episode is ScanEpisode scan
            ? ScanSentences.Of(scan, history.Switches)
            : HappeningSentences.Of((Happening)episode, history)))],
        [.. Conclusions.Of(history)]);

    /// <summary>Whether a page fault or a fork made the range huge.</summary>
    internal static Happening? FirstHugeFault(RangeHistory history) => history.Episodes.OfType<Happening>()
        .FirstOrDefault(static happening => happening.First is { Kind: KernelEventKind.ThpFault, Flag: true });

    /// <summary>Scans that ended in something else than a huge page.</summary>
    internal static IEnumerable<ScanEpisode> Failures(RangeHistory history) =>
        history.Scans.Where(static scan => scan.Status is not (ScanResult.Succeed or ScanResult.PmdMapped));
}
