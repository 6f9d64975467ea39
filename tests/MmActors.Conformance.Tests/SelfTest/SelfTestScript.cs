using System.Collections.Immutable;
using System.Globalization;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>Who is to collapse the region (ST-0).</summary>
public enum Procedure
{
    /// <summary>khugepaged, within two full scans.</summary>
    K,
    /// <summary>MADV_COLLAPSE with THP switched off in sysfs.</summary>
    M,
}

/// <summary>The program of one self-test process, written down call by call; it works on one region at a 2 MiB boundary.
/// Page numbers count from the start of the region.</summary>
internal sealed class SelfTestScript
{
    private const string Region = "p";

    /// <summary>The self-test looks every 500 ms whether khugepaged is done; two full scans take 32 ms (ST-16), so it is at
    /// the first look.</summary>
    private const int PollMilliseconds = 500;

    /// <summary>A page that holds the same byte as another is so many pages away from it, or a multiple.</summary>
    private const int DistinctBytes = 127;

    private readonly List<Step> _steps = [];
    private int _pages;

    /// <summary>The program so far.</summary>
    public ImmutableArray<Step> Steps => [.. _steps];

    /// <summary>mmap of so many ranges. An earlier region must have been unmapped.</summary>
    public SelfTestScript Map(int ranges = 1, bool populate = false, bool droppable = false)
    {
        _pages = ranges * Geometry.PtesPerTable;
        return Then(new MapStep(Region, ByteSize.FromPages(_pages), populate, droppable, default(ByteSize)));
    }

    /// <summary>munmap of the region.</summary>
    public SelfTestScript Unmap() => Then(new MunmapStep(Region, RegionSpan.All));

    /// <summary>munmap of everything behind the first pages; the rest is the region from now on.</summary>
    public SelfTestScript UnmapBehind(int pages)
    {
        Then(new MunmapStep(Region, Span(pages, _pages)));
        _pages = pages;
        return this;
    }

    /// <summary>Fills the pages [first, end), no page like those around it.</summary>
    public SelfTestScript Fill(int first, int end)
    {
        for (int index = 0; index < Math.Min(DistinctBytes, end - first); index++)
        {
            Then(new AccessStep(Region, Span(first + index, end), ByteSize.FromPages(DistinctBytes), new FillByte((byte)(index + 1), false)));
        }

        return this;
    }

    /// <summary>Stores one byte to every k-th page of [first, end).</summary>
    public SelfTestScript Write(int first, int end, int every = 1, byte value = 9) =>
        Then(new AccessStep(Region, Span(first, end), ByteSize.FromPages(every), new FillByte(value, false)));

    /// <summary>Loads one byte from every page of [first, end).</summary>
    public SelfTestScript Read(int first, int end) =>
        Then(new AccessStep(Region, Span(first, end), ByteSize.FromPages(1), null));

    /// <summary>Reads the whole region: the model compares every page with what was written to it last, and reports how many
    /// are nonzero.</summary>
    public SelfTestScript Count() => Then(new CountStep(Region, Span(0, _pages)));

    /// <summary>madvise on the pages [first, end); on the whole region without them.</summary>
    public SelfTestScript Advise(Advice advice, int first = 0, int? end = null) =>
        Then(new MadviseStep(Region, Span(first, end ?? _pages), advice));

    /// <summary>A write to a file below transparent_hugepage.</summary>
    public SelfTestScript Set(string knob, object value) =>
        Then(new SetKnobStep(knob, Convert.ToString(value, CultureInfo.InvariantCulture)!));

    /// <summary>Notes smaps and counters under a name.</summary>
    public SelfTestScript Snap(string name) => Then(new SnapStep(name));

    /// <summary>nanosleep, for so many milliseconds of simulated time.</summary>
    public SelfTestScript Sleep(int milliseconds) => Then(new SleepStep(TimeSpan.FromMilliseconds(milliseconds)));

    /// <summary>fork; the child has the region too, and exits at the end of its program. The parent waits as long as the
    /// child's procedures take.</summary>
    public SelfTestScript Fork(string child, int waitMilliseconds, Action<SelfTestScript> program)
    {
        var script = new SelfTestScript { _pages = _pages };
        program(script);
        return Then(new ForkStep(child, script.Steps)).Sleep(waitMilliseconds);
    }

    /// <summary>ST-0, helper H: a huge page by MADV_COLLAPSE, advised.</summary>
    public SelfTestScript HugePage() => Fill(0, Geometry.PtesPerTable).Advise(Advice.Collapse).Advise(Advice.HugePage);

    /// <summary>ST-9: advice on the first page and then on all splits the area and with it the huge PMD.</summary>
    public SelfTestScript SplitPmd() => Advise(Advice.NoHugePage, 0, 1).Advise(Advice.NoHugePage);

    /// <summary>ST-0, procedure K or M on the whole region, between the snapshots "phase:begin" and "phase:end". M's retry has no
    /// step: EAGAIN does not happen on this machine, and <see cref="SelfTestRun.RequireOutcome"/> would show it.</summary>
    public SelfTestScript Try(Procedure procedure, string phase)
    {
        Snap(phase + ":begin");
        return procedure == Procedure.K
            ? Advise(Advice.HugePage).Sleep(PollMilliseconds).Snap(phase + ":end").Advise(Advice.NoHugePage)
            : Set("enabled", "never").Advise(Advice.HugePage).Advise(Advice.Collapse).Snap(phase + ":end").Set("enabled", "madvise");
    }

    /// <summary>Adds steps of any other kind.</summary>
    public SelfTestScript Then(params ReadOnlySpan<Step> steps)
    {
        _steps.AddRange(steps);
        return this;
    }

    private static RegionSpan Span(int first, int end) => new(ByteSize.FromPages(first), ByteSize.FromPages(end - first));
}
