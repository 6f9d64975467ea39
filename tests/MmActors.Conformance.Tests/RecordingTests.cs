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
    public void KH_28_KH_28a_and_KH_8a_limits_are_applied_as_recorded(string name, int ranges, int visits)
    {
        var recording = new Recording(name);
        (List<string> simulatedRanges, List<string> simulatedVisits, _) = recording.Simulate();
        Assert.Equal((ranges, visits), (recording.Ranges.Length, recording.Visits.Length));
        Assert.Equal(recording.Ranges, simulatedRanges);
        Assert.Equal(recording.Visits, simulatedVisits);
    }
}
