using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MmActors.Model.Costs;
using MmActors.Model.Units;

namespace MmActors.Model.Tlb;

/// <summary>A two-level set-associative data TLB that simulates every access; <see cref="TlbReach"/> is its formula.
/// The first level is asked first and a hit there leaves the second level's order alone; a walk fills both. The levels
/// are neither inclusive nor exclusive: what one drops the other may keep. Not for concurrent use.</summary>
public sealed class ExactTlb
{
    private const int RangeShift = Geometry.PmdShift - Geometry.PageShift;
    private const int NarrowTags = 4;
    private const int WideTags = 16;

    private readonly LruKernel _kernel;
    private readonly LruSets _firstSmall;
    private readonly LruSets _firstHuge;
    private readonly LruSets _second;
    private readonly bool _secondHoldsHuge;
    private readonly long _pageLimit;

    /// <summary>An empty TLB.</summary>
    /// <param name="geometry">Sizes and associativities.</param>
    /// <param name="kernel">How sets are updated; by default the widest vectors the machine has. It changes the speed
    /// only.</param>
    public ExactTlb(TlbGeometry geometry, LruKernel? kernel = null)
    {
        geometry.FirstSmall.Check(nameof(geometry.FirstSmall));
        geometry.FirstHuge.Check(nameof(geometry.FirstHuge));
        geometry.Second.Check(nameof(geometry.Second));
        _kernel = kernel ?? WidestKernel;
        _firstSmall = new LruSets(geometry.FirstSmall, NarrowTags);
        _firstHuge = new LruSets(geometry.FirstHuge, WideTags);
        _second = new LruSets(geometry.Second, WideTags);
        _secondHoldsHuge = geometry.SecondHoldsHuge;
        _pageLimit = Math.Min(
            Math.Min(_firstSmall.NumberLimit, _second.NumberLimit), _firstHuge.NumberLimit << RangeShift);
    }

    /// <summary>The kernel used unless another is asked for.</summary>
    public static LruKernel WidestKernel =>
        Vector512.IsHardwareAccelerated ? LruKernel.Vector512
        : Vector256.IsHardwareAccelerated ? LruKernel.Vector256
        : Vector128.IsHardwareAccelerated ? LruKernel.Vector128
        : LruKernel.Scalar;

    /// <summary>All accesses since the TLB was made; flushes do not reset it.</summary>
    public TlbCounts Totals { get; private set; }

    /// <summary>One access.</summary>
    /// <param name="virtualPage">Virtual page number: address / 4096.</param>
    /// <param name="huge">Whether a PMD maps the page's 2 MiB range.</param>
    public TlbOutcome Access(long virtualPage, bool huge)
    {
        CheckPages(virtualPage, 1);
        var outcome = _kernel switch
        {
            LruKernel.Vector512 => Touch<Vector128LruSet, Vector512LruSet>(virtualPage, huge),
            LruKernel.Vector256 => Touch<Vector128LruSet, Vector256LruSet>(virtualPage, huge),
            LruKernel.Vector128 => Touch<Vector128LruSet, Vector128LruSet>(virtualPage, huge),
            _ => Touch<ScalarLruSet, ScalarLruSet>(virtualPage, huge),
        };
        Totals += new TlbCounts(
            1, outcome == TlbOutcome.FirstLevelHit ? 0 : 1, outcome == TlbOutcome.Walk ? 1 : 0);
        return outcome;
    }

    /// <summary>A batch of accesses to uniformly random pages of a region. Each access takes one number x of the stream
    /// and goes to page ⌊x · pages / 2⁶⁴⌋ of the region.</summary>
    /// <param name="firstPage">Virtual page number of the region's start; need not be 2 MiB aligned.</param>
    /// <param name="pages">Pages of the region.</param>
    /// <param name="hugeRanges">Bit i (of word i / 64) tells whether a PMD maps the i-th 2 MiB range, counted from the
    /// range the first page lies in.</param>
    /// <param name="accesses">Accesses of the batch.</param>
    /// <param name="random">Where the pages come from.</param>
    public TlbCounts AccessUniformly(
        long firstPage, long pages, ReadOnlySpan<ulong> hugeRanges, long accesses, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pages);
        ArgumentOutOfRangeException.ThrowIfNegative(accesses);
        CheckPages(firstPage, pages);
        var lastRange = ((firstPage + pages - 1) >> RangeShift) - (firstPage >> RangeShift);
        if (lastRange >= hugeRanges.Length * 64L)
        {
            throw new ArgumentException($"{hugeRanges.Length} words for {lastRange + 1} ranges", nameof(hugeRanges));
        }

