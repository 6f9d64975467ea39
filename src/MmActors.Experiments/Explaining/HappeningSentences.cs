using System.Globalization;
using MmActors.Experiments.Rendering;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Explaining;

/// <summary>What happened to a range between its scans, one sentence an episode.</summary>
internal static class HappeningSentences
{
    /// <summary>The episode's sentence.</summary>
    public static string Of(Happening happening, RangeHistory history)
    {
        var split = happening is { Before.State: PmdState.Huge, After.State: PmdState.Table }
            && happening.First.Kind is not (KernelEventKind.Split or KernelEventKind.Reclaimed)
            ? " The huge mapping was split (SM-12)." : "";
        return Core(happening, history) + split;
    }

    private static string Core(Happening happening, RangeHistory history)
    {
        var first = happening.First;
        var amount = happening.Amount;
        return first.Kind switch
        {
            KernelEventKind.Mapped => Mapped(first, history),
            KernelEventKind.Forked => Forked(first, history),
            KernelEventKind.Populated => $"Populated: {Pages(amount)}{Faults(happening)} (UT-13).",
            KernelEventKind.Touched => Touched(happening),
            KernelEventKind.RandomReads =>
                $"Random reads all over the region: {Figures.Count(happening.Extra)} until {Time(happening.Last.Time)} s.",
            KernelEventKind.Advised => Advised(happening),
            KernelEventKind.Protected => $"mprotect: {Pages(amount)} {(first.Flag ? "writable" : "read-only")} (KH-28a).",
            KernelEventKind.Unmapped when first.Flag => "The OOM killer reaped the task's memory (RC-70).",
            KernelEventKind.Unmapped => $"munmap of {Pages(amount)} (UT-30).",
            KernelEventKind.ThpDisable => $"prctl(PR_SET_THP_DISABLE, {(first.Flag ? 1 : 0)}) (KH-13).",
            KernelEventKind.Aged => $"Reclaim found {Pages(amount)} accessed and cleared that mark{Until(happening)} (RC-25).",
            KernelEventKind.Reclaimed => Reclaimed(happening),
            KernelEventKind.Split => Split(first),
            KernelEventKind.DeferredSplit => Kept(first),
            KernelEventKind.ThpFault => first.Flag
                ? "A page fault mapped the whole range huge at once (T6)." : "A huge page was tried for a fault and not mapped (UT-1).",
            KernelEventKind.Faults => $"{Figures.Plural(amount, "page fault")} served (UT-1).",
            KernelEventKind.SwapIn => $"{Pages(amount)} came back from swap by page faults{Until(happening)} (T18).",
            KernelEventKind.Register => "The task's mm joins khugepaged's list (KH-8).",
            KernelEventKind.KnobWrite => $"{first.Detail!.Name} is written (KH-1).",
            KernelEventKind.TaskExit => "The task exits (UT-31).",
            KernelEventKind.OomKill => "The task is chosen by the OOM killer (RC-70).",
            _ => throw new ArgumentOutOfRangeException(nameof(happening), first.Kind, "not an episode"),
        };
    }

    private static string Mapped(in KernelEvent map, RangeHistory history)
    {
        var size = Figures.Count(map.Amount >> 10);
        var part = history.IsWhole ? "" : " The range is not wholly inside, so it can never be huge (KH-22).";
        return $"mmap of {history.Name.Region}, {size} kB{(map.Flag ? ", MAP_POPULATE" : "")}: the range lies at "
            + $"0x{Address(map, history).ToString("x", CultureInfo.InvariantCulture)} (UT-12).{part}";
    }

    private static long Address(in KernelEvent map, RangeHistory history) =>
        Geometry.PmdFloor(map.Address) + ((long)history.Name.Index << Geometry.PmdShift);

