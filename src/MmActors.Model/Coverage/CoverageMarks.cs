using System.Runtime.CompilerServices;

namespace MmActors.Model.Coverage;

/// <summary>Where a scan outcome arises (khugepaged.md 2.6…2.9).</summary>
public enum ScanStage
{
    /// <summary>The PTE loop, 2.7.</summary>
    Scan,
    /// <summary>C1.</summary>
    Allocate,
    /// <summary>C2: what happened in window W1 shows here.</summary>
    Recheck,
    /// <summary>C3.</summary>
    SwapIn,
    /// <summary>C4: what happened in window W2 shows here.</summary>
    Relock,
    /// <summary>C6, 2.9.</summary>
    Isolate,
    /// <summary>C7.</summary>
    Copy,
}

/// <summary>Tells a collector which branches were taken. Off, and then free, unless the process was started with the
/// switch <see cref="SwitchName"/>, which only test projects set; no decision ever reads a mark.</summary>
public static class CoverageMarks
{
    /// <summary>Runtime option that turns collection on.</summary>
    public const string SwitchName = "MmActors.CoverageMarks";

    private static readonly bool IsCollecting = AppContext.TryGetSwitch(SwitchName, out bool isOn) && isOn;

    /// <summary>Called with the name of the mark at every hit, on the thread that took the branch; null until somebody
    /// collects.</summary>
    public static Action<string>? Collector { get; set; }

    /// <summary>The branch of this mark is being taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hit(CoverageMark mark)
    {
        if (IsCollecting)
        {
            Collector?.Invoke(Names<CoverageMark>.Of[(int)mark]);
        }
    }

    /// <inheritdoc cref="Hit(CoverageMark)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hit(ReclaimMark mark)
    {
        if (IsCollecting)
        {
            Collector?.Invoke(Names<ReclaimMark>.Of[(int)mark]);
        }
    }

    /// <summary>The branch of this mark is being taken if the condition holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void HitIf(bool condition, CoverageMark mark)
    {
        if (IsCollecting && condition)
        {
            Hit(mark);
        }
    }

    /// <inheritdoc cref="HitIf(bool, CoverageMark)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void HitIf(bool condition, ReclaimMark mark)
    {
        if (IsCollecting && condition)
        {
            Hit(mark);
        }
    }

    /// <summary>A stage ended with this outcome.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hit(ScanStage stage, ScanResult result)
    {
        if (IsCollecting)
        {
            Hit(Of(stage, result));
        }
    }

    /// <summary>The mark of an outcome at a stage.</summary>
    /// <exception cref="ArgumentException">The rules know no such outcome there.</exception>
    public static CoverageMark Of(ScanStage stage, ScanResult result) => StageMarks[(int)stage, (int)result]
        ?? throw new ArgumentException($"the rules know no outcome {result} at {stage}");

    private static readonly CoverageMark?[,] StageMarks = MarksOfStages();

    private static CoverageMark?[,] MarksOfStages()
    {
        ScanStage[] stages = Enum.GetValues<ScanStage>();
        ScanResult[] results = Enum.GetValues<ScanResult>();
        var marks = new CoverageMark?[stages.Length, results.Length];
        foreach (ScanStage stage in stages)
        {
            foreach (ScanResult result in results)
            {
                marks[(int)stage, (int)result] = Enum.TryParse($"{stage}{result}", out CoverageMark mark) ? mark : null;
            }
        }

        return marks;
    }

    private static class Names<TMark>
        where TMark : struct, Enum
    {
        public static readonly string[] Of = Enum.GetNames<TMark>();
    }
}
