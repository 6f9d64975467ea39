using MmActors.Actors;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Benchmarks.Support;

/// <summary>A world with one task and memory that reclaim, swap or the shrinker will be asked for: built first, measured
/// afterwards.</summary>
internal sealed class ReclaimMachine : IDisposable
{
    private static readonly TimeSpan Asked = TimeSpan.FromDays(1);

    private readonly SimHost _host = SimHost.Start(new SimSettings { Seed = 1 });

    private ReclaimMachine(ByteSize area, bool huge, SwapSpec? swap, Step[] before, Step[] asked)
    {
        World = new World(_host, new WorldSpec
        {
            Memory = new ByteSize(area.Bytes + (area.Bytes / 2)),
            Thp = new ThpSettings { Enabled = huge ? ThpEnabled.Always : ThpEnabled.Never, MaxPtesNone = 409, ScanSleepMillisecs = uint.MaxValue },
            Switches = Behaviour.Old,
            Machine = Behaviour.Machine,
            Tasks = [new TaskSpec("task", TimeSpan.Zero, Behaviour.NoImage, [
                new MapStep("area", area, Populate: false, Droppable: false, FixedOffset: default(ByteSize)),
                .. before, new UntilStep(Asked), .. asked, new SleepStep(TimeSpan.FromDays(3650)),
            ], 0)],
            Swap = swap,
            TimelineInterval = TimeSpan.Zero,
            Seed = 1,
        });
        World.RunUntil(Asked - TimeSpan.FromSeconds(1));
    }

    public World World { get; }

    /// <summary>Messages handled so far.</summary>
    public long Steps => _host.Kernel.Steps;

    /// <summary>Lazyfree base pages; memory.reclaim asks for all of them.</summary>
    public static ReclaimMachine Lazyfree(ByteSize area) => new(
        area, huge: false, swap: null, [Write(4096), new MadviseStep("area", RegionSpan.All, Advice.Free)],
        [new CgroupWriteStep("", MemcgFile.Reclaim, area.Pages, null)]);

    /// <summary>Written base pages; MADV_PAGEOUT sends them to a RAM disk, then all of them are read.</summary>
    public static ReclaimMachine Swapping(ByteSize area) => new(
        area, huge: false, new SwapSpec(area, SwapKind.Ram), [Write(4096)],
        [new MadviseStep("area", RegionSpan.All, Advice.PageOut), new AccessStep("area", RegionSpan.All, new ByteSize(4096), null)]);

    /// <summary>Huge pages with one byte each; drop_caches lets the shrinker split all of them.</summary>
    public static ReclaimMachine Underused(ByteSize area) => new(
        area, huge: true, swap: null, [Write(Geometry.PmdSize)], [new VmWriteStep(VmFile.DropCaches, 2)]);

    /// <summary>Carries out what is asked.</summary>
    public void Run() => World.RunUntil(Asked + TimeSpan.FromDays(1));

    public void Dispose() => _host.Dispose();

    private static AccessStep Write(long stride) => new("area", RegionSpan.All, new ByteSize(stride), new FillByte(1, false));
}
