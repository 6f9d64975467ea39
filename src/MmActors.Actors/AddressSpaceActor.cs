using Akka.Actor;
using MmActors.Actors.Operations;
using MmActors.Actors.Protocol;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Costs;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Actors;

/// <summary>One mm: mmap_lock, page-table locks and the anon_vma side of rmap. Owns VMAs, page tables and the record of
/// what was written. Accesses that need no fault are served in any state; everything else takes mmap_lock or waits in
/// its queue, and the time waited is measured.</summary>
public sealed partial class AddressSpaceActor : MmActor
{
    private readonly Dictionary<int, MmOperation> _pending = [];
    private readonly RandomStream _random;
    private int _operations;
    private bool _hasExited;

    /// <summary>Takes ownership of an address space.</summary>
    /// <param name="world">The world.</param>
    /// <param name="mm">The address space; nobody else uses it from now on.</param>
    /// <param name="name">Name of its random stream.</param>
    public AddressSpaceActor(WorldContext world, Mm mm, string name)
        : base(world)
    {
        Mm = mm;
        _random = new RandomStream(world.Seed, "mm/" + name);
    }

    internal Mm Mm { get; }

    /// <summary>Where answers to this address space go.</summary>
    internal IActorRef Address => Self;

    internal MmapLock<MmOperation> Lock { get; } = new();

    internal TimeSpan Time => Now;

    internal ThpSettings Thp => World.Thp;

