namespace MmActors.Experiments.Validation;

/// <summary>When a counter counts as reproduced: equal, within 1 %, or within the noise that the specification measured for
/// it (RN-16…RN-21, RC-80…84).</summary>
internal static class CounterTolerance
{
    private const double Share = 0.01;

    /// <summary>Counters that both kernel and model keep, and that are comparable at all (RN-19).</summary>
    public static readonly string[] Compared =
    [
        "pglazyfree", "pglazyfreed", "pgscan_anon", "pgscan_file", "pgscan_direct", "pgscan_kswapd", "pgscan_khugepaged", "pgsteal_anon",
        "pgsteal_file", "pgsteal_direct", "pgsteal_kswapd", "pgsteal_khugepaged", "pswpin", "pswpout", "pgactivate", "pgdeactivate",
        "pgrefill", "pgfault", "pgmajfault", "oom_kill", "thp_fault_alloc", "thp_fault_fallback", "thp_fault_fallback_charge",
        "thp_collapse_alloc", "thp_collapse_alloc_failed", "thp_split_page", "thp_split_page_failed", "thp_deferred_split_page",
        "thp_underused_split_page", "thp_split_pmd", "thp_scan_exceed_none_pte", "thp_scan_exceed_swap_pte", "thp_scan_exceed_share_pte",
        "thp_zero_page_alloc", "thp_swpout", "thp_swpout_fallback",
    ];

    /// <summary>Faults of a process's start that the model does not make: of its image, its stack, its libraries (RN-19).</summary>
    private const int FaultsAProcess = 68;
    private const int FaultNoise = 15;
    private const int ActivationNoise = 200;

    /// <summary>Pages of a process itself that go to swap and come back with the script's (RN-21).</summary>
    private const int SwappedPagesAProcess = 21;

    /// <summary>What of a process itself may be among the pages that one run swaps out (RC-80).</summary>
    private const int SwapNoise = 48;

    /// <summary>Whether a counter can be held against the model at all: where kswapd worked, who scanned what how often hangs on how
    /// two CPUs took turns (RC-83).</summary>
    public static bool IsComparable(string counter, Pressure pressure) =>
        !pressure.OnTheNode || !(counter.StartsWith("pgscan_", StringComparison.Ordinal) || counter is "pgsteal_direct" or "pgsteal_kswapd");

    /// <summary>Whether the simulated figure is the recorded one within what the specification measured as noise.</summary>
    public static bool Holds(string counter, long recorded, long simulated, Pressure pressure)
    {
        long difference = Math.Abs(recorded - simulated);
        return difference <= recorded * ShareOf(counter, pressure) || difference <= Allowed(counter, pressure);
    }

    private static double ShareOf(string counter, Pressure pressure) => counter switch
    {
        "pswpout" when pressure.OnTheNode => 0.15, // RC-83
        "pgsteal_anon" or "pgsteal_file" or "pgactivate" when pressure.OnTheNode => 0.05,
        _ => Share,
    };

    private static long Allowed(string counter, Pressure pressure) => counter switch
    {
        "pgfault" => (FaultsAProcess + FaultNoise) * pressure.Processes,
        "pgactivate" => ActivationNoise, // RN-19: 60–180 of the image's own pages, ± 5
        "pswpin" or "pgmajfault" => (pressure.WithSwap ? SwappedPagesAProcess : 2) * pressure.Processes,
        "pswpout" or "pgscan_anon" or "pgsteal_anon" when pressure.WithSwap => SwapNoise,
        "pswpout" => 2 * pressure.Processes, // RN-21
        _ => 0,
    };

    /// <summary>What is held against a run in which reclaim raced a scan: the counter, the share and the number it may differ by.
    /// Repeats of one such run on the same machine collapsed 12 to 15 ranges.</summary>
    public static readonly (string Counter, double Share, long Least, string Rule)[] Outcomes =
    [
        ("thp_collapse_alloc", 0.10, 3, "RC-82, RC-84"),
        ("pglazyfreed", 0.10, 0, "RC-82, RC-84"),
        ("pswpout", 0.10, 48, "RC-80, RC-84"),
        ("pgmajfault", 0.10, 48, "RC-84"),
        ("oom_kill", 0, 0, "RC-82"),
    ];

    /// <summary>The rule that governs a counter.</summary>
    public static string Rule(string counter) => counter switch
    {
        "pglazyfree" => "SM-18, UT-17",
        "pglazyfreed" => "RC-31",
        "pswpin" or "pgmajfault" => "UT-7",
        "pswpout" or "thp_swpout" or "thp_swpout_fallback" => "RC-36, RC-36a",
        "pgactivate" => "RC-26",
        "pgdeactivate" or "pgrefill" => "RC-22",
        "pgfault" => "UT-1",
        "oom_kill" => "RC-70",
        "thp_deferred_split_page" or "thp_underused_split_page" or "thp_split_page" => "DS-13, DS-16",
        "thp_split_pmd" => "RC-28",
        "thp_fault_alloc" or "thp_fault_fallback" or "thp_fault_fallback_charge" => "UT-2, UT-3",
        _ when counter.StartsWith("thp_scan_exceed", StringComparison.Ordinal) => "KH-28, KH-33a",
        _ when counter.StartsWith("thp_collapse", StringComparison.Ordinal) => "KH-35a, KH-4a",
        _ => "RC-19…RC-24",
    };
}

/// <summary>What a run's machine was under when a counter was read: it decides how near the figures must be.</summary>
/// <param name="Processes">Roles started by then.</param>
/// <param name="WithSwap">Processes' own pages can be swapped.</param>
/// <param name="OnTheNode">kswapd has worked in the run.</param>
internal readonly record struct Pressure(int Processes, bool WithSwap, bool OnTheNode);
