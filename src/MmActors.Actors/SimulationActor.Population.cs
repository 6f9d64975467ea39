using MmActors.Actors.Protocol;
using MmActors.Model.Programs;

namespace MmActors.Actors;

/// <content>Tasks that come and go for as long as the world runs. What has exited is forgotten, so that a world can see
/// millions of them.</content>
public sealed partial class SimulationActor
{
    private void BeginPopulation()
    {
        foreach (Arrival arrival in _spec.Population?.Begin() ?? [])
        {
            After(arrival.Delay, arrival);
        }
    }

    private void OnArrival(Arrival arrival)
    {
        TaskSpec task = arrival.Task;
        Member member = AddMember(task.Name, hasMemory: true, task.Image);
        member.Slot = arrival.Slot;
        member.Mm.AddImage(task.Image.VmasBelow, task.Image.VmasAbove, task.Image.OwnPages);
        member.Mm.FilePages = task.Image.FilePages;
        member.Mm.Memcg = World.GroupOf(task.Cgroup);
        member.Mm.ResidualYoungFraction = task.ResidualYoungFraction;
        StartTask(member, new StartChild(task.Name, [], []) { Source = arrival.Program });
    }

    /// <summary>A task has ended: the next one of its place is on its way.</summary>
    private void FollowUp(Member member)
    {
        if (member.Slot >= 0 && _spec.Population?.Follow(member.Slot) is { } next)
        {
            After(next.Delay, next);
        }

        ForgetIfOver(member);
    }

    /// <summary>KH-10: an address space outlives its task until khugepaged has let go of it.</summary>
    private void Forget(Member member)
    {
        member.IsSpaceGone = true;
        ForgetIfOver(member);
    }

    private void ForgetIfOver(Member member)
    {
        if (member.IsSpaceGone && !member.IsRunning)
        {
            _members.Remove(member.Mm.Id);
            _report.Forget(member.Report, member.Mm);
        }
    }
}
