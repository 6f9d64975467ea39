using System.Collections.Immutable;
using MmActors.Model.Events;

namespace MmActors.Experiments.Explaining;

/// <summary>The episodes of one range in the making: rows of equal events become one.</summary>
internal sealed class EpisodeLog
{
    private readonly List<Episode> _episodes = [];

    /// <summary>What was added so far.</summary>
    public ImmutableArray<Episode> Episodes => [.. _episodes];

    /// <summary>The range as the latest event left it; null when nothing is known.</summary>
    public RangeImage? Image { get; private set; }

    /// <summary>Takes the image of an event that is no episode of its own.</summary>
    public void See(in KernelEvent seen) => Image = seen.Detail?.Image ?? Image;

    /// <summary>The name stands for another piece of memory from now on.</summary>
    public void Forget() => Image = null;

    /// <summary>Adds a scan.</summary>
    public void Add(ScanEpisode scan) => _episodes.Add(scan);

    /// <summary>Adds an event: to the row that the last episode is, when it goes on with it.</summary>
    public void Add(in KernelEvent next)
    {
        if (_episodes.Count == 0 || _episodes[^1] is not Happening last || Joined(last, next) is not { } joined)
        {
            _episodes.Add(new Happening(next, Image));
        }
        else
        {
            _episodes[^1] = joined;
        }

        See(next);
        _episodes[^1] = ((Happening)_episodes[^1]) with { After = Image };
    }

    private static Happening? Joined(Happening last, in KernelEvent next)
    {
        var kind = last.First.Kind;
        if (next.Kind == KernelEventKind.Faults && kind is (KernelEventKind.Touched or KernelEventKind.SwapIn))
        {
            return last with { Faults = last.Faults + next.Amount };
        }

        if (next.Kind == KernelEventKind.Faults && kind == KernelEventKind.Faults)
        {
            return last with { Amount = last.Amount + next.Amount, Last = next };
        }

        if (next.Kind is KernelEventKind.Populated or KernelEventKind.Touched && kind == KernelEventKind.Faults)
        {
            return new Happening(next, last.Before) { Faults = last.Amount };
        }

        return next.Kind == kind && MayRepeat(kind) && next.Flag == last.First.Flag
            ? last with
            {
                Last = next,
                Times = last.Times + 1,
                Amount = last.Amount + next.Amount,
                Extra = last.Extra + next.Extra,
                IsUniform = last.IsUniform && next.Amount == last.First.Amount,
            }
            : null;
    }

    private static bool MayRepeat(KernelEventKind kind) => kind is KernelEventKind.Touched or KernelEventKind.RandomReads
        or KernelEventKind.Aged or KernelEventKind.Reclaimed or KernelEventKind.SwapIn;
}
