namespace MmActors.Conformance.Tests;

/// <summary>The simulator against recordings of Linux 6.12.117 (khugepaged only; none of these runs reclaims memory before
/// its last scan). Every line must be equal: which range, which status, every number of the trace line, the cost of every
/// VISIT and what was left of the budget before it.</summary>
public class RecordingTests
{
    /// <summary>Three tasks of 128 MiB at default tunables, about 150 s. The recording's memset is slow by emulation, so it
    /// ends one pass earlier: everything it recorded must match, and the simulator goes on.</summary>
    [Theory]
    [InlineData("A-baseline", 120, 72)]
    [InlineData("A-skip", 120, 72)]
    [InlineData("A-refine", 120, 72)]
    [InlineData("A-both", 184, 122)]
    [InlineData("A-coldfirst-baseline", 120, 72)]
    [InlineData("A-coldfirst-skip", 120, 72)]
    public void KH_53_and_KH_54_hot_cold_hot_is_scanned_as_recorded(string name, int ranges, int visits)
    {
        var recording = new Recording(name);
        (List<string> simulatedRanges, List<string> simulatedVisits, _) = recording.Simulate();
        Assert.Equal((ranges, visits), (recording.Ranges.Length, recording.Visits.Length));
        Assert.Equal(recording.Ranges, simulatedRanges.Take(ranges));
        Assert.Equal(recording.Visits, simulatedVisits.Take(visits));
        Assert.Equal(ranges + 8, simulatedRanges.Count);
    }

    /// <summary>max_ptes_none and max_ptes_shared at several values: zero pages, holes, fork and copy on write; and THPs made
    /// by fault (whose first pass sees the range still unmapped, KH-8a) and by collapse.</summary>
    [Theory]
    [InlineData("G-max_ptes_none-0", 80, 6)]
    [InlineData("G-max_ptes_none-1", 80, 8)]
    [InlineData("G-max_ptes_none-511", 80, 22)]
    [InlineData("G-max_ptes_shared-0", 49, 13)]
    [InlineData("G-max_ptes_shared-256", 49, 13)]
    [InlineData("F-none511-dropcaches", 110, 16)]
    [InlineData("F-none409-dropcaches", 110, 16)]
    [InlineData("F-none64-dropcaches", 110, 16)]
    public void KH_28_KH_28a_and_KH_8a_limits_are_applied_as_recorded(string name, int ranges, int visits)
    {
        var recording = new Recording(name);
        (List<string> simulatedRanges, List<string> simulatedVisits, _) = recording.Simulate();
        Assert.Equal((ranges, visits), (recording.Ranges.Length, recording.Visits.Length));
        Assert.Equal(recording.Ranges, simulatedRanges);
        Assert.Equal(recording.Visits, simulatedVisits);
    }

    /// <summary>Runs in which memory is reclaimed, swapped, dropped, limited or shared: every range is scanned with the
    /// recorded status and numbers.</summary>
    [Theory]
    [InlineData("C-baseline-noswap", 80)]
    [InlineData("C-baseline-swap", 80)]
    [InlineData("C-skip-swap", 80)]
    [InlineData("D-baseline", 48)]
    [InlineData("D-refine", 88)]
    [InlineData("D-skip", 48)]
    [InlineData("E-none-baseline-noswap", 160)]
    [InlineData("E-read1-baseline-noswap", 112)]
    [InlineData("E-read1-baseline-swap", 160)]
    [InlineData("E-read1-skip-swap", 160)]
    [InlineData("E-write1-baseline-noswap", 112)]
    [InlineData("E-write1-baseline-noswap-none409", 112)]
    [InlineData("E-write1-skip-noswap-none409", 160)]
    [InlineData("E-write1-skip-noswap-rep2", 112)]
    [InlineData("E-write1-skip-swap-none409", 160)]
    [InlineData("F-none409-reclaim-noswap", 110)]
    [InlineData("F-none409-reclaim-swap", 110)]
    [InlineData("F-none511-reclaim-noswap", 110)]
    [InlineData("F-none511-reclaim-swap", 110)]
    [InlineData("F-none64-reclaim-swap", 110)]
    [InlineData("F3-dequeue-409-then-409", 4)]
    [InlineData("G-max_ptes_swap-0", 50)]
    [InlineData("G-max_ptes_swap-64", 50)]
    [InlineData("G-max_ptes_swap-64-virtio", 50)]
    [InlineData("H-baseline", 51)]
    [InlineData("I-baseline", 80)]
    [InlineData("I-skip", 80)]
    [InlineData("M-partially-mapped-noswap", 30)]
    [InlineData("O-memcglimit-anon-noswap", 32)]
    [InlineData("O-memcglimit-lazyfree-noswap", 32)]
    [InlineData("Q-fork-lazyfree-baseline", 36)]
    public void KH_29b_and_KH_33a_ranges_are_scanned_as_recorded_under_reclaim(string name, int ranges)
    {
        var recording = new Recording(name);
        SimulatedRun run = recording.Simulate();
        Assert.Equal(ranges, recording.Ranges.Length);
        Assert.Equal(recording.Ranges, run.Ranges.Take(ranges));
        Assert.Equal(recording.Visits, run.Visits.Take(recording.Visits.Length));
    }

    /// <summary>Runs whose recording took another turn at some point, because an operation took longer there (RN-17), a
    /// huge fault won its race (KH-8a), or a request overlapped a scan (RN-22): so many ranges
    /// agree before. The numbers only go up.</summary>
    [Theory]
    [InlineData("B-pts1024-baseline", 44)]
    [InlineData("B-pts1024-both", 312)]
    [InlineData("B-pts1024-both-rep2", 312)]
    [InlineData("B-pts1024-refine", 72)]
    [InlineData("B-pts1024-skip", 44)]
    [InlineData("B-pts512-refine", 22)]
    [InlineData("B-pts512-skip", 22)]
    [InlineData("B2-coldfirst-baseline", 30)]
    [InlineData("B2-coldfirst-refine", 32)]
    [InlineData("E-write1-baseline-swap", 68)]
    [InlineData("E-write1-skip-noswap", 92)]
    [InlineData("E-write1-skip-swap", 92)]
    [InlineData("J-pts1000-both", 27)]
    [InlineData("J-pts4096-baseline", 92)]
    [InlineData("R-mixed-baseline", 104)]
    [InlineData("R-mixed-baseline-none409", 83)]
    [InlineData("R-mixed-both", 275)]
    public void RN_17_ranges_agree_up_to_where_timing_decides(string name, int atLeast)
    {
        var recording = new Recording(name);
        List<string> simulated = recording.Simulate().Ranges;
        int agree = recording.Ranges.Zip(simulated).TakeWhile(static pair => pair.First == pair.Second).Count();
        Assert.True(agree >= atLeast, $"{name}: {agree} of {recording.Ranges.Length} ranges agree, there were {atLeast}");
    }
}
