using Akka.Actor;
using Akka.TestKit;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Actors.Tests.Harness;

/// <summary>A user process whose task is played by a probe: every call is one message.</summary>
/// <param name="mm">Its address space.</param>
/// <param name="space">The actor that owns it.</param>
/// <param name="task">The probe.</param>
/// <param name="cpu">CPU of the task.</param>
/// <param name="advance">Lets a little simulated time pass.</param>
public sealed class Process(Mm mm, IActorRef space, TestProbe task, int cpu, Action advance)
{
    private const int Patience = 10_000;

    private const long FixedBase = 0x1000_0000_0000;
    private int _regions;

    /// <summary>Its address space, to be looked at (or interfered with) between messages.</summary>
    public Mm Mm { get; } = mm;

    /// <summary>The actor that owns it.</summary>
    public IActorRef Space { get; } = space;

    /// <summary>CPU of the task.</summary>
    public int Cpu { get; } = cpu;

    /// <summary>Whether the last posted call has not returned yet.</summary>
    public bool IsWaiting => !task.HasMessages;

    /// <summary>Address of the n-th 2 MiB range of the region mapped first.</summary>
    public static long Range(int index) => FixedBase + ((long)index << Geometry.PmdShift);

    /// <summary>Sends a call without waiting for it.</summary>
    public void Post(MmRequest request) => task.Send(Space, request);

    /// <summary>The answer of the oldest posted call, with as much further time as that takes: a call that has the lock
    /// still spends its cost.</summary>
    public MmDone Answer()
    {
        for (int step = 0; IsWaiting && step < Patience; step++)
        {
            advance();
        }

        return task.ExpectMsg<MmDone>();
    }

    /// <summary>A call, with as much simulated time as it takes.</summary>
    public MmDone Call(MmRequest request)
    {
        Post(request);
        return Answer();
    }

    /// <summary>mmap of so many 2 MiB ranges at the next fixed address.</summary>
    public long Map(int ranges, bool droppable = false, bool populate = false)
    {
        var size = new ByteSize((long)ranges << Geometry.PmdShift);
        _regions++;
        return Call(new MapArea(new MapStep("region", size, populate, droppable, default(ByteSize)), Cpu)).Value;
    }

    /// <summary>The request that maps an area at a given address, where nothing may be mapped.</summary>
    public MapArea MapAt(long address, long bytes)
    {
        long next = FixedBase + ((long)_regions++ << Geometry.PudShift);
        return new MapArea(new MapStep("again", new ByteSize(bytes), false, false, new ByteSize(address - next)), Cpu);
    }

    /// <summary>Maps ranges and writes one byte to each of their pages.</summary>
    public long MapFilled(int ranges)
    {
        long start = Map(ranges);
        Fill(start, ranges);
        return start;
    }

    /// <summary>Writes one byte to every page of ranges that follow each other.</summary>
    public void Fill(long start, int ranges, byte value = 7)
    {
        for (int index = 0; index < ranges; index++)
        {
            Write(start + ((long)index << Geometry.PmdShift), 0, Geometry.PtesPerTable, value);
        }
    }

    /// <summary>Stores one byte in each of the pages [first, end) of a range.</summary>
    public MmDone Write(long range, int first, int end, byte value = 7) => Call(Store(range, first, end, value));

    /// <summary>Loads one byte from each of the pages [first, end) of a range.</summary>
    public MmDone Read(long range, int first, int end) => Call(Load(range, first, end));

    /// <summary>The request of <see cref="Write"/>.</summary>
    public Touch Store(long range, int first, int end, byte value = 7) =>
        new(new Access(range, Bits512.Range(first, end), true, value, false), Cpu);

    /// <summary>The request of <see cref="Read"/>.</summary>
    public Touch Load(long range, int first, int end) => new(new Access(range, Bits512.Range(first, end), false, 0, false), Cpu);

    /// <summary>Number of nonzero pages among [first, end) of a range.</summary>
    public long CountNonzero(long range, int first, int end) =>
        Call(new CountPages(new Access(range, Bits512.Range(first, end), false, 0, false), Cpu)).Value;

    /// <summary>madvise on ranges that follow each other.</summary>
    public MmDone Advise(Advice advice, long start, int ranges = 1) => Call(Advice(advice, start, 0, ranges * Geometry.PtesPerTable));

    /// <summary>madvise on the pages [first, end) of a range.</summary>
    public MmDone AdvisePages(Advice advice, long range, int first, int end) => Call(Advice(advice, range, first, end));

    /// <summary>The request of <see cref="AdvisePages"/>.</summary>
    public AdviseArea Advice(Advice advice, long range, int first, int end) =>
        new(range + ((long)first << Geometry.PageShift), range + ((long)end << Geometry.PageShift), advice, Cpu);

    /// <summary>The page table of a range.</summary>
    public PteTable Table(long range) => Mm.Directory.Find(range).Table
        ?? throw new InvalidOperationException($"no page table at {range:x}, but {Mm.Directory.StateOf(range)}");

    /// <summary>The page behind a PTE.</summary>
    public int Pfn(long range, int index) => Table(range).Pfns[index];

    /// <summary>The page table as it is now.</summary>
    public TableImage Image(long range) => TableImage.Of(Mm, range);

    /// <summary>State of a range's PMD entry.</summary>
    public PmdState? State(long range) => Mm.Directory.StateOf(range);

    /// <summary>smaps LazyFree in kB (SM-20).</summary>
    public long LazyfreeKilobytes => Mm.Smaps().LazyfreePages * 4;
}
