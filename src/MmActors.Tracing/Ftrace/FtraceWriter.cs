using System.Globalization;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Tracing.Ftrace;

/// <summary>Writes a run as the text of /sys/kernel/tracing/trace: the huge_memory events here, those of vmscan in
/// <see cref="VmscanLines"/>. The head of the file counts its lines, so it is asked for once the run is over.</summary>
public sealed class FtraceWriter : IKernelEventSink
{
    private const string NoFlags = ".....";

    private readonly TextWriter _writer;
    private readonly FtraceFormat _format;
    private readonly TimeSpan _uptime;
    private readonly TraceThreads _threads;
    private readonly VmscanLines _vmscan;

    /// <summary>A trace that begins empty.</summary>
    /// <param name="writer">Where the lines go.</param>
    /// <param name="format">What the kernel prints.</param>
    /// <param name="uptime">How long the machine had run when the simulation began: the trace clock's zero lies there.</param>
    /// <param name="cpus">CPUs of the machine.</param>
    public FtraceWriter(TextWriter writer, FtraceFormat format, TimeSpan uptime, int cpus)
    {
        _writer = writer;
        _format = format;
        _uptime = uptime;
        _threads = new TraceThreads(cpus);
        _vmscan = new VmscanLines(format);
    }

    /// <summary>Lines so far.</summary>
    public long Lines { get; private set; }

    /// <inheritdoc/>
    public bool FollowsSteps => true;

    /// <summary>The head of the file as the nop tracer writes it.</summary>
    /// <param name="mark">For a run that was interrupted: one comment more, behind the lines by which tools know a trace.</param>
    public string Head(PartialMark? mark = null) => string.Create(CultureInfo.InvariantCulture, $"""
        # tracer: nop
        #
        # entries-in-buffer/entries-written: {Lines}/{Lines}   #P:{_threads.Cpus}
        #{(mark is null ? "" : $" {mark.Text}\n#")}
        #                                _-----=> irqs-off/BH-disabled
        #                               / _----=> need-resched
        #                              | / _---=> hardirq/softirq
        #                              || / _--=> preempt-depth
        #                              ||| / _-=> migrate-disable
        #                              |||| /     delay
        #           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
        #              | |         |   |||||     |         |

        """).ReplaceLineEndings("\n");

    /// <inheritdoc/>
    public void Emit(in KernelEvent entry)
    {
        _threads.See(entry);
        int scanner = entry.Flag ? KernelThread.Khugepaged : entry.Mm;
        switch (entry.Kind)
        {
            case KernelEventKind.ScanPmd:
                Line(entry, scanner, NoFlags, "mm_khugepaged_scan_pmd", ScanPmd(entry));
                break;
            case KernelEventKind.CollapseIsolate:
                Line(entry, scanner, _format.UnderLock, "mm_collapse_huge_page_isolate", Isolate(entry));
                break;
            case KernelEventKind.CollapseSwapin:
                Line(entry, scanner, NoFlags, "mm_collapse_huge_page_swapin", SwapIn(entry));
                break;
            case KernelEventKind.CollapseHugePage:
                Line(entry, scanner, NoFlags, "mm_collapse_huge_page", Collapse(entry));
                break;
            case KernelEventKind.Visit when _format.Visits:
                Line(entry, KernelThread.Khugepaged, NoFlags, "mm_khugepaged_scan", Visit(entry));
                break;
            case KernelEventKind.DeferredSplit when _format.Lab:
                Line(entry, entry.By, NoFlags, "lab_deferred_split", Walk(entry));
                break;
            case KernelEventKind.TaskStart when _format.Lab:
                Line(entry, entry.Mm, NoFlags, "tracing_mark_write", $"OP {_threads.Role(entry.Mm)}: start");
                break;
            case KernelEventKind.TaskExit when _format.Lab:
                Line(entry, entry.Mm, NoFlags, "tracing_mark_write", $"OPEND {_threads.Role(entry.Mm)}: exit");
                break;
            default:
                Vmscan(entry);
                break;
        }
    }

    /// <inheritdoc/>
    public void EmitStep(in KernelEvent kernelEvent) => Vmscan(kernelEvent);

    private void Vmscan(in KernelEvent entry)
    {
        if (_vmscan.TryWrite(entry, out string name, out string payload, out string flags))
        {
            Line(entry, entry.By, flags, name, payload);
        }
    }

    /// <summary>TC-1.</summary>
    private void Line(in KernelEvent entry, int by, string flags, string name, string payload)
    {
        long microseconds = ((_uptime + entry.Time).Ticks + (TimeSpan.TicksPerMicrosecond / 2)) / TimeSpan.TicksPerMicrosecond;
        (long seconds, long rest) = Math.DivRem(microseconds, 1_000_000);
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{_threads.Comm(by),16}-{TraceThreads.Pid(by),-7} [{_threads.Cpu(by):000}] {flags} {seconds,5}.{rest:000000}: {name}: {payload}\n");
        _writer.Write(line);
        Lines++;
    }

    private string ScanPmd(in KernelEvent entry)
    {
        string lab = _format.Lab
            ? string.Create(CultureInfo.InvariantCulture, $", addr=0x{entry.Address:x}, looked={entry.Extra}, pid={_threads.Owner(entry.Mm)}")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"mm={TraceThreads.Pointer(entry.Mm)}, scan_pfn={Pfn(entry.Pfn)}, {Writable(entry)}referenced={entry.Referenced}, "
            + $"none_or_zero={entry.NoneOrZero}, status={entry.Status.Text()}, unmapped={entry.Unmapped}{lab}");
    }

    private string Isolate(in KernelEvent entry)
    {
        string writable = _format.Writable ? $"writable={(entry.Writable ? 1 : 0)}, " : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"scan_pfn={Pfn(entry.Pfn)}, none_or_zero={entry.NoneOrZero}, referenced={entry.Referenced}, {writable}"
            + $"status={entry.Status.Text()}");
    }

    private string SwapIn(in KernelEvent entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"mm={TraceThreads.Pointer(entry.Mm)}, swapped_in={entry.Amount}, referenced={entry.Referenced}, "
        + $"ret={_format.Numbers[entry.Status]}");

    private string Collapse(in KernelEvent entry)
    {
        string lab = _format.Lab
            ? string.Create(CultureInfo.InvariantCulture, $", addr=0x{entry.Address:x}, pid={_threads.Owner(entry.Mm)}") : "";
        return $"mm={TraceThreads.Pointer(entry.Mm)}, isolated={(entry.Status == ScanResult.Succeed ? 1 : 0)}, "
            + $"status={entry.Status.Text()}{lab}";
    }

    private string Visit(in KernelEvent entry)
    {
        string lab = _format.Lab
            ? string.Create(CultureInfo.InvariantCulture, $", pid={_threads.Owner(entry.Mm)}, budget={entry.Extra}") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"mm={TraceThreads.Pointer(entry.Mm)}, progress={entry.Amount}, full_scan_finished={(entry.Writable ? 1 : 0)}{lab}");
    }

    private static string Walk(in KernelEvent entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"pfn=0x{entry.Pfn:x} partially_mapped={entry.Referenced} underused={entry.NoneOrZero} split={(entry.Flag ? 1 : 0)} memcg={entry.Mm}");

    private string Writable(in KernelEvent entry) => _format.Writable ? $"writable={(entry.Writable ? 1 : 0)}, " : "";

    /// <summary>TC-3: all ones when no folio was reached.</summary>
    private static string Pfn(int pfn) => "0x" + ((long)pfn).ToString("x", CultureInfo.InvariantCulture);
}
