using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Traces;
using MmActors.Model;

namespace MmActors.Experiments.Tests.Traces;

/// <summary>Traces of real kernels are read whole: as many records as the files have lines of that event.</summary>
public class TraceFileTests
{
    [Theory] // TC-12, TC-2, VR-5
    [InlineData("A-both", 184, 122, 120, 120, 0, 0, 428)]
    [InlineData("F-none409-dropcaches", 110, 16, 10, 10, 0, 20, 48)]
    [InlineData("real-6.18-seed", 128, 0, 128, 128, 0, 0, 0)]
    [InlineData("selftest-khugepaged", 1393, 1527, 37, 37, 4, 0, 2)]
    public void TC_12_every_event_of_a_recorded_trace_is_read(
        string name, int ranges, int visits, int collapses, int isolates, int swapins, int splits, int markers)
    {
        TraceFile trace = Sample.Trace(name);
        Assert.Equal(
            (ranges, visits, collapses, isolates, swapins, splits, markers),
            (Count<ScanPmdRecord>(trace), Count<ScanRecord>(trace), Count<CollapseRecord>(trace),
                Count<IsolateRecord>(trace), Count<SwapinRecord>(trace), Count<DeferredSplitRecord>(trace),
                Count<MarkerRecord>(trace)));
        Assert.False(trace.LastLineIsCut);
    }

    [Fact] // TC-6.3: only the deferred split shrinker's slab is simulated
    public void Reclaim_is_read_and_the_slabs_of_others_are_counted()
    {
        TraceFile trace = Sample.Trace("F-none409-dropcaches");
        Assert.Equal((51, 51), (Count<ReclaimBeginRecord>(trace), Count<ReclaimEndRecord>(trace)));
        int starts = Count<ShrinkSlabStartRecord>(trace);
        Assert.InRange(starts, 1, 1357);
        Assert.Equal(1358 - starts, trace.Ignored["mm_shrink_slab_start"]);
        Assert.Equal(10, trace.Records.OfType<ShrinkSlabEndRecord>().Sum(static end => end.Splits));
    }

    [Fact] // TC-12
    public void Every_field_of_a_lab_line_is_kept()
    {
        ScanPmdRecord range = Sample.Only<ScanPmdRecord>(Sample.Line(Sample.ScanPmd).TrimEnd());
        Assert.Equal(new TraceStamp(1, "khugepaged", 30, 2.524860), range.Stamp);
        Assert.Equal("ff110000009f5c80", range.Mm);
        Assert.Equal(ScanResult.Succeed, range.Status.Result);
        Assert.Equal((512, 0, 0), (range.Referenced, range.NoneOrZero, range.Unmapped));
        Assert.Equal((0x7ff48L, true, 0x7fffefe00000L, 512, 48),
            (range.ScanPfn, range.Writable, range.Address, range.Looked, range.OwnerPid));
    }

    [Theory] // VR-5, VR-6, VR-18: what later versions print, in any order
    [InlineData("mm=00000000ba920d52, scan_pfn=0x142105, referenced=512, none_or_zero=0, status=no_pte_table, unmapped=3")]
    [InlineData("status=no_pte_table, unmapped=3, referenced=512, mm=0xba920d52, none_or_zero=0, order=9")]
    [InlineData("mm=0xBA920D52 scan_pfn=-1 referenced=512 none_or_zero=0 status=no_pte_table unmapped=3 later=a|b")]
    [InlineData("mm=0xba920d52, scan_pfn=0xffffffffffffffff, referenced=0x200, none_or_zero=0, status=no_pte_table, unmapped=3")]
    public void VR_5_fields_may_be_added_missing_or_reordered(string fields)
    {
        ScanPmdRecord range = Sample.Only<ScanPmdRecord>(Sample.Line("mm_khugepaged_scan_pmd: " + fields).TrimEnd());
        Assert.Equal(("ba920d52", ScanResult.NoPteTable, 512, 3), (range.Mm, range.Status.Result, range.Referenced, range.Unmapped));
        Assert.Null(range.Writable);
        Assert.Null(range.Address);
        Assert.Null(range.OwnerPid);
        Assert.True(range.ScanPfn is null or -1 or 0x142105);
    }

