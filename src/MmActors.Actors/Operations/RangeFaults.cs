using System.Runtime.InteropServices;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Actors.Operations;

/// <summary>How far the faults of one range got.</summary>
internal enum FaultProgress
{
    /// <summary>Every page was served.</summary>
    Done,
    /// <summary>The node was asked for memory.</summary>
    Waiting,
    /// <summary>SIGSEGV.</summary>
    Segfault,
    /// <summary>No memory: the task is killed.</summary>
    OutOfMemory,
    /// <summary>SIGBUS: the swap device could not read a page.</summary>
    ReadError,
}

/// <summary>Serves the faults of one access within one range: plan, allocate, apply, until nothing is left (UT-1…8).</summary>
/// <param name="space">The faulting address space.</param>
/// <param name="owner">The operation that waits for the node's answers.</param>
/// <param name="access">The access.</param>
/// <param name="populate">MAP_POPULATE: fault pages in without storing to them, and mark them accessed (UT-13).</param>
internal sealed class RangeFaults(AddressSpaceActor space, MmOperation owner, Access access, bool populate)
{
    private const int MostInVain = 8;

    private bool _hugeTried;
    private bool _swapsIn;
    private int _newHead;
    private int _held = -1;
    private int _inVain;
    private Bits512 _faulting;

    /// <summary>Simulated CPU time of the faults served so far.</summary>
    public double CostNs { get; private set; }

    private KernelCosts Costs => space.Costs;

    /// <summary>Goes on until everything is served or the node must be asked.</summary>
    public FaultProgress Advance()
    {
        while (true)
        {
            if (space.Mm.IsOomVictim)
            {
                return FaultProgress.OutOfMemory;
            }

            Bits512 left = populate ? MissingPages() : UserAccess.Apply(space.Mm, access);
            if (left.IsEmpty)
            {
                return FaultProgress.Done;
            }

            // A page that was served is done with, even if reclaim takes it before the last one is: otherwise a range larger
            // than its memory.max would be faulted in for ever.
            access = access with { Pages = left };
            _faulting = FirstOfOneKind(left & PagesOfFirstArea(left));
            FaultPlan plan = Faults.Plan(space.Mm, access, _faulting, space.Thp, _hugeTried);
            if (plan.AttemptsHuge)
            {
                Faults.PrepareHuge(space.Mm, access, _faulting);
            }

            if (plan.RegistersMm)
            {
                space.Register();
            }

            switch (plan.Need)
            {
                case FaultNeed.Segfault:
                    return FaultProgress.Segfault;
                case FaultNeed.Nothing:
                    ServeWithoutMemory();
                    break;
                case FaultNeed.HugePage:
                    owner.MayReclaim = plan.MayReclaim;
                    owner.GivesUpEarly = plan.GivesUpEarly;
                    space.AskNode(owner, new AllocateHuge(owner.Id, space.Mm.Memcg, owner.CallerCpu));
                    return FaultProgress.Waiting;
                default:
                    _swapsIn = plan.Need == FaultNeed.SwapIn;
                    owner.MayReclaim = true;
                    HoldFirst();
                    space.AskNode(owner, new AllocatePages(owner.Id, plan.PageCount, space.Mm.Memcg, owner.CallerCpu));
                    return FaultProgress.Waiting;
            }
        }
    }

    /// <summary>The node's answer to a request for base pages.</summary>
    public FaultProgress OnPages(PageBuffer pages, int cpu)
    {
        if (_swapsIn)
        {
            return ReadSwap(pages, cpu);
        }

        var work = new NodeWork();
        LetGo(work);
        int faults = Faults.ApplyPages(space.Mm, access, _faulting, pages, populate, work);
        if (pages.Count > 0)
        {
            space.ReturnPages(pages, cpu);
        }

        space.SendWork(work, cpu, 0);
        Count(faults, Costs.MinorFaultNs);
        return Advance();
    }

    /// <summary>There is no memory: the task is killed.</summary>
    public FaultProgress OnOutOfMemory(int cpu)
    {
        var work = new NodeWork();
        LetGo(work);
        space.SendWork(work, cpu, 0);
        return FaultProgress.OutOfMemory;
    }

    /// <summary>UT-7: the pages for swap entries are there; as many entries as pages are read.</summary>
    private FaultProgress ReadSwap(PageBuffer pages, int cpu)
    {
        Bits512 swapped = SwapIns.FirstSwapped(space.Mm, access.Range, _faulting, pages.Count, out int[] indexes);
        int[] slots = SwapIns.SlotsOf(space.Mm, access.Range, swapped);
        if (slots.Length == 0)
        {
            space.ReturnPages(pages, cpu);
            return Advance();
        }

        space.AskSwap(owner, new ReadSlots(
            owner.Id, slots, pages, space.Mm.Family, access.Range, indexes, MayWait: true, cpu));
        return FaultProgress.Waiting;
    }

