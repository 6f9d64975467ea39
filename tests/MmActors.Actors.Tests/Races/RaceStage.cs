using MmActors.Actors.Tests.Harness;

namespace MmActors.Actors.Tests.Races;

/// <summary>Where in a collapse somebody else acts (khugepaged.md 2.8).</summary>
public enum RaceWindow
{
    /// <summary>C1: nothing is held; seen by C2.</summary>
    W1,
    /// <summary>C2–C3, mmap_lock held for read: readers act now, writers run in W2; seen by C4 or by the isolate step.</summary>
    W2,
}

/// <summary>One process with one range that khugepaged is about to collapse; the test acts in a window of the attempt.</summary>
public abstract class RaceStage : KernelStage
{
    /// <summary>The range under collapse.</summary>
    protected static readonly long Range = Process.Range(0);

    /// <summary>The first address behind it.</summary>
    protected static readonly long RangeEnd = Process.Range(1);

    /// <summary>The process that owns the range.</summary>
    protected Process Task { get; private set; } = null!;

    /// <summary>Free pages before the attempt took its huge page.</summary>
    protected int FreeBefore { get; private set; }

    /// <summary>The page table before the attempt.</summary>
    protected TableImage Before { get; private set; } = null!;

    /// <summary>Boots, fills the range and lets khugepaged come to the window.</summary>
    protected void EnterWindow(RaceWindow window, bool isNew = false, Model.Settings.ThpSettings? thp = null, int pages = 512)
    {
        Fill(isNew, thp, pages);
        BeginAttempt(MiddleOf(window));
        Assert.Equal(FreeBefore - 512, Node.FreePages);
    }

    /// <summary>Boots and fills the range.</summary>
    protected void Fill(
        bool isNew = false, Model.Settings.ThpSettings? thp = null, int pages = 512, Model.Swap.SwapDevice? swap = null)
    {
        Boot(Kernels.Of(isNew), thp, swap: swap);
        Enter();
        if (pages > 0)
        {
            Task.Write(Range, 0, pages);
        }
    }

    /// <summary>Starts the process and maps the range; the machine is booted.</summary>
    protected void Enter()
    {
        Task = Start();
        Task.Map(1);
        FreeBefore = Node.FreePages;
    }

    /// <summary>Lets khugepaged begin a pass on the range and come so far.</summary>
    protected void BeginAttempt(TimeSpan sincePassBegin)
    {
        FreeBefore = Node.FreePages;
        Before = Task.Image(Range);
        AdviseHuge(Task, Range);
        AdvanceInPass(sincePassBegin);
    }

    /// <summary>From the pass begin to the middle of a window.</summary>
    protected static TimeSpan MiddleOf(RaceWindow window) =>
        window == RaceWindow.W1 ? RoundMachine.MiddleOfW1 : RoundMachine.MiddleOfRecheck;

    /// <summary>The attempt failed; the page table is as the test left it and the new page is free again (KH-31, KH-38).</summary>
    protected void AssertRolledBack(Model.ScanResult expected, TableImage left, bool atIsolate = true)
    {
        AssertFailedAttempt(expected, atIsolate);
        Assert.Equal(left, Task.Image(Range));
        Assert.Equal(FreeBefore, Node.FreePages);
    }
}
