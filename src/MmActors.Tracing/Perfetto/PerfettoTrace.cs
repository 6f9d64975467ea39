using MmActors.Model;
using MmActors.Model.Events;
using MmActors.Tracing.Ftrace;

namespace MmActors.Tracing.Perfetto;

/// <summary>Projects a run onto tracks for ui.perfetto.dev: one per actor, counters, and arrows from a scan over its collapse to
/// the tasks that had to wait for it. What khugepaged does is here, the rest in <see cref="TaskTracks"/> and
/// <see cref="ReclaimTracks"/>. The tracks stand one after the other in the file, what contains before what is contained, so
/// that it is written once the run is over; until then the packets wait on disk, and only tracks are kept in memory.</summary>
public sealed class PerfettoTrace : IKernelEventSink, IDisposable
{
    private readonly PacketSpool _spool;
    private readonly TraceThreads _threads;
    private readonly TrackTable _tracks;
    private readonly CollapseFlows _flows = new();
    private readonly TaskTracks _tasks;
    private readonly ReclaimTracks _reclaim;
    private readonly TimeSpan _uptime;
    private (long Begin, long Budget)? _pass;
    private long _charged;
    private (long Begin, long Budget)? _visit;
    private long _scanFrom;
    private long _now;

    /// <summary>A trace that begins empty.</summary>
    /// <param name="uptime">How long the machine had run when the simulation began: the trace clock's zero lies there.</param>
    /// <param name="cpus">CPUs of the machine.</param>
    /// <param name="passing">What the files are called in which the packets wait; a number is added.</param>
    /// <param name="limits">How much of it is kept in memory; the file is the same.</param>
    /// <exception cref="IOException">They cannot be made there; or <see cref="UnauthorizedAccessException"/>.</exception>
    public PerfettoTrace(TimeSpan uptime, int cpus, string passing, SpoolLimits? limits = null)
    {
        _uptime = uptime;
        _spool = new PacketSpool(passing, limits ?? SpoolLimits.Default);
        _threads = new TraceThreads(cpus);
        _tracks = new TrackTable(_threads, _spool);
        _tasks = new TaskTracks(_tracks);
        _reclaim = new ReclaimTracks(_tracks, _threads);
    }