    /// <summary>What the swap device had is mapped; the rest of the access goes on (T18).</summary>
    public FaultProgress OnSlotsRead(SlotsRead read, int cpu)
    {
        var work = new NodeWork();
        int mapped = SwapIns.Map(
            space.Mm, access.Range, CollectionsMarshal.AsSpan(read.Found), access.IsWrite || read.FreesCache, read.Unused, work);
        SwapIns.Release(space.Mm.Folios, read.Held, work);
        if (read.Unused.Count > 0)
        {
            space.ReturnPages(read.Unused, cpu);
        }

        space.SendWork(work, cpu, 0);
        space.Mm.Vmstat.Add(VmCounter.PgFault, mapped);
        space.Mm.Vmstat.Add(VmCounter.PgMajFault, read.Found.Count(static page => page.WasRead));
        space.EmitSwapIn(access.Range, mapped);
        Count(mapped, Costs.MinorFaultNs);
        return read.HasFailed ? FaultProgress.ReadError : Advance();
    }

    /// <summary>The node's answer to a request for an order-9 page. Zeroing 2 MiB takes its time before the page is
    /// mapped: a pass that the registration started sees the range still unmapped (KH-8a).</summary>
    public FaultProgress OnHuge(int head, Refusal refusal)
    {
        _hugeTried = true;
        if (head >= 0)
        {
            _newHead = head;
            space.WaitFor(owner, owner.ZeroingTime);
            return FaultProgress.Waiting;
        }

        CoverageMarks.Hit(CoverageMark.FaultHugeFallback);
        space.Mm.Vmstat.Add(VmCounter.ThpFaultFallback);
        space.Mm.Vmstat.Add(VmCounter.ThpFaultFallbackCharge, refusal is Refusal.NoCharge or Refusal.Limit ? 1 : 0);
        space.EmitThpFault(access.Range, served: false);
        return Advance();
    }

    /// <summary>The order-9 page is zeroed: map it, unless somebody populated the range meanwhile.</summary>
    public FaultProgress OnZeroed(int cpu)
    {
        var work = new NodeWork();
        bool served = Faults.ApplyHuge(space.Mm, access.Range, _newHead, populate, space.Thp, work);
        space.SendWork(work, cpu, 0);
        if (!served)
        {
            space.ReturnHuge(_newHead, cpu);
        }

        space.EmitThpFault(access.Range, served);
        return Advance();
    }

    /// <summary>UT-8: the page to be copied is held while its copy is allocated, so reclaim on behalf of the copy cannot take
    /// it and every round serves one page at least. A page that many hold already needs no more holders.</summary>
    private void HoldFirst()
    {
        if (_swapsIn || space.Mm.Directory.StateOf(access.Range) != PmdState.Table)
        {
            return;
        }

        PteTable table = space.Mm.Directory.Find(access.Range).Table!;
        int first = _faulting.NextSet(0);
        if (table.Present.Has(first))
        {
            int head = space.Mm.Folios.Head(table.Pfns[first]);
            _held = !space.Mm.Folios.IsCrowded(head) && space.Mm.Folios.TryGet(head) ? head : -1;
        }
    }

    private void LetGo(NodeWork work)
    {
        if (_held >= 0 && space.Mm.Folios.Put(_held))
        {
            work.Freed.Add(_held);
        }

        _held = -1;
    }

    private void ServeWithoutMemory()
    {
        int faults = Faults.ApplyWithoutMemory(space.Mm, access, _faulting, space.Thp);
        if (faults == 0 && space.Mm.Directory.StateOf(access.Range) != PmdState.Huge)
        {
            // Reclaim gave the page a place in swap between the plan and the fault: the next plan sees it.
            if (++_inVain == MostInVain)
            {
                throw new InvariantException($"a fault at {access.Range:x} made no progress");
            }

            return;
        }

        _inVain = 0;
        Count(faults, access.IsWrite ? Costs.CowNs : Costs.ZeroFaultNs);
    }

    private void Count(int faults, double costNs)
    {
        CostNs += faults * costNs;
        space.EmitFaults(access.Range, faults);
    }

    private Bits512 MissingPages()
    {
        PmdState? state = space.Mm.Directory.StateOf(access.Range);
        if (state is PmdState.Huge)
        {
            return space.Mm.Directory.Find(access.Range).Huge!.Writable ? Bits512.None : access.Pages;
        }

        if (state is not PmdState.Table)
        {
            return access.Pages;
        }

        PteTable table = space.Mm.Directory.Find(access.Range).Table!;
        return access.Pages.Without(table.Present & table.Writable);
    }

    /// <summary>Swap entries and other pages fault in order of address, one run after the other: under reclaim a range with
    /// both might otherwise never get beyond swapping in.</summary>
    private Bits512 FirstOfOneKind(in Bits512 pages)
    {
        if (space.Mm.Directory.StateOf(access.Range) != PmdState.Table)
        {
            return pages;
        }

        Bits512 swapped = pages & space.Mm.Directory.Find(access.Range).Table!.NonPresent;
        Bits512 others = pages.Without(swapped);
        bool startsSwapped = swapped.NextSet(0) < others.NextSet(0);
        int end = startsSwapped ? others.NextSet(0) : swapped.NextSet(0);
        return pages & Windows.PagesOf(access.Range, access.Range, access.Range + ((long)end << Geometry.PageShift));
    }

    private Bits512 PagesOfFirstArea(in Bits512 pages)
    {
        long first = access.Range + ((long)pages.NextSet(0) << Geometry.PageShift);
        Vma? vma = space.Mm.Vmas.Find(first);
        return vma is null ? Bits512.Single(pages.NextSet(0)) : Windows.PagesOf(access.Range, vma.Start, vma.End);
    }
}
