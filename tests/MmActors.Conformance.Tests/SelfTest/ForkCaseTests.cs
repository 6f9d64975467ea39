using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>Ranges shared with a child: the kernel's own cases (ST-11…13) and the recorded ones with a scan while the child
/// lives and one after its exit (ST-49).</summary>
public class ForkCaseTests
{
    private static readonly int[] Rewritten = [0, 1, 255, 256, 257, 511, 512];

    /// <summary>Kernels with both procedures.</summary>
    public static TheoryData<string, Procedure> Both => AnonCaseTests.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_11_a_child_collapses_a_page_shared_with_its_parent(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.Fork(script, procedure));
        (string phase, string child) = ($"fork {procedure}", $"fork-{procedure}");
        run.RequireOutcome(procedure, phase, expected: true, task: child);
        run.RequireLines(procedure, phase, ScanResult.Succeed, (1, 510, 0, 512), task: child);
        Assert.Equal((0, 1L), (run.At($"parent of fork {procedure}").HugeRanges, run.At($"parent of fork {procedure}").RssPages));
        Assert.Equal(2 + 1, run.Counted);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_12_a_child_collapses_subpages_shared_with_its_parent(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.ForkCompound(script, procedure));
        (string phase, string child) = ($"fork compound {procedure}", $"compound-{procedure}");
        Assert.Equal((1, 512L), (run.At($"huge child {procedure}", child).HugeRanges, run.At(phase + ":begin", child).RssPages));
        run.RequireOutcome(procedure, phase, expected: true, task: child);
        run.RequireLines(procedure, phase, ScanResult.Succeed, (1, 0, 0, 512), task: child);
        RequireParentHuge(run, $"parent of compound {procedure}");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void ST_13_max_ptes_shared_binds_khugepaged_only(string kernel, Procedure procedure)
    {
        SelfTestRun run = Run(kernel, script => SelfTestCases.MaxPtesShared(script, procedure));
        (string phase, string child) = ($"shared {procedure}", $"shared-{procedure}");
        bool expected = procedure == Procedure.M;
        run.RequireOutcome(procedure, phase, expected, task: child);
        run.RequireLines(
            procedure, phase, expected ? ScanResult.Succeed : ScanResult.ExceedSharedPte, (255, 0, 0, 512), task: child);
        AnonCaseTests.RequireCounted(run, VmCounter.ThpScanExceedSharePte, phase, ScanResult.ExceedSharedPte, child);
        RequireParentHuge(run, $"parent of shared {procedure}");
    }

    [Theory]
    [InlineData("v6.12")]
    [InlineData("v7.1")]
    public void ST_13b_exactly_max_ptes_shared_collapse(string kernel)
    {
        SelfTestRun run = Run(kernel, static script => SelfTestCases.MaxPtesShared(script, Procedure.K));
        run.RequireOutcome(Procedure.K, "shared again K", expected: true, task: "shared-K");
        run.RequireLines(Procedure.K, "shared again K", ScanResult.Succeed, (256, 0, 0, 512), task: "shared-K");
        RequireParentHuge(run, "parent of shared K");
    }

    /// <summary>The parent stays registered and is scanned in the same passes as its child: two VISITs each (ST-16).</summary>
    [Fact]
    public void ST_16_each_pass_visits_parent_and_child()
    {
        SelfTestRun run = Run("v6.12", static script => SelfTestCases.MaxPtesShared(script, Procedure.K));
        KernelEvent[] pass = [.. run.Between("shared K:begin", "shared K:end")
            .SkipWhile(static line => line.Kind != KernelEventKind.PassBegin).Skip(1)
            .TakeWhile(static line => line.Kind != KernelEventKind.PassEnd)];
        Assert.Equal(
            [(SelfTestMachine.Task, ScanResult.PmdMapped), ("shared-K", ScanResult.ExceedSharedPte)],
            pass.Where(static line => line.Kind == KernelEventKind.ScanPmd).Select(line => (run.NameOf(line.Mm), line.Status)));
        Assert.Equal([523, 523], pass.Where(static line => line.Kind == KernelEventKind.Visit).Select(static line => line.Amount));
    }

