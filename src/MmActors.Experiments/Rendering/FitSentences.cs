using MmActors.Experiments.Results;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Units;

namespace MmActors.Experiments.Rendering;

/// <summary>Says which constants were fitted to which published numbers, and how far the predictions are off. Every
/// sentence is chosen by comparing the preset and the run with the publication, never assumed.</summary>
internal static class FitSentences
{
    private const double GoodReproduction = 0.05;

    /// <summary>Origin of the constants of one machine preset.</summary>
    public static IEnumerable<string> Constants(
        PublishedComparison published, PublishedMachine machine, long reads, int ranges, bool exactTlb)
    {
        var preset = machine.Machine;
        if (PublishedFit.Cycles(machine, reads) is { } cycles)
        {
            var values = $"base {Figures.Fixed(preset.BaseCycles, 2)} and penalty "
                + $"{Figures.Fixed(preset.MissPenaltyCycles, 2)} cycles";
            yield return PublishedFit.Agrees(preset.BaseCycles, cycles.Base)
                    && PublishedFit.Agrees(preset.MissPenaltyCycles, cycles.Penalty)
                ? $"Fitted: {values}, to the cycles of both columns of this machine (CM-1: two points, no residual)."
                : $"Not fitted: {values} are the preset's own; the published columns would give "
                    + $"{Figures.Fixed(cycles.Base, 2)} and {Figures.Fixed(cycles.Penalty, 2)} (CM-1).";
        }

        if (PublishedFit.Elapsed(published.Rows, reads) is { } elapsed)
        {
            var values = $"F = {Figures.Fixed(preset.FixedNsPerAccess, 2)} ns of other work per access and "
                + $"f = {Figures.Fixed(preset.ClockGhz, 2)} GHz";
            yield return PublishedFit.Agrees(preset.FixedNsPerAccess, elapsed.FixedNs)
                    && PublishedFit.Agrees(preset.ClockGhz, elapsed.Ghz)
                ? $"Fitted: {values}, to the {published.Rows.Length * 2} published elapsed times jointly (CM-2)."
                : $"Not fitted: {values} are the preset's own; the published elapsed times would give "
                    + $"{Figures.Fixed(elapsed.FixedNs, 2)} ns and {Figures.Fixed(elapsed.Ghz, 2)} GHz (CM-2).";
        }

        var pages = (long)ranges * Geometry.PtesPerTable;
        var reach = PublishedFit.Reach(machine.Without, reads, pages);
        if (exactTlb)
        {
            yield return "Not fitted: the misses are those of the exact TLB; the published misses of 'without' would need a "
                + $"reach of {Figures.Count((long)Math.Round(reach))} entries (CM-3).";
            yield break;
        }

        yield return PublishedFit.Agrees(preset.TlbReachEntries, reach)
            ? $"Fitted: TLB reach E = {Figures.Count(preset.TlbReachEntries)} entries, to the misses of 'without' on "
                + "this machine (CM-3)."
            : $"Not fitted: TLB reach E = {Figures.Count(preset.TlbReachEntries)} entries; the published misses of "
                + $"'without' would need {Figures.Count((long)Math.Round(reach))} (CM-3).";
    }

    /// <summary>How well "without" comes out, and that this proves little.</summary>
    public static string Without(PublishedMachine machine, MeasuredAccess measured, bool exactTlb)
    {
        var worst = new[]
        {
            measured.ElapsedSeconds / machine.Without.ElapsedSeconds,
            measured.CyclesPerAccess / machine.Without.CyclesPerAccess,
            (double)measured.DtlbLoadMisses / machine.Without.DtlbLoadMisses,
        }.Max(ratio => Math.Abs(ratio - 1));
        return worst <= GoodReproduction
            ? $"'Without' is reproduced within {Figures.Share(worst)}, which is largely the fit; 'with' - which ranges "
                + "are huge when - is prediction."
            : $"'Without' is off by up to {Figures.Share(worst)}, so the {(exactTlb ? "exact TLB" : "preset")} does not fit "
                + "this run; 'with' - which ranges are huge when - is prediction.";
    }