    [Theory] // TC-1: every form of the columns before the event
    [InlineData("      khugepaged-38      [001] ...1.   574.878745: ", "khugepaged", 38)]
    [InlineData("      khugepaged-38      [001]   574.878745: ", "khugepaged", 38)]
    [InlineData("khugepaged-38    [001]   574.878745: ", "khugepaged", 38)]
    [InlineData("khugepaged-38    [001] .....   574.878745123: ", "khugepaged", 38)]
    [InlineData("      khugepaged-38      (     38) [001] d..1   574.878745: ", "khugepaged", 38)]
    [InlineData("      khugepaged-38      (-------) [001] d..1   574.878745: ", "khugepaged", 38)]
    [InlineData("khugepaged-38      1dN.1.    574us : ", "khugepaged", 38)]
    [InlineData("khugepaged-38      1dN.1.    574us!: ", "khugepaged", 38)]
    [InlineData("khugepaged-38    [001]   8812345678901: ", "khugepaged", 38)]
    [InlineData("           <...>-38      [001] .N...   574.878745: ", "<...>", 38)]
    [InlineData("   my [0] - job-7       [1234] .....   574.878745: ", "my [0] - job", 7)]
    public void TC_1_the_columns_of_tracefs_and_trace_cmd_are_read(string columns, string comm, int pid)
    {
        ScanRecord visit = Sample.Only<ScanRecord>(columns + "mm_khugepaged_scan: mm=1f, progress=513, full_scan_finished=1");
        Assert.Equal((comm, pid, 1), (visit.Stamp.Comm, visit.Stamp.Pid, visit.Stamp.Line));
        Assert.Equal((513L, true, null), (visit.Progress, visit.FullScanFinished, visit.Budget));
        Assert.Equal(comm == "<...>" ? null : comm == "khugepaged", visit.Stamp.IsKhugepaged);
    }

    [Fact]
    public void Notes_are_skipped_and_events_nobody_knows_are_counted()
    {
        TraceFile trace = Sample.Read(
            "version = 7\ncpus=2\nCPU 1 is empty\n# tracer: nop\n##### CPU 1 buffer started ####\n\nCPU:1 [LOST 12 EVENTS]\n"
            + "CPU:0 [LOST EVENTS]\nCPU:0 [3 EVENTS DROPPED]\n" + Sample.Line("sched_switch: prev_comm=a prev_pid=1 ==> next_comm=b")
            + Sample.Line("mutex_unlock <-rb_simple_write") + Sample.Line("<stack trace>") + " => do_exit\n\r\n"
            + Sample.Line("tracing_mark_write: OP hot1: map buf 128M").Replace("khugepaged", "wl", StringComparison.Ordinal));
        Assert.Equal(16, trace.Lost);
        Assert.Equal(
            [("(no event)", 2), ("sched_switch", 1)], trace.Ignored.Select(static pair => (pair.Key, pair.Value)));
        Assert.Equal("hot1", Assert.IsType<MarkerRecord>(Assert.Single(trace.Records)).Role);
        Assert.Equal(["hot1", "khugepaged", "wl"], trace.NamesOf(30));
    }

    [Theory]
    [InlineData("print: tracing_mark_write: OP cold: madvise", "cold")]
    [InlineData("print: OP cold: madvise", "cold")]
    [InlineData("print: 0xffffffff81123456: OPEND cold: madvise", "cold")]
    [InlineData("tracing_mark_write: SCENARIO START", null)]
    [InlineData("tracing_mark_write: OP : x", null)]
    public void Markers_name_their_role(string payload, string? role) =>
        Assert.Equal(role, Sample.Only<MarkerRecord>(Sample.Line(payload).TrimEnd()).Role);

