using Akka.Actor;
using Akka.Event;
using MmActors.Actors.Protocol;
using MmActors.Actors.Reclaim;
using MmActors.Actors.Tasks;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Actors;

/// <summary>The root of a run: starts the kernel's actors and the tasks, keeps the timeline, takes snapshots and writes
/// sysfs knobs.</summary>
public sealed partial class SimulationActor : MmActor
{
    private readonly WorldSpec _spec;
    private readonly WorldReport _report;
    private readonly SortedDictionary<int, Member> _members = [];
    private readonly SortedDictionary<int, Survey> _surveys = [];
    private int _nextMm = 1;
    private int _nextSurvey = 1;

    /// <summary>Creates the root.</summary>
    /// <param name="world">The world.</param>
    /// <param name="spec">What runs in it.</param>
    /// <param name="report">Where results are written.</param>
    public SimulationActor(WorldContext world, WorldSpec spec, WorldReport report)
        : base(world)
    {
        _spec = spec;
        _report = report;
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        World.Simulation = Self;
        World.Shrinker = Context.ActorOf(Props.Create<DeferredSplitShrinkerActor>(World, _report.SplitQueue), "shrinker");
        World.Swap = _report.Swap is { } swap
            ? Context.ActorOf(Props.Create<SwapDeviceActor>(World, swap), "swap") : ActorRefs.Nobody;
        World.Kswapd = Context.ActorOf(Props.Create<KswapdActor>(World), "kswapd");
        World.Node = Context.ActorOf(Props.Create<MemoryNodeActor>(World, _report.Node), "node");
        World.Khugepaged = Context.ActorOf(Props.Create<KhugepagedActor>(World, _report.Khugepaged), "khugepaged");
        foreach (TaskSpec task in _spec.Tasks)
        {
            Member member = AddMember(task.Name, HasMemory(task.Program), task.Image);
            member.Mm.AddImage(task.Image.VmasBelow, task.Image.VmasAbove, task.Image.OwnPages);
            member.Mm.FilePages = task.Image.FilePages;
            member.Mm.Memcg = World.GroupOf(task.Cgroup);
            member.Mm.ResidualYoungFraction = task.ResidualYoungFraction;
            After(task.Start, new BeginTask(member.Mm.Id, new StartChild(task.Name, task.Program, [])));
        }

        BeginPopulation();
        if (_spec.TimelineInterval > TimeSpan.Zero)
        {
            After(_spec.TimelineInterval, new TimelineDue());
        }
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case BeginTask begin:
                StartTask(_members[begin.Mm], begin.Spec);
                break;
            case TimelineDue:
                BeginSurvey(null, ActorRefs.Nobody);
                After(_spec.TimelineInterval, message);
                break;
            case TakeSnap snap:
                BeginSurvey(snap.Name, Sender);
                break;
            case CollectFinal:
                BeginSurvey(FinalSurvey, ActorRefs.Nobody);
                break;
            case SmapsReply reply:
                OnSmaps(reply);
                break;
            case WriteKnob knob:
                OnKnob(knob);
                break;
            case CreateChild create:
                Member child = AddMember(create.Name, hasMemory: true, MemberOf(Sender).Image);
                _report.Forked++;
                child.Parent = Sender;
                EnsureSpace(child);
                Sender.Tell(new ChildReady(create.Name, child.Mm, child.Space), Self);
                break;
            case StartChild start:
                StartTask(_members.Values.Last(member => member.Parent.Equals(Sender)), start);
                break;
            case WriteVm write:
                OnVm(write);
                break;
            case CgroupWritten written:
                OnCgroupWritten(written);
                break;
            case KillForMemory kill:
                OnKillForMemory(kill);
                break;
            case MemoryReaped reaped:
                OnReaped(reaped);
                break;
            case KillTask kill:
                OnKillTask(kill.Mm);
                break;
            case TaskEnded:
                OnTaskEnded(MemberOf(Sender));
                break;
            case Arrival arrival:
                OnArrival(arrival);
                break;
            case SpaceGone gone:
                Forget(_members[gone.Mm]);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private const string FinalSurvey = "";

    private static bool HasMemory(IEnumerable<Step> program) =>
        program.Any(step => step is MapStep || (step is LoopStep loop && HasMemory(loop.Body)));

    private Member MemberOf(IActorRef task) => _members.Values.First(member => member.Task.Equals(task));

    private Member AddMember(string name, bool hasMemory, ProcessImage image)
    {
        int id = _nextMm++;
        var report = new TaskReport { Name = name, Mm = id, HasMemory = hasMemory };
        var member = new Member(report, new Mm(id, World.Folios, World.Vmstat, World.Families.NextNumber()) { Swap = _report.Swap }, image);
        _members.Add(id, member);
        _report.Add(report, member.Mm);
        return member;
    }

    private void EnsureSpace(Member member)
    {
        if (member.Space.IsNobody())
        {
            string name = $"mm-{member.Mm.Id}-{ActorName(member.Report.Name)}";
            member.Space = Context.ActorOf(Props.Create<AddressSpaceActor>(World, member.Mm, member.Report.Name), name);
        }
    }

    private void StartTask(Member member, StartChild spec)
    {
        EnsureSpace(member);
        member.IsRunning = true;
        _report.Started++;
        int cpu = (member.Mm.Id - 1) % World.Machine.Cpus;
        IActorRef task = Context.ActorOf(
            Props.Create<UserTaskActor>(World, spec, member.Report, member.Space, cpu, member.Image, _spec.ExactTlb),
            $"task-{member.Mm.Id}-{ActorName(spec.Name)}");
        member.Task = task;
        member.Report.Ranges = spec.Regions.Sum(region => new Region(region.Start, region.Bytes).Ranges);
        Emit(new KernelEvent
        {
            Time = Now,
            Kind = KernelEventKind.TaskStart,
            Mm = member.Mm.Id,
            Detail = new EventDetail { Name = spec.Name },
        });
        if (World.IsLogged)
        {
            Log.Info("task {Task} starts, mm {Mm}", spec.Name, member.Mm.Id);
        }

        task.Tell(new UserTaskActor.Run(), Self);
    }

    private void OnTaskEnded(Member member)
    {
        member.IsRunning = false;
        _report.Exited++;
        foreach (int tag in _surveys.Keys.ToArray())
        {
            Answered(tag, member.Mm.Id); // its address space is gone and may not have answered
        }

        if (World.IsLogged)
        {
            LogEnd(member.Report);
        }

        Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.TaskExit, Mm = member.Mm.Id, Flag = member.Report.Fault is not null });
        FollowUp(member);
    }

    private void OnKnob(WriteKnob knob)
    {
        KnobWrite write = ThpKnobs.Write(World.Thp, knob.Knob, knob.Value);
        if (write.Accepted)
        {
            bool startsOrStops = World.Thp.KhugepagedRuns != write.Settings.KhugepagedRuns; // KH-2
            World.Thp = write.Settings;
            EmitKnob(ThpKnobs.Relative(knob.Knob), knob.Value);
            if (startsOrStops || ThpKnobs.WakesKhugepaged(knob.Knob))
            {
                World.Khugepaged.Tell(new WakeKhugepaged(), Self);
            }
        }

        Sender.Tell(new RequestDone(), Self);
    }

    /// <summary>Asks every living address space for its figures; the last answer completes the survey.</summary>
    private void BeginSurvey(string? name, IActorRef replyTo)
    {
        int tag = _nextSurvey++;
        if (name is not null)
        {
            World.Node.Tell(new FlushStatistics(), Self); // RC-16g: a snapshot reads memory.stat
        }

        var survey = new Survey(name, replyTo, Now);
        _surveys.Add(tag, survey);
        foreach (Member member in _members.Values.Where(static member => member.IsRunning && !member.Report.HasExited))
        {
            survey.Missing.Add(member.Mm.Id);
            member.Space.Tell(new SmapsQuery(tag), Self);
        }

        FinishSurveyIfComplete(tag, survey);
    }

    private void OnSmaps(SmapsReply reply)
    {
        if (_members.TryGetValue(reply.Mm, out Member? member) && member.Report is { } report && !report.HasExited && !report.IsOomKilled)
        {
            report.Smaps = reply.Figures;
        }

        Answered(reply.Tag, reply.Mm);
    }

    private void Answered(int tag, int mm)
    {
        if (_surveys.TryGetValue(tag, out Survey? survey) && survey.Missing.Remove(mm))
        {
            FinishSurveyIfComplete(tag, survey);
        }
    }

    private void FinishSurveyIfComplete(int tag, Survey survey)
    {
        if (survey.Missing.Count > 0)
        {
            return;
        }

        _surveys.Remove(tag);
        if (survey.Name == FinalSurvey)
        {
            return;
        }

        _report.AddSurvey(survey.Name, survey.Time, _members.Values.Select(static member => (member.Report, member.IsRunning)), World.Vmstat);
        if (World.Events.FollowsSteps)
        {
            EmitFigures();
        }

        if (survey.Name is not null)
        {
            Emit(new KernelEvent { Time = Now, Kind = KernelEventKind.Snap, Amount = _report.Snaps.Count });
            survey.ReplyTo.Tell(new RequestDone(), Self);
        }
    }

    /// <summary>Actor names allow fewer characters than task names.</summary>
    private static string ActorName(string name) =>
        new([.. name.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '.')]);

    private sealed class Member(TaskReport report, Mm mm, ProcessImage image)
    {
        public ProcessImage Image { get; } = image;

        public TaskReport Report { get; } = report;

        public Mm Mm { get; } = mm;

        public IActorRef Space { get; set; } = ActorRefs.Nobody;

        /// <summary>The task that forked it; Nobody for a task of the scenario.</summary>
        public IActorRef Parent { get; set; } = ActorRefs.Nobody;

        public IActorRef Task { get; set; } = ActorRefs.Nobody;

        public bool IsRunning { get; set; }

        /// <summary>Its place in the population; negative for a task of the scenario and for fork children.</summary>
        public int Slot { get; set; } = -1;

        /// <summary>Its address space has stopped.</summary>
        public bool IsSpaceGone { get; set; }
    }

    private sealed class Survey(string? name, IActorRef replyTo, TimeSpan time)
    {
        public string? Name { get; } = name;

        public IActorRef ReplyTo { get; } = replyTo;

        public TimeSpan Time { get; } = time;

        /// <summary>Address spaces that have not answered.</summary>
        public SortedSet<int> Missing { get; } = [];
    }

    private sealed record BeginTask(int Mm, StartChild Spec);

    private sealed record TimelineDue;
}
