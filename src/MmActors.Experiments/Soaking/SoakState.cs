namespace MmActors.Experiments.Soaking;

/// <summary>What a soak keeps between two slices, besides the world: all of it, in plain fields, so that a run can be saved
/// and gone on with. Does not grow.</summary>
public sealed class SoakState
{
    /// <summary>Simulated time reached.</summary>
    public TimeSpan Time { get; set; }

    /// <summary>Rows given out.</summary>
    public long Periods { get; set; }

    /// <summary>When the present period began.</summary>
    public TimeSpan PeriodStart { get; set; }

    /// <summary>Counts at that time.</summary>
    public SoakTotals AtPeriodStart { get; set; }

    /// <summary>Audits passed in the present period.</summary>
    public int PeriodAudits { get; set; }

    /// <summary>Audits passed.</summary>
    public long Audits { get; set; }

    /// <summary>Share of the memory in use, added up over the slices of the present period.</summary>
    public double PeriodUsed { get; set; }

    /// <summary>Slices of the present period.</summary>
    public int PeriodSlices { get; set; }

    /// <summary>vmstat at the last slice: no counter may fall.</summary>
    public long[] Counters { get; } = new long[Model.Memory.VmStat.Count];

    /// <summary>Measured: resident memory, added up over the slices of the present period.</summary>
    public long PeriodRss { get; set; }

    /// <summary>Measured: resident memory, added up over the slices of each third of the run.</summary>
    public long[] ThirdRss { get; } = new long[3];

    /// <summary>Slices of each third.</summary>
    public long[] ThirdSlices { get; } = new long[3];

    /// <summary>Measured: real time of the slices before the present period.</summary>
    public TimeSpan WallBefore { get; set; }

    /// <summary>Measured: processor time so far, of all processes that had a part in it.</summary>
    public TimeSpan Processor { get; set; }

    /// <summary>Measured: real time so far, of all processes that had a part in it.</summary>
    public TimeSpan Wall { get; set; }
}
