using System.Collections.Immutable;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Explaining;

/// <summary>Listens to one run and keeps what concerns one range.</summary>
public sealed class HistoryCollector : IKernelEventSink
{
    private readonly RangeName _name;
    private readonly Variant _variant;
    private readonly EpisodeLog _log = new();
    private readonly ChargeTally _charges = new();
    private readonly SortedDictionary<(int Mm, string Region), (long Start, long End)> _regions = [];
    private ThpSettings _settings;
    private int _mm;
    private long _range = -1;
    private bool _isWhole;
    private int _passes;
    private int _visits;
    private TimeSpan? _registered;
    private TimeSpan? _mapped;
    private TimeSpan? _exited;
    private Pending _khugepaged = new();
    private Pending _madvise = new();
    private (ImmutableArray<TaskCharge> Charges, int Passes)? _before;

    /// <summary>Follows a range through a run of this variant.</summary>
    public HistoryCollector(RangeName name, Variant variant)
    {
        _name = name;
        _variant = variant;
        _settings = variant.Knobs;
    }

    /// <summary>The history so far; call once the run is over.</summary>
    public RangeHistory History()
    {
        var (charges, passes) = _before ?? (_charges.Snapshot(), _passes);
        return new RangeHistory
        {
            Name = _name,
            Switches = _variant.Switches,
            Episodes = _log.Episodes,
            Settings = _settings,
            ChargedBefore = charges,
            PassesBefore = passes,
            Passes = _passes,
            Visits = _visits,
            Registered = _registered,
            Mapped = _mapped,
            IsWhole = _isWhole,
            Exited = _exited,
            Last = _log.Image,
        };
    }

    /// <inheritdoc/>
    public bool Follows(int mm, long start, long end) =>
        mm == _mm && _range >= 0 && start < _range + Geometry.PmdSize && end > _range;

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.PassBegin:
                _passes++;
                break;
            case KernelEventKind.TaskStart:
                OnTask(kernelEvent.Mm, kernelEvent.Detail!.Name!);
                break;
            case KernelEventKind.KnobWrite when kernelEvent.Detail?.Name is { } written:
                OnKnob(kernelEvent, written);
                break;
            case KernelEventKind.Madvise when kernelEvent.Extra == (long)Advice.Free:
                _charges.NoteFree(kernelEvent.Mm);
                break;
            case KernelEventKind.ScanPmd:
                OnScan(kernelEvent);
                break;
            case KernelEventKind.DeferredSplit when !kernelEvent.Flag && kernelEvent.Pfn == _log.Image?.Head:
                _log.Add(kernelEvent);
                break;
            default:
                if (kernelEvent.Mm == _mm && _mm > 0)
                {
                    OnOwn(kernelEvent);
                }

