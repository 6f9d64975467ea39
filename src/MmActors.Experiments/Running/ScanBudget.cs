using MmActors.Experiments.Results;
using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Experiments.Running;

/// <summary>Derives from the event stream where khugepaged's budget went, and how long its traversals took.</summary>
internal sealed class ScanBudget : IKernelEventSink
{
    private readonly SortedDictionary<int, MmTally> _tallies = [];
    private readonly List<FullScan> _scans = [];
    private TimeSpan _scanStart = TimeSpan.MinValue;
    private long _scanProgress;
    private long _rangeCharges;
    private int _scanPasses;
    private int _scanVisits;

    /// <summary>Passes begun.</summary>
    public int Passes { get; private set; }

    /// <summary>Completed traversals in order.</summary>
    public IReadOnlyList<FullScan> Scans => _scans;

    /// <summary>Tallies of one address space; null when khugepaged never came there.</summary>
    public MmTally? this[int mm] => _tallies.GetValueOrDefault(mm);

    /// <inheritdoc/>
    public void Emit(in KernelEvent kernelEvent)
    {
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.PassBegin:
                Passes++;
                _scanPasses++;
                break;
            case KernelEventKind.ScanPmd when kernelEvent.Flag:
                BeginScan(kernelEvent.Time);
                Tally(kernelEvent.Mm).Count(kernelEvent.Status, kernelEvent.Amount);
                _rangeCharges += kernelEvent.Amount;
                break;
            case KernelEventKind.Visit:
                OnVisit(kernelEvent);
                break;
        }
    }

    private void OnVisit(in KernelEvent visit)
    {
        BeginScan(visit.Time);
        Tally(visit.Mm).VisitsAndVmas += visit.Amount - _rangeCharges;
        _rangeCharges = 0;
        _scanProgress += visit.Amount;
        _scanVisits++;
        if (visit.Writable)
        {
            _scans.Add(new FullScan(_scanStart.TotalSeconds, visit.Time.TotalSeconds, _scanProgress, _scanPasses, _scanVisits));
            _scanStart = TimeSpan.MinValue;
            _scanProgress = 0;
            _scanPasses = 1; // the pass goes on with the next traversal, if it does
            _scanVisits = 0;
        }
    }

    private void BeginScan(TimeSpan time)
    {
        if (_scanStart == TimeSpan.MinValue)
        {
            _scanStart = time;
        }
    }

    private MmTally Tally(int mm)
    {
        if (!_tallies.TryGetValue(mm, out MmTally? tally))
        {
            tally = new MmTally();
            _tallies.Add(mm, tally);
        }

        return tally;
    }

    /// <summary>What khugepaged did in one address space.</summary>
    internal sealed class MmTally
    {
        private readonly long[] _counts = new long[ScanResultText.Count];
        private readonly long[] _charges = new long[ScanResultText.Count];
        private readonly List<ScanResult> _order = [];

        /// <summary>Budget spent on VISITs and on VMAs stepped over.</summary>
        public long VisitsAndVmas { get; set; }

        /// <summary>Ranges by status, in order of first occurrence.</summary>
        public IEnumerable<StatusAmount> Counts => _order.Select(status => new StatusAmount(status.Text(), _counts[(int)status]));

        /// <summary>Budget by status, in order of first occurrence.</summary>
        public IEnumerable<StatusAmount> Charges => _order.Select(status => new StatusAmount(status.Text(), _charges[(int)status]));

        /// <summary>Files one range.</summary>
        public void Count(ScanResult status, long charge)
        {
            if (_counts[(int)status]++ == 0)
            {
                _order.Add(status);
            }

            _charges[(int)status] += charge;
        }
    }
}
