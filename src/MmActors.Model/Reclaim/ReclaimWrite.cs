using MmActors.Model.Coverage;

namespace MmActors.Model.Reclaim;

/// <summary>One write to memory.reclaim: memcg reclaim calls until the pages asked for are found or too many calls found
/// none (RC-40).</summary>
/// <param name="pages">Bytes of the request / 4096. 0 is done before the first call.</param>
public sealed class ReclaimWrite(long pages)
{
    /// <summary>A call aims at this part of what is missing.</summary>
    private const int GoalDivisor = 4;

    private readonly long _pages = pages;
    private int _zeroCalls;

    /// <summary>The write returns: the request is met, or <see cref="Failed"/>.</summary>
    public bool IsDone => Failed || Reclaimed >= _pages;

    /// <summary>EAGAIN: the 17th call of the write that found nothing. Calls between them that found something do not
    /// count them back.</summary>
    public bool Failed => _zeroCalls > ReclaimLimits.MaxReclaimRetries;

    /// <summary>Pages of all calls, what they overshot included.</summary>
    public long Reclaimed { get; private set; }

    /// <summary>Pages the next call aims at: a quarter of what is missing, at least 32.</summary>
    public long NextGoal => ReclaimLimits.GoalFor((_pages - Reclaimed) / GoalDivisor);

    /// <summary>The next call is fatal if it finds nothing: before it the batches of all CPUs are drained.</summary>
    public bool IsLastRetry => _zeroCalls == ReclaimLimits.MaxReclaimRetries;

    /// <summary>Counts one complete call, all its passes (RC-20).</summary>
    /// <param name="reclaimedByCall">Pages the call found.</param>
    public void Add(long reclaimedByCall)
    {
        Reclaimed += reclaimedByCall;
        if (reclaimedByCall == 0)
        {
            _zeroCalls++;
        }

        CoverageMarks.HitIf(Failed, ReclaimMark.WriteFails);
        CoverageMarks.HitIf(!Failed && IsDone, ReclaimMark.WriteMet);
    }
}
