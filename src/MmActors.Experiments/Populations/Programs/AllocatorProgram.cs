using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Populations.Programs;

/// <summary>A program on an allocator that purges as jemalloc does (opt.dirty_decay_ms, opt.muzzy_decay_ms): extents it
/// frees stay dirty for a decay time, are then given back with MADV_FREE, and some time later with MADV_DONTNEED; new
/// allocations take what lies there, in whatever state it is.</summary>
internal sealed class AllocatorProgram : DrawnProgram
{
    /// <summary>An extent is a run of units of this size.</summary>
    private const long UnitBytes = 64 * Geometry.PageSize;

    private const int UnitsPerRange = (int)(Geometry.PmdSize / UnitBytes);
    private const int LongestExtent = 4 * UnitsPerRange;
    private const int MuzzyDecays = 6;
    private const double LiveShare = 0.6;
    private readonly Use[] _uses;
    private readonly TimeSpan[] _since;
    private int _live;

    public AllocatorProgram(ProgramTraits traits)
        : base(traits)
    {
        _uses = new Use[Ranges * UnitsPerRange];
        _since = new TimeSpan[_uses.Length];
        _live = _uses.Length; // loaded once as a whole
    }

    /// <inheritdoc/>
    protected override void DrawRound(TimeSpan now)
    {
        int extents = Math.Max(2, ActiveRanges * UnitsPerRange * 4 / LongestExtent);
        for (int extent = 0; extent < extents; extent++)
        {
            int first = Random.NextBelow(_uses.Length);
            int units = Math.Min(1 + Random.NextBelow(LongestExtent), _uses.Length - first);
            if (Random.NextDouble() < (_live > _uses.Length * LiveShare ? 0.35 : 0.65))
            {
                Allocate(first, units);
            }
            else
            {
                Free(first, units, now);
            }
        }

        Purge(now, Use.Dirty, Use.Muzzy, Traits.Class.Decay, Advice.Free);
        Purge(now, Use.Muzzy, Use.Gone, Traits.Class.Decay * MuzzyDecays, Advice.DontNeed);
    }

    private void Allocate(int first, int units)
    {
        for (int unit = first; unit < first + units; unit++)
        {
            _live += _uses[unit] == Use.Live ? 0 : 1;
            _uses[unit] = Use.Live;
        }

        Add(new AccessStep(Heap, SpanOf(first, units), default, Byte()));
    }

    private void Free(int first, int units, TimeSpan now)
    {
        for (int unit = first; unit < first + units; unit++)
        {
            if (_uses[unit] == Use.Live)
            {
                (_uses[unit], _since[unit]) = (Use.Dirty, now);
                _live--;
            }
        }
    }

    /// <summary>Runs of extents that have been in one use for long enough go on to the next.</summary>
    private void Purge(TimeSpan now, Use from, Use to, TimeSpan decay, Advice advice)
    {
        for (int first = 0; first < _uses.Length; first++)
        {
            int end = first;
            while (end < _uses.Length && _uses[end] == from && now - _since[end] >= decay)
            {
                (_uses[end], _since[end]) = (to, now);
                end++;
            }

            if (end > first)
            {
                Add(new MadviseStep(Heap, SpanOf(first, end - first), advice));
                first = end - 1;
            }
        }
    }

    private static RegionSpan SpanOf(int first, int units) =>
        new(new ByteSize(first * UnitBytes), new ByteSize(units * UnitBytes));

    private enum Use : byte
    {
        Live,
        Dirty,
        Muzzy,
        Gone,
    }
}
