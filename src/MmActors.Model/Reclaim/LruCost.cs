namespace MmActors.Model.Reclaim;

/// <summary>What reclaim has lately paid for each type of a memcg's lists (anon_cost and file_cost of its lruvec): the
/// dearer type gets the smaller share (RC-16f). The caller notes the same in every ancestor, each with that ancestor's
/// own list sizes (RC-39). Nothing resets the two.</summary>
public sealed class LruCost
{
    /// <summary>anon_cost, in pages rotated; one page of I/O weighs 32 of them.</summary>
    public long Anon { get; private set; }

    /// <summary>file_cost, in pages rotated; one page of I/O weighs 32 of them.</summary>
    public long File { get; private set; }

    /// <summary>RC-39: an inactive round that took at least one page. A round that took none is not noted.</summary>
    /// <param name="file">Whether the round was one of a file list.</param>
    /// <param name="pagesToPageout">Pages handed to pageout, zero-filled ones included.</param>
    /// <param name="scannedMinusReclaimed">Pages scanned that the group still has.</param>
    /// <param name="stalePages">Flushed size of the four lists (RC-16g).</param>
    public void NoteRound(bool file, long pagesToPageout, long scannedMinusReclaimed, long stalePages) =>
        Note(file, (ReclaimLimits.SwapClusterMax * pagesToPageout) + scannedMinusReclaimed, stalePages);

    /// <summary>RC-39: a folio that was active before it was evicted is read back.</summary>
    /// <param name="file">Whether it returns to a file list.</param>
    /// <param name="pages">Its pages.</param>
    /// <param name="stalePages">Flushed size of the four lists (RC-16g).</param>
    public void NoteRefault(bool file, long pages, long stalePages) =>
        Note(file, ReclaimLimits.SwapClusterMax * pages, stalePages);

    private void Note(bool file, long cost, long stalePages)
    {
        if (file)
        {
            File += cost;
        }
        else
        {
            Anon += cost;
        }

        if (Anon + File > stalePages / 4)
        {
            Anon /= 2;
            File /= 2;
        }
    }
}
