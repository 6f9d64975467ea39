using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>The kernel's self-test for anonymous memory of one process, on the oldest and the newest kernel (ST-1…9, ST-14);
/// the numbers are those of the recorded kernel (ST-16).</summary>
public class AnonCaseTests
{
    /// <summary>Kernels with both procedures.</summary>
    public static TheoryData<string, Procedure> Both => new()
    {
        { "v6.12", Procedure.K }, { "v6.12", Procedure.M }, { "v7.1", Procedure.K }, { "v7.1", Procedure.M },
    };

    [Theory]
    [InlineData("v6.12")]
    [InlineData("v7.1")]
    public void ST_1_a_fault_makes_a_huge_page_and_ST_1b_dontneed_splits_its_PMD(string kernel)
    {
        SelfTestRun run = Run(kernel, SelfTestCases.AllocAtFault);
        Assert.Equal((1, 512L), (run.At("fault").HugeRanges, run.At("fault").RssPages));
        Assert.Equal((0, 511L), (run.At("dontneed").HugeRanges, run.At("dontneed").RssPages));
        Assert.Equal(1, run.Grown(VmCounter.ThpSplitPmd, "fault", "dontneed"));
        Assert.Equal(1, run.Grown(VmCounter.ThpDeferredSplitPage, "fault", "dontneed"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_2_full_ranges_collapse(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.Full(script, procedure));
        run.RequireOutcome(procedure, $"full {procedure}", expected: true, ranges: 4);
        run.RequireLines(procedure, $"full {procedure}", ScanResult.Succeed, (512, 0, 0, 512), ranges: 4);
        Assert.Equal(2048, run.Counted);
        Assert.Equal(procedure == Procedure.K ? 4 : 0, run.World.Report.Khugepaged.PagesCollapsed);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_3_an_untouched_range_has_no_anon_vma_and_does_not_collapse(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.Empty(script, procedure));
        run.RequireOutcome(procedure, $"empty {procedure}", expected: false);
        Assert.Empty(run.Lines());
        Assert.DoesNotContain(run.Events, static line => line.Kind == KernelEventKind.Register);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_4_a_single_page_is_enough(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.Single(script, procedure));
        run.RequireOutcome(procedure, $"single {procedure}", expected: true);
        run.RequireLines(procedure, $"single {procedure}", ScanResult.Succeed, (1, 511, 0, 512));
        Assert.Equal((1L, 512L), (run.Counted, run.At($"single {procedure}:end").RssPages));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_5_max_ptes_none_binds_khugepaged_only(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.MaxPtesNone(script, procedure));
        string phase = $"none {procedure}";
        bool expected = procedure == Procedure.M;
        run.RequireOutcome(procedure, phase, expected);
        run.RequireLines(procedure, phase, expected ? ScanResult.Succeed : ScanResult.ExceedNonePte, (255, 257, 0, 512));
        RequireCounted(run, VmCounter.ThpScanExceedNonePte, phase, ScanResult.ExceedNonePte);
        Assert.Equal(expected ? 255 : 255 + 256, run.Counted);
    }

    [Theory]
    [InlineData("v6.12")]
    [InlineData("v7.1")]
    public void ST_5b_exactly_max_ptes_none_collapse(string kernel)
    {
        SelfTestRun run = Run(kernel, static script => SelfTestCases.MaxPtesNone(script, Procedure.K));
        run.RequireOutcome(Procedure.K, "none again K", expected: true);
        run.RequireLines(Procedure.K, "none again K", ScanResult.Succeed, (256, 256, 0, 512));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_6_one_swapped_page_is_swapped_in(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.SwapinSingle(script, procedure));
        string phase = $"swapin {procedure}";
        Assert.Equal(1, run.At(phase + ":begin").SwapPages);
        run.RequireOutcome(procedure, phase, expected: true);
        run.RequireLines(procedure, phase, ScanResult.Succeed, (511, 0, 1, 512));
        Assert.Equal((512L, 0L), (run.Counted, run.At(phase + ":end").SwapPages));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_7_max_ptes_swap_binds_khugepaged_only(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.MaxPtesSwap(script, procedure));
        string phase = $"swap {procedure}";
        bool expected = procedure == Procedure.M;
        Assert.Equal(65, run.At(phase + ":begin").SwapPages);
        run.RequireOutcome(procedure, phase, expected);
        run.RequireLines(
            procedure, phase, expected ? ScanResult.Succeed : ScanResult.ExceedSwapPte, (0, 0, 65, expected ? 512 : 65));
        RequireCounted(run, VmCounter.ThpScanExceedSwapPte, phase, ScanResult.ExceedSwapPte);
        Assert.Equal(512, run.Counted);
    }

    [Theory]
    [InlineData("v6.12")]
    [InlineData("v7.1")]
    public void ST_7b_exactly_max_ptes_swap_are_swapped_in(string kernel)
    {
        SelfTestRun run = Run(kernel, static script => SelfTestCases.MaxPtesSwap(script, Procedure.K));
        Assert.Equal(64, run.At("swap again K:begin").SwapPages);
        run.RequireOutcome(Procedure.K, "swap again K", expected: true);
        run.RequireLines(Procedure.K, "swap again K", ScanResult.Succeed, (448, 0, 64, 512));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_8_one_PTE_of_a_compound_page_collapses(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.SingleCompound(script, procedure));
        string phase = $"single compound {procedure}";
        Assert.Equal((1, 1L), (run.At($"huge single {procedure}").HugeRanges, run.At(phase + ":begin").RssPages));
        run.RequireOutcome(procedure, phase, expected: true);
        run.RequireLines(procedure, phase, ScanResult.Succeed, (1, 511, 0, 512));
        Assert.Equal(1, run.Counted);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_9_512_PTEs_of_one_compound_page_collapse(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.FullOfCompound(script, procedure));
        string phase = $"full of compound {procedure}";
        Assert.Equal((1, 512L), (run.At($"huge full {procedure}").HugeRanges, run.At(phase + ":begin").RssPages));
        run.RequireOutcome(procedure, phase, expected: true);
        run.RequireLines(procedure, phase, ScanResult.Succeed, (512, 0, 0, 512));
        Assert.Equal(512, run.Counted);
    }

    [Theory]
    [InlineData("v6.12")]
    [InlineData("v7.1")]
    public void ST_14_collapse_of_a_huge_range_returns_0(string kernel)
    {
        SelfTestRun run = Run(kernel, SelfTestCases.ExistingThp);
        run.RequireOutcome(Procedure.M, "existing", expected: true);
        KernelEvent line = Assert.Single(run.Lines("again:begin", "again:end"));
        Assert.Equal((ScanResult.PmdMapped, false), (line.Status, line.Flag));
        KernelEvent returned = run.Between("again:begin", "again:end").Single(static line => line.Kind == KernelEventKind.Madvise);
        Assert.Equal((0L, 1, 512L), (returned.Amount, run.At("again:end").HugeRanges, run.Counted));
    }

    [Fact]
    public void ST_16_khugepaged_runs_every_16_ms_at_250_Hz()
    {
        SelfTestRun run = Run("v6.12", static script => SelfTestCases.Full(script, Procedure.K));
        TimeSpan[] passes = [.. run.Between("full K:begin", "full K:end").Where(static line => line.Kind == KernelEventKind.PassBegin).Select(static line => line.Time)];
        Assert.InRange(passes.Length, 30, 33);
        Assert.All(passes.Skip(2).Zip(passes.Skip(1)), static pair => Assert.Equal(TimeSpan.FromMilliseconds(16), pair.First - pair.Second));
    }

    private static SelfTestRun Run(string kernel, Action<SelfTestScript> scripted)
    {
        var script = new SelfTestScript();
        scripted(script);
        return SelfTestMachine.With(kernel).Run(script);
    }

    /// <summary>ST-15: every attempt that meets the limit is counted.</summary>
    internal static void RequireCounted(
        SelfTestRun run, VmCounter counter, string phase, ScanResult status, string task = SelfTestMachine.Task) => Assert.Equal(
        run.Lines(phase + ":begin", phase + ":end", task).Count(line => line.Status == status),
        run.Grown(counter, phase + ":begin", phase + ":end"));
}