    internal KernelCosts Costs => World.Machine.Costs;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Touch touch:
                OnTouch(touch);
                break;
            case RandomReads reads:
                OnRandomReads(reads);
                break;
            case PagesAllocated allocated:
                OnPages(allocated);
                break;
            case HugeAllocated allocated:
                OnHuge(allocated);
                break;
            case SlotsRead read:
                Pending(read.Operation).OnSlotsRead(read);
                break;
            case PagedOut done:
                Pending(done.Operation).OnWorkDone();
                break;
            case DelayElapsed elapsed:
                Pending(elapsed.Operation).Elapsed();
                break;
            case WorkDone done:
                Pending(done.Operation).OnWorkDone();
                break;
            case MmRequest request:
                OnCall(request);
                break;
            default:
                OnReclaim(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void PreStart() => World.Families.Add(Mm.OwnFamily, Self);

    internal int NextOperation() => ++_operations;

    internal void Await(MmOperation operation) => _pending[operation.Id] = operation;

    internal void AskNode(MmOperation operation, object request)
    {
        Await(operation);
        operation.NodeRequest = request;
        World.Node.Tell(request, Self);
    }

    internal void WaitFor(MmOperation operation, TimeSpan delay)
    {
        Await(operation);
        After(delay, new DelayElapsed(operation.Id));
    }

    internal void AskSwap(MmOperation operation, object request)
    {
        Await(operation);
        World.Swap.Tell(request, Self);
    }

    internal void Reply(IActorRef to, object reply) => to.Tell(reply, Self);

    /// <summary>KH-29: what a physical-address monitor did before MADV_FREE: some young pages' accessed bits moved into
    /// the folio's Y, which MADV_FREE does not clear.</summary>
    internal void MoveYoungBits(long range)
    {
        if (Mm.ResidualYoungFraction > 0 && Mm.Directory.StateOf(range) == PmdState.Table)
        {
            PteTable table = Mm.Directory.Find(range).Table!;
            for (int index = table.Young.NextSet(0); index < Geometry.PtesPerTable; index = table.Young.NextSet(index + 1))
            {
                if (table.Present.Has(index) && _random.NextDouble() < Mm.ResidualYoungFraction)
                {
                    Mm.Folios.SetFlags(Mm.Folios.Head(table.Pfns[index]), FolioFlags.Young);
                }
            }
        }
    }

    /// <summary>KH-8: the mm joins khugepaged's list, once.</summary>
    internal void Register()
    {
        if (!Mm.IsRegistered && !Mm.IsExiting)
        {
            Announce(Mm, Self);
        }
    }

    /// <summary>KH-8: the mm joins when any area in the window is eligible now.</summary>
    internal void RegisterIfEligible(long start, long end)
    {
        if (Mm.Vmas.Overlapping(start, end).Any(vma => Eligibility.IsEligible(Mm, vma, Thp, ignoreSysfs: false)))
        {
            Register();
        }
    }

    /// <summary>Puts this mm, or a child whose parent is registered, on khugepaged's list.</summary>
    internal void Announce(Mm mm, IActorRef space)
    {
        mm.IsRegistered = true;
        Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.Register, Mm = mm.Id });
        World.Khugepaged.Tell(new RegisterMm(mm.Id, space), Self);
    }

    internal void OnExited()
    {
        _hasExited = true;
        StopWhenExited();
    }

    /// <summary>KH-10: the mm outlives its task until khugepaged has freed its slot.</summary>
    private void StopWhenExited()
    {
        if (_hasExited && !Mm.IsRegistered)
        {
            World.Families.Remove(Mm.OwnFamily, Self);
            World.Families.Remove(Mm.Family, Self);
            Self.Tell(new LastMessage(), Self); // requests of reclaim that are already here are answered first
        }
    }

    private void Stop()
    {
        if (World.Forgets)
        {
            World.Simulation.Tell(new SpaceGone(Mm.Id), Self);
        }

        Context.Stop(Self);
    }

    internal void EmitFaults(long range, int faults) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.Faults,
        Mm = Mm.Id,
        Address = range,
        Amount = faults,
        Detail = DetailOf(range),
    });

    internal void EmitThpFault(long range, bool served) => Emit(new KernelEvent
    {
        Time = Now,
        Kind = KernelEventKind.ThpFault,
        Mm = Mm.Id,
        Address = range,
        Flag = served,
        Detail = DetailOf(range),
    });

    private MmOperation Pending(int operation) => _pending.Remove(operation, out MmOperation? found)
        ? found
        : throw new InvariantException($"mm {Mm.Id}: answer to operation {operation}, which does not wait");

    private void OnTouch(Touch touch)
    {
        Access access = touch.Access;
        access = access with { Pages = UserAccess.Apply(Mm, access) };
        if (access.Pages.IsEmpty)
        {
            EmitTouch(touch.Access);
            Sender.Tell(NothingToWaitFor, Self);
        }
        else
        {
            Func<TimeSpan, TimeSpan, object> done = (cost, stalled) => Done(touch.Access, cost, stalled);
            new TouchOperation(this, Sender, touch.Cpu, [access], done) { HugePageAt = touch.HugePageAt }.Begin();
        }
    }

    private void OnRandomReads(RandomReads reads)
    {
        var batch = new RandomReadBatch(Mm, reads.Start, reads.Pages, reads.Accesses, reads.WantsHugeMap);
        List<Access> faulting = batch.Touch(_random);
        EmitRandomReads(reads);
        if (faulting.Count == 0)
        {
            Sender.Tell(Answer(batch, TimeSpan.Zero, TimeSpan.Zero), Self);
        }
        else
        {
            new TouchOperation(this, Sender, reads.Cpu, faulting, (cost, stalled) => Answer(batch, cost, stalled)).Begin();
        }
    }

    private void OnCall(MmRequest request)
    {
        switch (request)
        {
            case CountPages count:
                new TouchOperation(
                    this, Sender, count.Cpu, [count.Access], (cost, stalled) => Done(count.Access, cost, stalled) with
                    {
                        Value = UserAccess.CountNonzero(Mm, count.Access.Range, count.Access.Pages),
                    }).Begin();
                break;
            case MapArea map:
                OnMap(map);
                break;
            case AdviseArea advise:
                OnAdvise(advise);
                break;
            case UnmapArea unmap:
                new UnmapOperation(this, Sender, unmap.Cpu, unmap.Start, unmap.End, isExit: false).Begin();
                break;
            case ProtectAreas protect:
                new AreaOperation(this, Sender, protect.Cpu, protect.Windows, flags => protect.Writable
                    ? flags | VmaFlags.Write : flags & ~VmaFlags.Write, removesWrite: !protect.Writable, _ => OnProtected(protect)).Begin();
                break;
            case DisableThp disable:
                new AreaOperation(this, Sender, disable.Cpu, [], flags => flags, removesWrite: false, _ => OnDisabled(disable)).Begin();
                break;
            case ForkInto fork:
                new ForkOperation(this, Sender, fork.Cpu, fork.Child, fork.ChildSpace, fork.Name).Begin();
                break;
            case ExitMm exit:
                OnExit(exit);
                break;
            default:
                Unhandled(request);
                break;
        }
    }

    private void OnMap(MapArea map)
    {
        MapStep step = map.Step;
        long bytes = (step.Size.Bytes + Geometry.PageSize - 1) & ~(Geometry.PageSize - 1L);
        long start = step.FixedOffset is { } offset ? Mm.Placement.Fixed(offset.Bytes) : Mm.Placement.TopDown(bytes);
        VmaFlags flags = VmaFlags.Write | (step.Droppable ? VmaFlags.Droppable : VmaFlags.None);
        var area = new Vma { Start = start, End = start + bytes, Flags = flags };
        new MapOperation(this, Sender, map.Cpu, area, step.Region, step.Populate).Begin();
    }

    private void OnProtected(ProtectAreas protect)
    {
        foreach ((long start, long end) in protect.Windows)
        {
            EmitWindow(KernelEventKind.Protected, start, end, flag: protect.Writable);
        }
    }

    private void OnDisabled(DisableThp disable)
    {
        Mm.ThpDisabled = disable.Disabled;
        EmitForSpace(KernelEventKind.ThpDisable, flag: disable.Disabled);
    }

    private sealed record LastMessage;

    private void OnAdvise(AdviseArea advise)
    {
        switch (advise.Advice)
        {
            case Advice.Free or Advice.DontNeed or Advice.Cold:
                new AdviseOperation(this, Sender, advise.Cpu, advise.Start, advise.End, advise.Advice).Begin();
                break;
            case Advice.PageOut:
                new PageOutOperation(this, Sender, advise.Cpu, advise.Start, advise.End).Begin();
                break;
            case Advice.PopulateWrite:
                new PopulateOperation(this, Sender, advise.Cpu, advise.Start, advise.End, TimeSpan.Zero).Begin();
                break;
            default:
                bool wants = advise.Advice == Advice.HugePage;
                VmaFlags set = wants ? VmaFlags.HugePage : VmaFlags.NoHugePage;
                VmaFlags clear = wants ? VmaFlags.NoHugePage : VmaFlags.HugePage;
                new AreaOperation(this, Sender, advise.Cpu, [(advise.Start, advise.End)], flags => (flags & ~clear) | set,
                    removesWrite: false, errno => OnAdvised(advise, errno)).Begin();
                break;
        }
    }

    private void OnAdvised(AdviseArea advise, Errno errno)
    {
        if (advise.Advice == Advice.HugePage)
        {
            RegisterIfEligible(advise.Start, advise.End);
        }

        EmitMadvise(advise.Start, advise.Advice, errno);
        EmitWindow(KernelEventKind.Advised, advise.Start, advise.End, (long)advise.Advice);
    }

    private void OnExit(ExitMm exit)
    {
        Mm.IsExiting = true;
        if (Mm.IsRegistered)
        {
            World.Khugepaged.Tell(new MmIsExiting(Mm.Id), Self);
        }

        new UnmapOperation(this, Sender, exit.Cpu, 0, long.MaxValue - Geometry.PmdSize, isExit: true).Begin();
    }

    private sealed record DelayElapsed(int Operation);

    private static readonly MmDone NothingToWaitFor = new(Errno.None, 0, TimeSpan.Zero, TimeSpan.Zero);

    private MmDone Done(in Access access, TimeSpan cost, TimeSpan stalled)
    {
        EmitTouch(access);
        return new MmDone(Errno.None, 0, cost, stalled);
    }

    private static RandomReadsDone Answer(RandomReadBatch batch, TimeSpan cost, TimeSpan stalled)
    {
        (int huge, int small, ulong[]? map) = batch.Mappings();
        return new RandomReadsDone(huge, small, map, cost, stalled);
    }
}
