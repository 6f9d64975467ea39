using MmActors.Model.Events;

namespace MmActors.Experiments.Explaining;

/// <summary>The words by which data formats name what happened; programs may rely on them.</summary>
internal static class KindWords
{
    /// <summary>The word of a kind that can be an episode.</summary>
    public static string Of(KernelEventKind kind) => kind switch
    {
        KernelEventKind.Mapped => "mmap",
        KernelEventKind.Unmapped => "munmap",
        KernelEventKind.Protected => "mprotect",
        KernelEventKind.Advised => "madvise",
        KernelEventKind.ThpDisable => "prctl",
        KernelEventKind.Forked => "fork",
        KernelEventKind.TaskExit => "exit",
        KernelEventKind.OomKill => "oom_kill",
        KernelEventKind.Populated => "populate",
        KernelEventKind.Touched => "access",
        KernelEventKind.RandomReads => "random_reads",
        KernelEventKind.Faults => "fault",
        KernelEventKind.ThpFault => "thp_fault",
        KernelEventKind.SwapIn => "swap_in",
        KernelEventKind.Aged => "aged",
        KernelEventKind.Reclaimed => "reclaim",
        KernelEventKind.Split => "split",
        KernelEventKind.DeferredSplit => "underused_test",
        KernelEventKind.Register => "register",
        KernelEventKind.KnobWrite => "knob",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an episode"),
    };
}
