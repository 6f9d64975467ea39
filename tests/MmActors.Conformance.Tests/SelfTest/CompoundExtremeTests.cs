using MmActors.Model;
using MmActors.Model.Memory;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>A page table of subpages of 512 different huge pages (ST-10).</summary>
public class CompoundExtremeTests
{
    [Theory]
    [MemberData(nameof(AnonCaseTests.Both), MemberType = typeof(AnonCaseTests))]
    public void ST_10_subpages_of_512_huge_pages_collapse(string kernel, Procedure procedure)
    {
        var script = new SelfTestScript();
        CompoundExtreme.Append(script, procedure);
        SelfTestMachine machine = SelfTestMachine.With(kernel) with { Mebibytes = 1536, Interferences = [CompoundExtreme.Move(procedure)] };
        SelfTestRun run = machine.Run(script);
        (string begin, string end) = ($"extreme {procedure}:begin", $"extreme {procedure}:end");
        Assert.Equal((512L, 512L), (run.At(begin).RssPages, run.Stat(VmCounter.ThpDeferredSplitPage, begin)));
        Assert.Equal(512, run.Stat(VmCounter.ThpFaultAlloc, begin));
        run.RequireOutcome(procedure, $"extreme {procedure}", expected: true);
        run.RequireLines(procedure, $"extreme {procedure}", ScanResult.Succeed, (512, 0, 0, 512));
        Assert.Equal((2L * 512, 512L), (run.Counted, run.At(end).RssPages));
        Assert.Equal(0, run.World.Report.SplitQueue.Length);
        Assert.Equal(0, run.Stat(VmCounter.ThpSplitPage, end));
    }
}
