using MmActors.Model.Costs;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Populations.Programs;

/// <summary>A program that is drawn round by round: it loads its memory, then does rounds of work with pauses between them
/// until its time is over.</summary>
/// <param name="traits">What the task has drawn at its birth.</param>
internal abstract class DrawnProgram(ProgramTraits traits) : IStepSource
{
    /// <summary>Name of the one region every program has.</summary>
    protected const string Heap = "heap";

    /// <summary>Ranges loaded between two pauses.</summary>
    private const int LoadedAtOnce = 32;

    private static readonly ByteSize ByPage = new(Geometry.PageSize);
    private readonly Queue<Step> _steps = new();
    private TimeSpan? _end;
    private int _loaded;
    private bool _isMapped;
    private bool _isReady;

    /// <inheritdoc/>
    public int LoopIndex => 0;

    /// <summary>What the task has drawn at its birth.</summary>
    protected ProgramTraits Traits { get; } = traits;

    /// <summary>Its memory in 2 MiB ranges.</summary>
    protected int Ranges => Traits.Ranges;

    /// <summary>Its random stream.</summary>
    protected RandomStream Random => Traits.Random;

    /// <summary>Ranges one round uses: at least one.</summary>
    protected int ActiveRanges => Math.Clamp((int)(Ranges * Traits.Class.ActivePercent / 100), 1, Ranges);

    /// <inheritdoc/>
    public Step? Next(TimeSpan now)
    {
        _end ??= now + Traits.Lifetime;
        while (_steps.Count == 0)
        {
            if (now >= _end)
            {
                return null;
            }

            Draw(now);
        }

        return _steps.Dequeue();
    }

    /// <summary>Adds the steps of one round of work, without the pause that follows it.</summary>
    protected abstract void DrawRound(TimeSpan now);

    /// <summary>Adds what fills the memory for the first time.</summary>
    protected virtual void Load(int first, int ranges) => Write(first, ranges);

    /// <summary>Pause after a round.</summary>
    protected virtual TimeSpan Pause(TimeSpan now) => Around(Traits.Class.Period);

    /// <summary>Adds a step.</summary>
    protected void Add(Step step) => _steps.Enqueue(step);

    /// <summary>Stores to every byte of a window of whole ranges; a window that leaves the memory goes on at its start.</summary>
    protected void Write(int first, int ranges) => Write(first, ranges, default);

    /// <summary>Stores at the given distance.</summary>
    protected void Write(int first, int ranges, ByteSize stride) => Access(first, ranges, stride, Byte());

    /// <summary>Loads from every page of a window.</summary>
    protected void Read(int first, int ranges) => Access(first, ranges, ByPage, null);

    /// <summary>Loads at the given distance.</summary>
    protected void Read(int first, int ranges, ByteSize stride) => Access(first, ranges, stride, null);

    /// <summary>A byte to store that is not zero.</summary>
    protected FillByte Byte() => new((byte)(1 + Random.NextBelow(255)), false);

    /// <summary>A time between half and one and a half of the given one.</summary>
    protected TimeSpan Around(TimeSpan mean) => mean * (0.5 + Random.NextDouble());

    /// <summary>Bytes of whole ranges.</summary>
    protected static ByteSize OfRanges(int ranges) => new((long)ranges << Geometry.PmdShift);

    private void Draw(TimeSpan now)
    {
        if (!_isMapped)
        {
            _isMapped = true;
            Add(new MapStep(Heap, OfRanges(Ranges), false, false, null));
            Advise(HugeAdvice.Early);
        }
        else if (_loaded < Ranges)
        {
            int ranges = Math.Min(LoadedAtOnce, Ranges - _loaded);
            Load(_loaded, ranges);
            _loaded += ranges;
            Add(new SleepStep(Around(TimeSpan.FromSeconds(4))));
        }
        else if (!_isReady)
        {
            _isReady = true;
            Advise(HugeAdvice.Late);
            Add(new SleepStep(Around(Traits.Class.Period)));
        }
        else
        {
            DrawRound(now);
            Add(new SleepStep(Pause(now)));
        }
    }

    private void Advise(HugeAdvice when)
    {
        if (Traits.Huge == when)
        {
            Add(new MadviseStep(Heap, RegionSpan.All, Advice.HugePage));
        }
    }

    private void Access(int first, int ranges, ByteSize stride, FillByte? value)
    {
        int start = first % Ranges;
        int here = Math.Min(ranges, Ranges - start);
        Add(new AccessStep(Heap, new RegionSpan(OfRanges(start), OfRanges(here)), stride, value));
        if (here < ranges)
        {
            Add(new AccessStep(Heap, new RegionSpan(default, OfRanges(Math.Min(ranges - here, start))), stride, value));
        }
    }
}
