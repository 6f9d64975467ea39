using System.Collections.Immutable;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Programs;

namespace MmActors.Experiments.Explaining;

/// <summary>A time during which the range was huge.</summary>
/// <param name="Start">When a collapse, a page fault or a fork made it so.</param>
/// <param name="End">When it ceased to be; null when it did not while its task lived.</param>
/// <param name="Cause">What ended it.</param>
internal sealed record HugeSpan(TimeSpan Start, TimeSpan? End, Happening? Cause)
{
    /// <summary>The spans of a history, in order.</summary>
    public static ImmutableArray<HugeSpan> Of(RangeHistory history)
    {
        var spans = ImmutableArray.CreateBuilder<HugeSpan>();
        TimeSpan? start = null;
        foreach (var episode in history.Episodes)
        {
            if (episode is ScanEpisode scan)
            {
                start ??= scan.Status == ScanResult.Succeed || scan.Image.State == PmdState.Huge ? scan.Time : null;
                continue;
            }

            var happening = (Happening)episode;
            if (happening.Before?.State == PmdState.Huge)
            {
                start ??= happening.Time;
            }

            if (start is { } began && (happening.First.Kind == KernelEventKind.TaskExit || Ends(happening)))
            {
                var exits = happening.First.Kind == KernelEventKind.TaskExit;
                spans.Add(new HugeSpan(began, happening.Time, exits ? null : happening));
                start = null;
            }
            else if (happening.After?.State == PmdState.Huge)
            {
                start ??= happening.Time;
            }
        }

        if (start is { } open)
        {
            spans.Add(new HugeSpan(open, null, null));
        }

        return spans.ToImmutable();
    }

    /// <summary>The cause in a few words.</summary>
    public string Why => Cause switch
    {
        null => "its task exited",
        { First: { Kind: KernelEventKind.Split, Flag: true } } => "the deferred split shrinker split it",
        { First.Kind: KernelEventKind.Split } => "reclaim split it",
        { First.Kind: KernelEventKind.Reclaimed, Amount: > 0 } => "reclaim swapped it out",
        { First.Kind: KernelEventKind.Reclaimed } => "reclaim discarded it",
        { First: { Kind: KernelEventKind.Unmapped, Flag: true } } => "the OOM killer reaped it",
        { First.Kind: KernelEventKind.Unmapped } => "it was unmapped",
        { First.Kind: KernelEventKind.Protected } => "an mprotect split it",
        { First.Kind: KernelEventKind.Advised } => $"a MADV_{Word((Advice)Cause.First.Extra)} split it",
        _ => "a page fault split it",
    };

    private static bool Ends(Happening happening) =>
        happening is { Before.State: PmdState.Huge, After.State: not PmdState.Huge };

    private static string Word(Advice advice) => advice switch
    {
        Advice.Free => "FREE",
        Advice.DontNeed => "DONTNEED",
        Advice.PageOut => "PAGEOUT",
        Advice.Cold => "COLD",
        Advice.HugePage => "HUGEPAGE",
        _ => "NOHUGEPAGE",
    };
}