    private static string Forked(in KernelEvent fork, RangeHistory history) => fork.Detail!.Name == history.Name.Task
        ? "The task is forked: it shares its parent's pages, nothing is writable and nothing young (UT-14)."
        : $"The task forks {fork.Detail.Name}: pages are shared, nothing is writable until it is written again (UT-14).";

    private static string Touched(Happening touched)
    {
        var verb = touched.First.Flag ? "Written" : "Read";
        var pages = touched.IsUniform
            ? $"{Pages(touched.First.Amount)}{(touched.Times > 1 ? " each time" : "")}"
            : $"{Pages(touched.Amount)} in all";
        var times = touched.Times == 1 ? "" : $" {Figures.Count(touched.Times)} times{Until(touched)}";
        return $"{verb}{times}: {pages}{Faults(touched)}.";
    }

    private static string Advised(Happening advised)
    {
        var first = advised.First;
        var pages = Pages(first.Amount);
        var image = first.Detail!.Image!;
        return (Advice)first.Extra switch
        {
            Advice.Free when image.State == PmdState.Huge =>
                $"MADV_FREE of {pages}: the huge page "
                + $"{(first.Referenced > 0 ? "goes to the lazyfree batch as a whole (T10)" : "stays as it is (UT-21)")}.",
            Advice.Free => $"MADV_FREE of {pages}: {Figures.Count(first.Referenced)} go to the lazyfree batch (T8).",
            Advice.DontNeed => $"MADV_DONTNEED of {pages}: {(image.Present == 0 ? "no page is" : Pages(image.Present))} left (T12, T13).",
            Advice.Cold => $"MADV_COLD of {pages}: they are old now (T25).",
            Advice.PageOut => $"MADV_PAGEOUT of {pages} (T26).",
            Advice.HugePage => $"MADV_HUGEPAGE of {pages} (UT-25).",
            Advice.NoHugePage => $"MADV_NOHUGEPAGE of {pages}: no longer eligible (UT-25, KH-20).",
            _ => $"madvise of {pages}.",
        };
    }

    private static string Reclaimed(Happening reclaimed)
    {
        var swapped = reclaimed.Amount > 0 ? $"{Pages(reclaimed.Amount)} swapped out (T17)" : "";
        var dropped = reclaimed.Extra > 0 ? $"{Pages(reclaimed.Extra)} discarded without I/O (T14)" : "";
        var both = swapped.Length > 0 && dropped.Length > 0 ? " and " : "";
        var left = reclaimed.Last.Detail!.Image!.Present;
        return $"Reclaim: {swapped}{both}{dropped}{Until(reclaimed)}; {(left == 0 ? "no page is" : $"{Pages(left)}")} left.";
    }

    private static string Split(in KernelEvent split)
    {
        var freed = Figures.Count(Geometry.PtesPerTable - split.Amount);
        return split.Flag
            ? $"The deferred split shrinker split the huge page: {Pages(split.Amount)} live on, {freed} zero-filled or unmapped ones "
                + "are freed (DS-16, DS-21)."
            : $"Reclaim split the huge page: {Pages(split.Amount)} live on (T20).";
    }

    private static string Kept(in KernelEvent walked) => walked switch
    {
        { Referenced: > 0 } => "The deferred split shrinker looked at the partially mapped huge page and could not split it (DS-14).",
        { NoneOrZero: > 0 } => "The deferred split shrinker found the huge page underused and could not split it (DS-14).",
        _ => "The deferred split shrinker found the huge page in use; it is not looked at again (DS-14, DS-16).",
    };

    private static string Faults(Happening happening) =>
        happening.Faults == 0 ? "" : $", {Figures.Plural(happening.Faults, "page fault")}";

    private static string Until(Happening happening) =>
        Time(happening.Last.Time) == Time(happening.First.Time) ? "" : $" until {Time(happening.Last.Time)} s";

    private static string Time(TimeSpan time) => Figures.Fixed(time.TotalSeconds, 3);

    private static string Pages(long count) => Figures.Plural(count, "page");
}