    /// <summary>Distance of the prediction, in ranges still mapped by 4 KiB pages, and its cause.</summary>
    public static IEnumerable<string> With(
        ReportInput input, PublishedComparison published, PublishedRuns runs, TaskResult task,
        MeasuredAccess measured, long reads)
    {
        var machine = runs.Machine;
        yield return "Prediction against publication, 'with': cycles "
            + $"{Figures.Fixed(measured.CyclesPerAccess, 2)} against {Figures.Fixed(machine.With.CyclesPerAccess, 2)} "
            + $"({Figures.Change(measured.CyclesPerAccess, machine.With.CyclesPerAccess)}), misses "
            + $"{Figures.Count(measured.DtlbLoadMisses)} against {Figures.Count(machine.With.DtlbLoadMisses)} "
            + $"({Figures.Change(measured.DtlbLoadMisses, machine.With.DtlbLoadMisses)}).";

        var pages = (long)task.Ranges * Geometry.PtesPerTable;
        var rate = PublishedFit.MissRate(machine.With, reads);
        var implied = PublishedFit.SmallRanges(rate, machine.Machine.TlbReachEntries, pages, task.Ranges);
        var atDefault = PublishedFit.SmallRangesAtDefaultReach(rate, pages, task.Ranges);
        var small = task.Ranges - measured.HugeRangesAtStart;
        yield return $"Why: a published miss rate of {Figures.Share(rate)} stands for {Figures.Fixed(implied, 1)} of "
            + $"{task.Ranges} ranges still mapped by 4 KiB pages at this reach (for {Figures.Fixed(atDefault, 1)} if "
            + $"each access to them missed as in a buffer without huge pages at {PublishedFit.DefaultReach} entries, "
            + $"CM-3); here {Figures.Count(small)} were when {published.Task} began to measure and "
            + $"{Figures.Count(task.Ranges - measured.HugeRangesAtEnd)} when it ended"
            + (small > 0 && measured.DtlbLoadMisses == 0
                    && small * Geometry.PtesPerTable <= machine.Machine.TlbReachEntries
                ? $" - {Figures.Count((long)small * Geometry.PtesPerTable)} pages, which fit into the reach of "
                    + $"{Figures.Count(machine.Machine.TlbReachEntries)} entries."
                : ".");
        yield return Timing(input, published, runs.With!, task, measured, small, implied);
    }

    private static string Timing(
        ReportInput input, PublishedComparison published, VariantResult with, TaskResult task,
        MeasuredAccess measured, int small, double implied)
    {
        var declared = input.Declared(with);
        var knobs = declared?.Knobs;
        var pass = knobs?.PagesToScan / Geometry.PtesPerTable;
        var comparison = Math.Abs(small - implied) < 1 ? "That is the published state"
            : small < implied ? "So khugepaged is further here" : "So khugepaged is less far here";
        var step = pass is > 0 and <= int.MaxValue
            ? $"one pass is at most {Figures.Plural((long)pass, "range")}"
            : "one pass is a fraction of a range";
        var isReferenceTimeline = task.Ranges == 64 && declared?.Knobs.PagesToScan == 4096
            && ScenarioFacts.MappingTasks(declared) == 3;
        var reference = isReferenceTimeline
            ? "khugepaged's 16th pass, which completes it (KH-54)"
            : "khugepaged's passes (KH-54)";
        var complete = with.Timeline.FirstOrDefault(point =>
            point.HugeRanges.Any(ranges => ranges.Task == published.Task && ranges.Ranges == task.Ranges));
        var end = complete is null
            ? $"{published.Task} is not complete at any timeline point of this run"
            : $"{published.Task} is complete at the {Figures.Seconds(complete.TimeSeconds)} s point";
        return $"{comparison}: the number depends on when {published.Task} begins to measure "
            + $"({Figures.Seconds(measured.StartSeconds)} s here) relative to {reference}; {step}, and {end}.";
    }
}