    /// <inheritdoc/>
    public bool FollowsSteps => true;

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent) => Take(kernelEvent);

    /// <inheritdoc/>
    public void EmitStep(in KernelEvent kernelEvent) => Take(kernelEvent);

    /// <summary>Writes the trace; what is still under way ends with the last event. Once only.</summary>
    /// <param name="stream">Where it goes.</param>
    /// <param name="mark">For a run that was interrupted: a track of its own, with the moment at which it was.</param>
    /// <exception cref="IOException">The disk failed, now or during the run.</exception>
    public void Write(Stream stream, PartialMark? mark = null)
    {
        Close();
        if (mark is not null)
        {
            long stopped = (_uptime + mark.StoppedAt).Ticks * 100;
            _tracks.Alone(mark.Text).Add(new Slice(stopped, stopped, Depth.Instant, mark.Text, 0));
        }

        _tracks.Name();
        CutSlices = new NestedSlices(stream).Write(_tracks.Tracks, _spool.InOrder());
    }

    /// <summary>Slices that had to be cut to fit into others, none unless the projection is wrong; known after
    /// <see cref="Write"/>.</summary>
    public int CutSlices { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _spool.Dispose();

    private void Take(in KernelEvent entry)
    {
        _threads.See(entry);
        _now = (_uptime + entry.Time).Ticks * 100;
        switch (entry.Kind)
        {
            case KernelEventKind.PassBegin:
                _pass = (_now, entry.Amount);
                _charged = 0;
                SetBudget(entry.Amount);
                break;
            case KernelEventKind.PassEnd:
                EndPass();
                break;
            case KernelEventKind.VisitBegin:
                _visit = (_now, entry.Amount);
                _scanFrom = _now;
                break;
            case KernelEventKind.Visit:
                EndVisit(entry);
                break;
            case KernelEventKind.CollapseStep when entry.Amount == (long)CollapseStep.Alloc:
                _flows.Begin(entry, _now);
                break;
            case KernelEventKind.CollapseIsolate or KernelEventKind.CollapseSwapin:
                Step(entry);
                break;
            case KernelEventKind.CollapseHugePage:
                _flows.End(entry, _now);
                break;
            case KernelEventKind.ScanPmd:
                EndRange(entry);
                break;
            default:
                _tasks.Take(entry, _now);
                _reclaim.Take(entry, _now);
                break;
        }
    }

    private Track Scanner(in KernelEvent entry) => _tracks.Thread(entry.Flag ? KernelThread.Khugepaged : entry.Mm);

    private void SetBudget(long pages) => _tracks.Counter(0, "khugepaged budget left (pages)").Set(_now, Math.Max(0, pages));

    private void EndPass()
    {
        if (_pass is { } pass)
        {
            _tracks.Thread(KernelThread.Khugepaged).Add(new Slice(
                pass.Begin, _now, Depth.Outer, "pass", 0, ("budget", pass.Budget), ("progress", _charged)));
            _pass = null;
        }
    }

    private void EndVisit(in KernelEvent entry)
    {
        (long begin, long budget) = _visit ?? (_now, entry.Extra);
        _tracks.Thread(KernelThread.Khugepaged).Add(new Slice(
            begin, _now, Depth.Middle, $"visit {_threads.Comm(entry.Mm)}", 0, ("budget", budget), ("progress", entry.Amount),
            ("full_scan_finished", entry.Writable ? 1 : 0)));
        _visit = null;
        _charged += entry.Amount;
        SetBudget(entry.Extra - entry.Amount);
    }

    private void Step(in KernelEvent entry)
    {
        string name = entry.Kind == KernelEventKind.CollapseIsolate ? "isolated" : "swapped in";
        Scanner(entry).Add(new Slice(_now, _now, Depth.Instant, name, 0, ("status", entry.Status.Text()), ("referenced", entry.Referenced)));
    }

    /// <summary>The range's scan, and its collapse if there was one. When MADV_COLLAPSE began to scan is not told; its scans are
    /// drawn as moments before what follows.</summary>
    private void EndRange(in KernelEvent entry)
    {
        Track track = Scanner(entry);
        (ulong Flow, long Begin, long End)? collapse = _flows.Take(entry);
        long scanned = collapse?.Begin ?? _now;
        track.Add(new Slice(
            entry.Flag ? _scanFrom : scanned, scanned, Depth.Inner, $"scan: {entry.Status.Text()}", collapse?.Flow ?? 0,
            ("task", _threads.Comm(entry.Mm)), ("addr", $"0x{entry.Address:x}"), ("status", entry.Status.Text()),
            ("referenced", entry.Referenced), ("none_or_zero", entry.NoneOrZero), ("unmapped", entry.Unmapped),
            ("looked", entry.Extra), ("charged", entry.Amount)));
        if (collapse is { } ended)
        {
            track.Add(new Slice(
                ended.Begin, ended.End, Depth.Inner, $"collapse: {entry.Status.Text()}", ended.Flow,
                ("task", _threads.Comm(entry.Mm)), ("addr", $"0x{entry.Address:x}")));
            if (entry.Status == ScanResult.Succeed)
            {
                _tasks.AddHuge(entry.Mm, ended.End);
            }
        }

        _scanFrom = entry.Flag ? _now : _scanFrom;
    }

    private void Close()
    {
        if (_visit is { } visit)
        {
            _tracks.Thread(KernelThread.Khugepaged).Add(new Slice(visit.Begin, _now, Depth.Middle, "visit (unfinished)", 0));
        }

        if (_pass is { } pass)
        {
            _tracks.Thread(KernelThread.Khugepaged).Add(new Slice(pass.Begin, _now, Depth.Outer, "pass (unfinished)", 0));
        }

        _tasks.Close(_now);
        _reclaim.Close(_now);
    }
}
