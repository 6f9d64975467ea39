using Akka.Actor;
using Akka.Event;
using MmActors.Actors.Protocol;
using MmActors.Actors.Tasks;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Coverage;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Settings;

namespace MmActors.Actors;

/// <content>/proc/sys/vm, memory.* files, and the OOM killer: who dies is decided here, where all tasks are known.</content>
public sealed partial class SimulationActor
{
    private readonly Queue<(KillForMemory Request, IActorRef From)> _kills = new();
    private bool _isKilling;

    private void OnVm(WriteVm write)
    {
        World.Vm = write.File switch
        {
            VmFile.Swappiness => World.Vm with { Swappiness = write.Value },
            VmFile.MinFreeKbytes => World.Vm with { MinFreeKbytes = write.Value },
            VmFile.WatermarkScaleFactor => World.Vm with { WatermarkScaleFactor = write.Value },
            _ => World.Vm,
        };
        World.Node.Tell(new ApplyVmSettings(World.Vm), Self);
        Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.KnobWrite });
        Sender.Tell(new RequestDone(), Self);
    }

    private void EmitKnob(string knob, string value)
    {
        if (World.IsLogged)
        {
            Log.Info("{Knob} is set to {Value}", knob, value);
        }

        Emit(new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.KnobWrite,
            Detail = new EventDetail { Name = $"{knob}={value}" },
        });
    }

    private void LogEnd(TaskReport report)
    {
        if (report.Fault is { } fault)
        {
            Log.Warning("task {Task} ends early: {Fault}", report.Name, fault);
        }
        else
        {
            Log.Info("task {Task} ends", report.Name);
        }
    }

    /// <summary>What the survey that has just been answered shows, for those who follow the steps.</summary>
    private void EmitFigures()
    {
        foreach (Member member in _members.Values.Where(static member => member.IsRunning && member.Report.HasMemory))
        {
            SmapsFigures figures = member.Report.Smaps;
            World.Events.EmitStep(new KernelEvent
            {
                Time = Now,
                Kind = KernelEventKind.TaskFigures,
                Mm = member.Mm.Id,
                Amount = figures.RssPages,
                Extra = figures.LazyfreePages,
                Unmapped = (int)figures.SwapPages,
                Referenced = figures.HugeRanges,
            });
        }

        World.Events.EmitStep(new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.NodeFigures,
            Amount = _report.Node.FreePages,
            Extra = _report.SplitQueue.Length,
        });
    }

    private void OnCgroupWritten(CgroupWritten written)
    {
        _report.Add(new CgroupWriteReport(
            Now, written.Task, written.Write.Group, written.Write.File, written.Write.Pages, written.Errno,
            written.ReclaimedPages));
        Emit(new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.CgroupWrite,
            Mm = World.GroupOf(written.Write.Group),
            Pfn = (int)written.Write.File,
            Referenced = (int)written.Errno,
            Amount = written.Write.Pages,
            Extra = written.ReclaimedPages,
        });
    }

    /// <summary>One kill at a time: the memory of the last victim may be enough for the next to ask.</summary>
    private void OnKillForMemory(KillForMemory kill)
    {
        _kills.Enqueue((kill, Sender));
        KillNext();
    }

    private void KillNext()
    {
        while (!_isKilling && _kills.TryPeek(out (KillForMemory Request, IActorRef From) next))
        {
            if (FindDying(next.Request.Group) is { } dying)
            {
                CoverageMarks.Hit(ReclaimMark.OomWaitsForDying);
                _isKilling = true;
                After(TimeSpan.FromSeconds(1.0 / World.Machine.Hz), new MemoryReaped(dying.Mm.Id)); // a tick, then try again
            }
            else if (FindVictim(next.Request.Group) is { } victim)
            {
                _isKilling = true;
                Kill(victim, next.Request.Group);
            }
            else
            {
                CoverageMarks.Hit(ReclaimMark.OomFindsNobody);
                _kills.Dequeue();
                next.From.Tell(new OomKilled(0), Self);
            }
        }
    }

    /// <summary>A victim whose memory is not free yet, because a collapse holds a range of it: nobody else is killed as long
    /// as it has not gone.</summary>
    private Member? FindDying(int group)
    {
        Memcg ancestor = _report.Node.Memcgs[group];
        return _members.Values.FirstOrDefault(member => member.Mm is { IsOomVictim: true, Detached: not null }
            && _report.Node.Memcgs[member.Mm.Memcg].IsWithin(ancestor));
    }

    /// <summary>RC-70: the task of the group with the most resident, swapped and page-table memory. The sizes are counters
    /// of the address spaces, read as the kernel reads them: without stopping anybody.</summary>
    private Member? FindVictim(int group)
    {
        Memcg ancestor = _report.Node.Memcgs[group];
        Member? victim = null;
        long most = 0;
        foreach (Member member in _members.Values)
        {
            bool isCandidate = member.IsRunning && !member.Mm.IsOomVictim && !member.Mm.IsExiting
                && _report.Node.Memcgs[member.Mm.Memcg].IsWithin(ancestor);
            long points = isCandidate ? member.Mm.RssPages + member.Mm.FilePages + member.Mm.SwapPages + member.Mm.PageTables : 0;
            if (isCandidate && points > most)
            {
                (victim, most) = (member, points);
            }
        }

        return victim;
    }

    private void Kill(Member victim, int group)
    {
        CoverageMarks.Hit(ReclaimMark.OomKills);
        World.Vmstat.Add(VmCounter.OomKill);
        _report.Node.Memcgs[group].Count(MemcgEvent.OomKill);
        if (World.IsLogged)
        {
            Log.Warning("out of memory in group {Group}: task {Task} is killed", group, victim.Report.Name);
        }

        Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.OomKill, Mm = victim.Mm.Id, Pfn = group });
        victim.Report.IsOomKilled = true;
        victim.Task.Tell(new UserTaskActor.Kill("killed for lack of memory (OOM)"), Self);
        if (!World.Families.TryAsk(victim.Mm.OwnFamily, victim.Space, new ReapMemory(), Self))
        {
            Self.Tell(new MemoryReaped(victim.Mm.Id), Self); // it has just exited: its memory is free
        }
    }

    private void OnKillTask(int mm)
    {
        if (_members.TryGetValue(mm, out Member? member) && member.IsRunning)
        {
            member.Task.Tell(new UserTaskActor.Kill("killed"), Self);
        }
    }

    private void OnReaped(MemoryReaped reaped)
    {
        _isKilling = false;
        if (reaped.Before is { } before && _members.TryGetValue(reaped.Mm, out Member? member))
        {
            member.Report.Smaps = before;
        }

        (_, IActorRef from) = _kills.Dequeue();
        from.Tell(new OomKilled(reaped.Mm), Self);
        KillNext();
    }
}