    [Fact]
    public void TC_2_every_status_of_every_version_is_read()
    {
        Assert.All(TraceStatus.Words, word => Assert.Equal(word, Status(word).Text));
        Assert.All(Enum.GetValues<ScanResult>(), result => Assert.Equal(result, Status(result.Text()).Result));
        Assert.Equal(("0x1d", null), (Status("0x1d").Text, Status("0x1d").Result));
        Assert.Null(Status("page_compound").Result);
    }

    [Fact] // a cut number would be another number
    public void A_last_line_without_its_end_is_left_out()
    {
        string whole = Sample.Line(Sample.ScanPmd);
        TraceFile trace = Sample.Read(whole + whole.TrimEnd()[..^1]);
        Assert.True(trace.LastLineIsCut);
        Assert.Single(trace.Records);
    }

    [Theory]
    [InlineData("hello", 1, "expected 'TASK-PID [CPU] FLAGS SECONDS: EVENT: FIELDS', found: hello")]
    [InlineData("+mm_khugepaged_scan: progress=1, full_scan_finished=0", 1, "'mm_khugepaged_scan' needs 'mm='")]
    [InlineData("+mm_khugepaged_scan: mm=zz, progress=1, full_scan_finished=0", 1, "'mm=zz' takes a pointer")]
    [InlineData("+mm_khugepaged_scan: mm=1, progress=one, full_scan_finished=0", 1, "'progress=one' takes a number")]
    [InlineData("+mm_khugepaged_scan: mm=1, progress=1, full_scan_finished=2", 1, "'full_scan_finished=2' takes 0 or 1")]
    [InlineData("+mm_collapse_huge_page: mm=1, isolated=99999999999, status=failed", 1, "'isolated=99999999999' takes a number of 32 bits")]
    [InlineData("+mm_collapse_huge_page: mm=1, isolated=0, status=suceeded", 1, "unknown status 'suceeded'; did you mean 'succeeded'?")]
    [InlineData("+mm_shrink_slab_end: deferred_split_scan+0x0/0x560 1: nid: 0", 1, "needs 'unused scan count NUMBER'")]
    [InlineData("+x: y\nfoo\nbar", 2, "found: foo")]
    [InlineData("a\0b", 1, "has a NUL character")]
    [InlineData("", 1, "expected")]
    public void A_line_that_cannot_be_read_is_named(string text, int line, string message)
    {
        string whole = text.StartsWith('+') ? Sample.Line(text[1..]) : text + "\n";
        if (text.Length == 0)
        {
            whole = new string('x', 70_000);
            message = "is longer than 65536 characters";
        }

        ScenarioException fault = Sample.Refused(whole);
        Assert.Equal(("t.txt", line), (fault.File, fault.Line));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# tracer: nop\n#\n")]
    public void A_file_without_an_event_is_refused(string text) =>
        Assert.StartsWith("has no event in it", Sample.Refused(text).Message, StringComparison.Ordinal);

    [Fact]
    public void The_binary_file_of_trace_cmd_is_recognised()
    {
        ScenarioException fault = Assert.Throws<ScenarioException>(() => Sample.Read([.. "\u0017\bDtracing6"u8]));
        Assert.Contains("trace-cmd report", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no/such/trace.txt", "no such file")]
    [InlineData("/", "is not a file")]
    [InlineData("", "is not a file")]
    public void A_file_that_cannot_be_opened_is_named(string path, string message)
    {
        ScenarioException fault = Assert.Throws<ScenarioException>(() => TraceFile.Read(path));
        Assert.Equal((path, null), (fault.File, fault.Line));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    private static TraceStatus Status(string word) =>
        Sample.Only<IsolateRecord>(
            Sample.Line($"mm_collapse_huge_page_isolate: status={word}, referenced=0, none_or_zero=0").TrimEnd()).Status;

    private static int Count<T>(TraceFile trace) => trace.Records.Count(static record => record is T);
}