    /// <summary>A child that wrote nothing has no writable PTE: up to v6.17 that alone forbids the collapse, by either
    /// procedure. (Populated pages carry R, so they count as referenced in the child, too.)</summary>
    [Theory]
    [InlineData("v6.12", Procedure.K, ScanResult.PageRo)]
    [InlineData("v6.12", Procedure.M, ScanResult.PageRo)]
    [InlineData("v6.18", Procedure.K, ScanResult.Succeed)]
    [InlineData("v7.1", Procedure.K, ScanResult.Succeed)]
    [InlineData("v7.1", Procedure.M, ScanResult.Succeed)]
    public void ST_15_up_to_v6_17_one_page_must_be_writable(string kernel, Procedure procedure, ScanResult status)
    {
        SelfTestRun run = Run(kernel, script => script.Map().Advise(Advice.PopulateWrite, 0, 256)
            .Fork("child", 540, child => child.Try(procedure, "unwritten")));
        run.RequireOutcome(procedure, "unwritten", status == ScanResult.Succeed, task: "child");
        run.RequireLines(procedure, "unwritten", status, (256, 256, 0, 512), task: "child");
    }

    [Theory]
    [InlineData(0, 6)]
    [InlineData(256, 3)]
    public void ST_49_only_rewritten_ranges_collapse_until_the_child_has_gone(int limit, int shared)
    {
        var script = new SelfTestScript().Map(7).Fill(0, 7 * 512).Fork("child", 0, static child => child.Sleep(150).Count());
        for (int range = 0; range < Rewritten.Length; range++)
        {
            script = Rewritten[range] == 0 ? script : script.Write(range * 512, (range * 512) + Rewritten[range]);
        }

        script.Sleep(1).Snap("advised").Advise(Advice.HugePage).Sleep(100).Snap("shared").Sleep(100).Snap("gone").Sleep(100).Snap("later").Count();
        SelfTestMachine machine = SelfTestMachine.With("v6.12");
        SelfTestRun run = (machine with { Thp = machine.Thp with { MaxPtesShared = limit, PagesToScan = 8192 } }).Run(script);
        Assert.Equal(
            [.. Enumerable.Repeat(ScanResult.ExceedSharedPte, shared), .. Enumerable.Repeat(ScanResult.Succeed, 7 - shared)],
            First(run.Lines("(start)", "shared")));
        run.RequireFailuresInTheScan("advised", "shared");
        Assert.Equal(7 - shared, run.At("shared").HugeRanges);
        Assert.Equal(6, run.At("gone").HugeRanges);
        KernelEvent[] rest = run.Lines("gone", "later");
        Assert.Equal([ScanResult.PageRo, .. Enumerable.Repeat(ScanResult.PmdMapped, 6)], First(rest));
        Assert.DoesNotContain(rest, static line => line.Status is not (ScanResult.PageRo or ScanResult.PmdMapped));
        Assert.Equal(7L * 512 * 2, run.Counted);
    }

    /// <summary>What the first line of every range says, in order of address.</summary>
    private static ScanResult[] First(KernelEvent[] lines) =>
        [.. lines.GroupBy(static line => line.Address).OrderBy(static range => range.Key).Select(static range => range.First().Status)];

    private static void RequireParentHuge(SelfTestRun run, string snap)
    {
        Assert.Equal((1, 512L), (run.At(snap).HugeRanges, run.At(snap).RssPages));
        Assert.Equal(2 * 512, run.Counted);
    }

    private static SelfTestRun Run(string kernel, Action<SelfTestScript> scripted)
    {
        var script = new SelfTestScript();
        scripted(script);
        return SelfTestMachine.With(kernel).Run(script);
    }
}