                break;
        }
    }

    /// <inheritdoc/>
    public void EmitDetail(in KernelEvent kernelEvent)
    {
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.Mapped:
                OnMapped(kernelEvent);
                break;
            case KernelEventKind.Forked:
                OnForked(kernelEvent);
                break;
            case KernelEventKind.ThpDisable:
                if (kernelEvent.Mm == _mm)
                {
                    _log.Add(kernelEvent);
                }

                break;
            case KernelEventKind.Looked:
                Of(kernelEvent.Flag) = new Pending { Looked = kernelEvent };
                break;
            case KernelEventKind.Installed or KernelEventKind.Inherited:
                _log.See(kernelEvent);
                break;
            case KernelEventKind.Charged:
                EndScan(ref _khugepaged, kernelEvent.Amount, kernelEvent.Extra);
                break;
            default:
                _log.Add(kernelEvent);
                break;
        }
    }

    private void OnTask(int mm, string name)
    {
        _charges.Name(mm, name);
        if (name == _name.Task)
        {
            _mm = mm;
        }
    }

    private void OnKnob(in KernelEvent write, string written)
    {
        var split = written.IndexOf('=', StringComparison.Ordinal);
        var before = _settings;
        _settings = ThpKnobs.Write(_settings, written[..split], written[(split + 1)..]).Settings;
        if (_range >= 0 && before != _settings)
        {
            _log.Add(write);
        }
    }

    /// <summary>The range has an address from now on; a region that is mapped again, a new one.</summary>
    private void OnMapped(in KernelEvent map)
    {
        var region = map.Detail!.Name!;
        _regions[(map.Mm, region)] = (map.Address, map.Address + map.Amount);
        if (map.Mm == _mm && region == _name.Region)
        {
            Place(map, map.Address, map.Address + map.Amount);
        }
    }

    private void Place(in KernelEvent cause, long start, long end)
    {
        var range = Geometry.PmdFloor(start) + ((long)_name.Index << Geometry.PmdShift);
        if (range >= end)
        {
            _range = -1;
            return;
        }

        _range = range;
        _isWhole = range >= start && range + Geometry.PmdSize <= end;
        _mapped ??= cause.Time;
        _log.Forget();
        _log.Add(cause);
    }

    /// <summary>The child has its parent's regions, at the same addresses.</summary>
    private void OnForked(in KernelEvent fork)
    {
        var child = (int)fork.Amount;
        var parent = fork.Mm;
        foreach (var ((_, region), window) in _regions.Where(entry => entry.Key.Mm == parent).ToArray())
        {
            _regions[(child, region)] = window;
        }

        if (fork.Detail!.Name == _name.Task)
        {
            _mm = child;
            if (_regions.TryGetValue((child, _name.Region), out var window))
            {
                Place(fork, window.Start, window.End);
            }
        }
        else if (parent == _mm && _range >= 0)
        {
            _log.Add(fork);
        }
    }

    private void OnOwn(in KernelEvent own)
    {
        switch (own.Kind)
        {
            case KernelEventKind.Visit:
                _visits++;
                break;
            case KernelEventKind.Register:
                _registered ??= own.Time;
                _log.Add(own);
                break;
            case KernelEventKind.TaskExit:
                _exited = own.Time;
                _log.Add(own);
                break;
            case KernelEventKind.OomKill:
                _log.Add(own);
                break;
            case KernelEventKind.ThpFault or KernelEventKind.Faults or KernelEventKind.SwapIn when own.Address == _range:
                _log.Add(own);
                break;
            case KernelEventKind.CollapseIsolate when own.Address == _range:
                Of(own.Flag).Isolate = own;
                break;
            case KernelEventKind.CollapseSwapin when own.Address == _range:
                Of(own.Flag).SwapIn = own;
                _log.See(own);
                break;
        }
    }

    private void OnScan(in KernelEvent scan)
    {
        ref var pending = ref Of(scan.Flag);
        var isOurs = scan.Mm == _mm && scan.Address == _range && pending.Looked is not null;
        if (scan.Flag)
        {
            if (isOurs)
            {
                _before ??= (_charges.Snapshot(), _passes);
            }

            _charges.Count(scan);
        }

        if (isOurs)
        {
            pending.Scan = scan;
            if (!scan.Flag)
            {
                EndScan(ref pending, null, 0);
            }
        }
    }

    private void EndScan(ref Pending pending, long? left, long budget)
    {
        if (pending is not { Scan: { } scan, Looked: { } looked })
        {
            return;
        }

        _log.Add(new ScanEpisode(scan)
        {
            Pass = scan.Flag ? _passes : 0,
            Looked = looked,
            Isolate = pending.Isolate,
            SwapIn = pending.SwapIn,
            Settings = _settings,
            Left = left,
            Budget = budget,
        });
        pending = new Pending();
    }

    /// <summary>khugepaged and a task's MADV_COLLAPSE may be at the same range at the same time.</summary>
    private ref Pending Of(bool isKhugepaged) => ref isKhugepaged ? ref _khugepaged : ref _madvise;

    /// <summary>The events of a scan that has not ended.</summary>
    private struct Pending
    {
        public KernelEvent? Looked;
        public KernelEvent? Isolate;
        public KernelEvent? SwapIn;
        public KernelEvent? Scan;
    }
}
