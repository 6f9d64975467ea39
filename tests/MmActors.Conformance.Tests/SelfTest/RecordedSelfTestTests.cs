using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Model.Units;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>The original self-test program as it ran on Linux 6.12.117: its cases in its order, in one process. The recording
/// holds for each case the different scan_pmd lines in order of first appearance; how often each came depends on polling.</summary>
public class RecordedSelfTestTests
{
    private const string PmdMapped = "page_pmd_mapped";

    /// <summary>What the processes count in all: 4096 full, 2 single, 766 none, 2 + 1024 + 2048 compound, 2048 swapped,
    /// 6 + 2048 + 2048 of parents and children, 512 existing.</summary>
    private const long NonzeroPages = 14_600;

    private static readonly (string Name, Action<SelfTestScript> Append)[] Cases =
    [
        ("alloc_at_fault", SelfTestCases.AllocAtFault),
        .. Twice("full", SelfTestCases.Full),
        .. Twice("empty", SelfTestCases.Empty),
        .. Twice("single", SelfTestCases.Single),
        .. Twice("none", SelfTestCases.MaxPtesNone),
        .. Twice("single compound", SelfTestCases.SingleCompound),
        .. Twice("full of compound", SelfTestCases.FullOfCompound),
        .. Twice("extreme", CompoundExtreme.Append),
        .. Twice("swapin", SelfTestCases.SwapinSingle),
        .. Twice("swap", SelfTestCases.MaxPtesSwap),
        .. Twice("fork", SelfTestCases.Fork),
        .. Twice("fork compound", SelfTestCases.ForkCompound),
        .. Twice("shared", SelfTestCases.MaxPtesShared),
        ("existing M", SelfTestCases.ExistingThp),
    ];

    [Fact]
    public void ST_16_every_case_of_the_recorded_self_test_shows_the_recorded_lines()
    {
        SelfTestRun run = RunAll();
        string[] recorded = [.. new Recording("selftest-khugepaged").Cases.Select(static line => line[..line.LastIndexOf(',')])];
        string[] simulated = [.. Cases.SelectMany((_, index) => LinesOf(run, index)).Distinct()];
        Assert.Equal(73, recorded.Length);
        foreach ((string name, _) in Cases)
        {
            Assert.Equal(Telling(recorded, name), Telling(simulated, name));
        }

        Assert.Equal(NonzeroPages, run.Counted);
    }

    private static IEnumerable<(string, Action<SelfTestScript>)> Twice(string name, Action<SelfTestScript, Procedure> append) =>
        Enum.GetValues<Procedure>().Select(procedure => (
            $"{name} {procedure}", (Action<SelfTestScript>)(script => append(script, procedure))));

    private static SelfTestRun RunAll()
    {
        var script = new SelfTestScript();
        foreach ((string name, Action<SelfTestScript> append) in Cases)
        {
            script.Snap("case " + name);
            append(script);
        }

        script.Snap("case (none)");
        SelfTestMachine machine = SelfTestMachine.With("v6.12") with
        {
            Mebibytes = 2048,
            Interferences = [CompoundExtreme.Move(Procedure.K), CompoundExtreme.Move(Procedure.M)],
        };
        return machine.Run(script);
    }

    /// <summary>scan_pmd lines of a case in the recording's form.</summary>
    private static IEnumerable<string> LinesOf(SelfTestRun run, int index)
    {
        string name = Cases[index].Name;
        string next = index + 1 < Cases.Length ? Cases[index + 1].Name : "(none)";
        KernelEvent[] lines = [.. run.Between("case " + name, "case " + next).Where(static line => line.Kind == KernelEventKind.ScanPmd)];
        long region = lines.Length == 0 ? 0 : lines.Min(static line => line.Address) >> Geometry.PudShift << Geometry.PudShift;
        return lines.Select(line =>
        {
            long range = (line.Address - region) >> Geometry.PmdShift;
            string place = range > 0 && name.StartsWith("extreme", StringComparison.Ordinal) ? "source" : $"{range}";
            string process = run.NameOf(line.Mm) == SelfTestMachine.Task ? "parent" : "child";
            return $"{name},{(line.Flag ? "khugepaged" : "madvise")},{process},{place},{line.Status.Text()},{line.Referenced},"
                + $"{line.NoneOrZero},{line.Unmapped},{(line.Writable ? 1 : 0)},{line.Extra}";
        });
    }

    /// <summary>The lines of a case that do not depend on the moment at which a pass met a call: without the child's pages in
    /// the add batch (ST-16), without what khugepaged saw of ST-10's huge pages while they were made, and with its
    /// page_pmd_mapped only where it collapsed the range itself or a fault did, after all else.</summary>
    private static string[] Telling(string[] lines, string name)
    {
        string[] own = [.. lines.Where(line => line.StartsWith(name + ",", StringComparison.Ordinal)
            && !line.Contains(",source,", StringComparison.Ordinal) && !line.Contains(",page_not_in_lru,", StringComparison.Ordinal))];
        IEnumerable<string> seenHuge = own.Where(IsSeenHuge).Where(line => name == "alloc_at_fault"
            || own.Any(other => other.StartsWith(line[..line.IndexOf(PmdMapped, StringComparison.Ordinal)] + "succeeded", StringComparison.Ordinal)));
        return [.. own.Where(static line => !IsSeenHuge(line)), .. seenHuge];
    }

    private static bool IsSeenHuge(string line) =>
        line.Contains(",khugepaged,", StringComparison.Ordinal) && line.Contains(PmdMapped, StringComparison.Ordinal);
}
