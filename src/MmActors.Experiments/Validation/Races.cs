using System.Collections.Immutable;

namespace MmActors.Experiments.Validation;

/// <summary>From when on a recording hangs on who was first at a page (RN-22): its own repeats would differ from there on.</summary>
internal static class Races
{
    /// <summary>The earliest moment at which somebody reclaimed during a pass of khugepaged, a task's fault reclaimed while another
    /// task was at its memory, or a scan gave up because pages were in the hands of an operation of the same role; null when
    /// there is none.</summary>
    public static TimeSpan? First(
        ImmutableArray<(TimeSpan Begin, TimeSpan End)> passes, ImmutableArray<(TimeSpan Time, RecordedRange Range)> ranges,
        ImmutableArray<RecordedRole> roles, List<TimeSpan> reclaim)
    {
        List<(string Role, RecordedOp Op)> ops = [.. roles.SelectMany(static role => RecordedRunReader.Flatten(role.Ops)
            .Where(static op => op.Op.ChangesMemory).Select(op => (role.Name, op)))];
        IEnumerable<TimeSpan> duringPass = reclaim.Where(time => passes.Any(pass => pass.Begin <= time && time <= pass.End)).Take(1);
        IEnumerable<TimeSpan> duringFaults = reclaim.Where(time => AtMemory(ops, time).Distinct().Skip(1).Any()).Take(1);
        IEnumerable<TimeSpan> held = ranges
            .Where(line => IsHeld(line.Range.Status) && AtMemory(ops, line.Time).Contains(line.Range.Role)).Select(static line => line.Time).Take(1);
        TimeSpan first = duringPass.Concat(duringFaults).Concat(held).DefaultIfEmpty(TimeSpan.MaxValue).Min();
        return first == TimeSpan.MaxValue ? null : first;
    }

    /// <summary>What a scan says of a page that somebody has isolated, locked or in a batch.</summary>
    private static bool IsHeld(string status) => status is "page_not_in_lru" or "page_locked" or "not_suitable_page_count";

    /// <summary>Roles that were faulting or changing their mappings; a write to a file is nobody's.</summary>
    private static IEnumerable<string> AtMemory(List<(string Role, RecordedOp Op)> ops, TimeSpan time) => ops
        .Where(entry => entry.Op.Op.Name != "sysw" && entry.Op.Start <= time && (entry.Op.End is null || time <= entry.Op.End))
        .Select(static entry => entry.Role);
}
