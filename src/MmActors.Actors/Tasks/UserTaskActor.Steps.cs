using MmActors.Actors.Protocol;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Actors.Tasks;

/// <content>How each step of a program begins, and the two that take many requests: walks and random reads.</content>
public sealed partial class UserTaskActor
{
    private void Begin(Step step)
    {
        _running = step;
        _errno = Errno.None;
        _counted = 0;
        switch (step)
        {
            case SleepStep sleep:
                Sleep(sleep.Duration);
                break;
            case UntilStep until:
                Sleep(until.Time - Now);
                break;
            case MapStep map:
                _mapping = map;
                _space.Tell(new MapArea(map, _cpu), Self);
                break;
            case MadviseStep madvise:
                BeginMadvise(madvise);
                break;
            case AccessStep access:
                BeginWalk(access.Region, access.Span, access.Stride.Bytes, access.Value?.At(_program.LoopIndex), false, access.PacedTo);
                break;
            case CountStep count:
                BeginWalk(count.Region, count.Span, Geometry.PageSize, null, true, count.PacedTo);
                break;
            case RandomReadsStep reads:
                BeginReads(reads);
                break;
            case MunmapStep munmap:
                (long unmapStart, long unmapEnd) = Window(munmap.Region, munmap.Span);
                _space.Tell(new UnmapArea(unmapStart, unmapEnd, _cpu), Self);
                break;
            case MprotectStep protect:
                _space.Tell(new ProtectAreas([Window(protect.Region, protect.Span)], protect.Writable, _cpu), Self);
                break;
            case StripeStep stripe:
                _space.Tell(new ProtectAreas(Stripes(stripe), false, _cpu), Self);
                break;
            default:
                BeginOther(step);
                break;
        }
    }

    private void BeginOther(Step step)
    {
        switch (step)
        {
            case RunOnStep move:
                _cpu = move.Cpu % World.Machine.Cpus;
                Continue();
                break;
            case ThpDisableStep disable:
                _space.Tell(new DisableThp(disable.Disabled, _cpu), Self);
                break;
            case SetKnobStep knob:
                World.Simulation.Tell(new WriteKnob(knob.Knob, knob.Value), Self);
                break;
            case CgroupWriteStep write:
                BeginCgroupWrite(write);
                break;
            case VmWriteStep write:
                BeginVmWrite(write);
                break;
            case SnapStep snap:
                World.Simulation.Tell(new TakeSnap(snap.Name), Self);
                break;
            case ForkStep fork:
                _fork = fork;
                World.Simulation.Tell(new CreateChild(fork.Child), Self);
                break;
            case ExitStep:
                Exit();
                break;
            default:
                throw new InvalidOperationException($"no such step: {step.GetType().Name}");
        }
    }

    private void BeginMadvise(MadviseStep madvise)
    {
        (long start, long end) = Window(madvise.Region, madvise.Span);
        if (madvise.Advice == Advice.Collapse)
        {
            _collapse = new MadviseCollapseCall(World, Self, _space, _report.Mm, _cpu, (start, end), After, () => Now, SlowPath, errno =>
            {
                _collapse = null;
                _errno = errno;
                EmitMadvise(start, madvise.Advice, errno);
                Continue();
            });
            _collapse.Begin();
        }
        else
        {
            _space.Tell(new AdviseArea(start, end, madvise.Advice, _cpu), Self);
        }
    }

    /// <summary>memory.reclaim runs in the writer's own context (RC-40); a limit is set first and enforced then (RC-62).</summary>
    private void BeginCgroupWrite(CgroupWriteStep write)
    {
        _cgroupWrite = write;
        int group = World.GroupOf(write.Group);
        if (write.File == MemcgFile.Reclaim)
        {
            SlowPath().Tell(new ReclaimMemory(group, write.Pages, write.Swappiness) { Origin = NewCall() }, Self);
        }
        else
        {
            World.Node.Tell(new SetLimit(group, write.File, write.Pages), Self);
        }
    }

    private void OnCgroupReply(object message)
    {
        if (message is LimitSet set && _cgroupWrite!.File is MemcgFile.Max or MemcgFile.High)
        {
            SlowPath().Tell(
                new EnforceLimit(World.GroupOf(_cgroupWrite.Group), _cgroupWrite.File == MemcgFile.High) { Origin = NewCall() }, Self);
            return;
        }

        if (_cgroupWrite is { } write)
        {
            _cgroupWrite = null;
            var written = message as MemcgWritten ?? new MemcgWritten(Errno.None, 0);
            _errno = written.Errno;
            World.Simulation.Tell(
                new CgroupWritten(_report.Name, write, written.Errno, written.ReclaimedPages), Self);
            Continue();
            return;
        }

        Sleep(_costAfterHigh);
    }

    private void BeginVmWrite(VmWriteStep write)
    {
        const int DropSlabBit = 2;
        if (write.File != VmFile.DropCaches)
        {
            World.Simulation.Tell(new WriteVm(write.File, write.Value), Self);
        }
        else if ((write.Value & DropSlabBit) != 0)
        {
            _costAfterHigh = TimeSpan.Zero;
            SlowPath().Tell(new DropSlab { Origin = NewCall() }, Self);
        }
        else
        {
            Sleep(TimeSpan.Zero); // RC-42: the page cache is not simulated
        }
    }

    private void BeginWalk(string region, RegionSpan span, long stride, byte? value, bool counts, TimeSpan? pacedTo)
    {
        (long start, long end) = Window(region, span);
        _walk = new RangeWalk(start, end, stride, value) { Begin = Now, PacedTo = pacedTo ?? Now };
        _counts = counts;
        ContinueWalk();
    }

    private void ContinueWalk()
    {
        if (_walk!.Due > Now)
        {
            Sleep(_walk.Due - Now);
        }
        else if (_walk.Next() is { } access)
        {
            _access = access;
            _space.Tell(_counts ? new CountPages(access, _cpu) : new Touch(access, _cpu) { HugePageAt = _walk.IsPaced ? _walk.Due : null }, Self);
        }
        else
        {
            _walk = null;
            Continue();
        }
    }

    private void BeginReads(RandomReadsStep reads)
    {
        Region region = _regions[reads.Region];
        int pages = (int)(region.Bytes >> Geometry.PageShift);
        _meter = new AccessMeter(World.Machine, reads, region.Start, pages, Now, _tlb, _random);
        ContinueMeter();
    }

    private void ContinueMeter()
    {
        if (_meter!.IsComplete)
        {
            _report.Measured = _meter.Result(Now);
            EmitMeasured(_report.Measured);
            _meter = null;
            Continue();
        }
        else
        {
            _space.Tell(_meter.Request(_cpu), Self);
        }
    }

    private (long Start, long End) Window(string region, RegionSpan span) => _regions[region].Window(span);

    private List<(long, long)> Stripes(StripeStep stripe)
    {
        long start = _regions[stripe.Region].Start;
        List<(long, long)> windows = [];
        for (int index = 0; index < stripe.Stripes; index++)
        {
            long page = start + (index * 2L * Geometry.PageSize);
            windows.Add((page, page + Geometry.PageSize));
        }

        return windows;
    }
}