        var region = new Region(firstPage, pages, hugeRanges);
        var counts = _kernel switch
        {
            LruKernel.Vector512 => Run<Vector128LruSet, Vector512LruSet>(region, accesses, random),
            LruKernel.Vector256 => Run<Vector128LruSet, Vector256LruSet>(region, accesses, random),
            LruKernel.Vector128 => Run<Vector128LruSet, Vector128LruSet>(region, accesses, random),
            _ => Run<ScalarLruSet, ScalarLruSet>(region, accesses, random),
        };
        Totals += counts;
        return counts;
    }

    /// <summary>Drops every translation: what the kernel's flush of more than 33 pages does (cost-model.md 9.3).</summary>
    public void FlushAll()
    {
        _firstSmall.Clear();
        _firstHuge.Clear();
        _second.Clear();
    }

    /// <summary>Drops the small and huge translations of one 2 MiB range, whose mapping changes.</summary>
    /// <param name="virtualPage">Any page of the range.</param>
    public void FlushRange(long virtualPage)
    {
        CheckPages(virtualPage, 1);
        _firstSmall.RemoveRange(virtualPage >> RangeShift, RangeShift);
        _firstHuge.RemoveRange(virtualPage >> RangeShift, RangeShift);
        _second.RemoveRange(virtualPage >> RangeShift, RangeShift);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TlbCounts Run<TNarrow, TWide>(Region region, long accesses, RandomStream random)
        where TNarrow : struct, ILruSet
        where TWide : struct, ILruSet
    {
        var generator = random.State;
        var firstRange = region.FirstPage >> RangeShift;
        var firstLevelMisses = 0L;
        var walks = 0L;
        var firstSmall = _firstSmall.Rows;
        var firstHuge = _firstHuge.Rows;
        var second = _second.Rows;
        var secondHoldsHuge = _secondHoldsHuge;
        for (var access = 0L; access < accesses; access++)
        {
            var page = region.FirstPage + (long)Math.BigMul(generator.Next(), (ulong)region.Pages, out _);
            var range = (int)((page >> RangeShift) - firstRange);
            if ((region.HugeRanges[range >> 6] >> range & 1) == 0)
            {
                if (!firstSmall.Touch<TNarrow>(page, 0))
                {
                    firstLevelMisses++;
                    walks += second.Touch<TWide>(page, 0) ? 0 : 1;
                }
            }
            else if (!firstHuge.Touch<TWide>(page >> RangeShift, 1))
            {
                firstLevelMisses++;
                walks += secondHoldsHuge && second.Touch<TWide>(page >> RangeShift, 1) ? 0 : 1;
            }
        }

        random.State = generator;
        return new TlbCounts(accesses, firstLevelMisses, walks);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TlbOutcome Touch<TNarrow, TWide>(long page, bool huge)
        where TNarrow : struct, ILruSet
        where TWide : struct, ILruSet
    {
        if (!huge)
        {
            return _firstSmall.Rows.Touch<TNarrow>(page, 0) ? TlbOutcome.FirstLevelHit
                : _second.Rows.Touch<TWide>(page, 0) ? TlbOutcome.SecondLevelHit
                : TlbOutcome.Walk;
        }

        var range = page >> RangeShift;
        return _firstHuge.Rows.Touch<TWide>(range, 1) ? TlbOutcome.FirstLevelHit
            : _secondHoldsHuge && _second.Rows.Touch<TWide>(range, 1) ? TlbOutcome.SecondLevelHit
            : TlbOutcome.Walk;
    }

    private void CheckPages(long firstPage, long pages)
    {
        if (firstPage < 0 || firstPage > _pageLimit - pages)
        {
            throw new ArgumentOutOfRangeException(
                nameof(firstPage), firstPage, $"pages {firstPage}+{pages} are not below {_pageLimit}");
        }
    }

    private readonly ref struct Region(long firstPage, long pages, ReadOnlySpan<ulong> hugeRanges)
    {
        public long FirstPage { get; } = firstPage;

        public long Pages { get; } = pages;

        public ReadOnlySpan<ulong> HugeRanges { get; } = hugeRanges;
    }
}
