using MmActors.Actors;
using MmActors.Actors.Tasks;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Units;
using MmActors.Runtime;

namespace MmActors.Experiments.Validation;

/// <summary>What the simulator showed where the recorder looked.</summary>
internal sealed class ReplayedRun
{
    public List<(TimeSpan Time, RecordedRange Range)> Ranges { get; } = [];

    public List<(TimeSpan Time, RecordedVisit Visit)> Visits { get; } = [];

    public List<(TimeSpan Time, RecordedWalk Walk)> Walk { get; } = [];

    /// <summary>For each recorded smaps row the figures and the states of the same windows; null when the task has no memory.</summary>
    public Dictionary<RecordedSmaps, (SmapsFigures Figures, List<string> Pages)?> Smaps { get; } = [];

    /// <summary>Counters at each recorded snapshot, as differences from the recording's base: before and after the operations
    /// that were under way.</summary>
    public Dictionary<RecordedSnap, (SortedDictionary<string, long> Before, SortedDictionary<string, long> After)> Vmstat { get; } = [];

    /// <summary>memory.stat of each group at each recorded snapshot.</summary>
    public Dictionary<RecordedSnap, SortedDictionary<string, SortedDictionary<string, long>>> Memcg { get; } = [];

    /// <summary>Tasks by role.</summary>
    public SortedDictionary<string, TaskReport> Tasks { get; } = new(StringComparer.Ordinal);
}

/// <summary>Runs a recorded run in the simulator and looks where the recorder looked.</summary>
internal sealed class Replay
{
    private readonly RecordedRun _run;
    private readonly Quiet _quiet;
    private readonly World _world;
    private readonly ReplayedRun _seen = new();
    private long[] _baseline = new long[VmStat.Count];

    private Replay(RecordedRun run, Quiet quiet, World world)
    {
        _run = run;
        _quiet = quiet;
        _world = world;
    }

    /// <summary>Plays the script at the recorded times, and looks at the world when the recorder did.</summary>
    /// <param name="run">The recording.</param>
    /// <param name="quiet">When it may be looked at.</param>
    /// <param name="plan">What runs.</param>
    /// <param name="cancel">Ends it early, with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="follower">Told every event and the steps, if there is one.</param>
    public static ReplayedRun Run(
        RecordedRun run, Quiet quiet, ReplayPlan plan, CancellationToken cancel, IKernelEventSink? follower = null)
    {
        using SimHost host = SimHost.Start(new SimSettings { Seed = plan.Spec.Seed });
        var world = new World(host, plan.Spec);
        var replay = new Replay(run, quiet, world);
        world.Events.Attach(new Sink(world, replay._seen));
        if (follower is not null)
        {
            world.Events.AttachFollower(follower);
        }

        foreach ((TimeSpan time, Action look) in replay.Looks())
        {
            cancel.ThrowIfCancellationRequested();
            world.RunUntil(time, cancel);
            look();
        }

        world.RunUntil(run.End + TimeSpan.FromSeconds(1), cancel); // exits that the recorder saw at once
        cancel.ThrowIfCancellationRequested();
        foreach (TaskReport task in world.Report.Tasks)
        {
            replay._seen.Tasks[task.Name] = task;
        }

        return replay._seen;
    }

    private IEnumerable<(TimeSpan Time, Action Look)> Looks()
    {
        List<(TimeSpan Time, Action Look)> looks = [(_run.Baseline, () => _baseline = Counters())];
        foreach (RecordedSnap snap in _run.Snaps)
        {
            (TimeSpan from, TimeSpan to) = _quiet.Around(snap);
            looks.Add((from, () => _seen.Vmstat[snap] = (Vmstat(), null!)));
            looks.Add((to, () => LookAtGroups(snap)));
            looks.Add((to, () => _seen.Vmstat[snap] = (_seen.Vmstat[snap].Before, Vmstat())));
        }

        looks.AddRange(_run.Smaps.Select(row => (row.Time, (Action)(() => Look(row)))));
        return looks.OrderBy(static look => look.Time);
    }

    private long[] Counters() => [.. Enum.GetValues<VmCounter>().Select(counter => _world.Context.Vmstat[counter])];

    private SortedDictionary<string, long> Vmstat()
    {
        long[] now = Counters();
        SortedDictionary<string, long> counters = new(StringComparer.Ordinal);
        foreach (VmCounter counter in Enum.GetValues<VmCounter>())
        {
            counters[VmStat.Name(counter)] = now[(int)counter] - _baseline[(int)counter];
        }

        return counters;
    }

    private void LookAtGroups(RecordedSnap snap)
    {
        SortedDictionary<string, SortedDictionary<string, long>> groups = new(StringComparer.Ordinal);
        foreach (Memcg group in _world.Report.Node.Memcgs.Where(static group => group.Parent is not null))
        {
            groups[group.Path] = MemcgFigures.Of(group, _world.Report.Swap?.UsedBy(group.Id) ?? 0);
        }

        _seen.Memcg[snap] = groups;
    }

    private void Look(RecordedSmaps row)
    {
        int index = _world.Report.Tasks.ToList().FindIndex(task => task.Name == row.Role);
        if (index < 0 || !_world.Report.Tasks[index].HasMemory)
        {
            _seen.Smaps[row] = null;
            return;
        }

        Mm mm = _world.Report.Spaces[index];
        List<string> pages = [];
        foreach ((string name, int window, string states) in row.Pages)
        {
            MappedRegion region = _world.Report.Tasks[index].Regions.FirstOrDefault(region => region.Name == name);
            pages.Add(region.Name is null
                ? new string(PageStates.None, states.Length)
                : PageStates.Of(mm, region.Start + ((long)window << Geometry.PmdShift), states.Length));
        }

        _seen.Smaps[row] = (mm.Smaps(), pages);
    }

    private sealed class Sink(World world, ReplayedRun seen) : IKernelEventSink
    {
        public void Emit(in KernelEvent entry)
        {
            switch (entry.Kind)
            {
                case KernelEventKind.ScanPmd:
                    seen.Ranges.Add((entry.Time, new RecordedRange(
                        entry.Flag ? "khugepaged" : Role(entry.Mm), Role(entry.Mm), entry.Address, entry.Status.Text(), entry.Referenced,
                        entry.NoneOrZero, entry.Unmapped, (int)entry.Extra)));
                    break;
                case KernelEventKind.Visit:
                    seen.Visits.Add((entry.Time, new RecordedVisit(Role(entry.Mm), entry.Amount, entry.Extra, entry.Writable)));
                    break;
                case KernelEventKind.DeferredSplit:
                    seen.Walk.Add((entry.Time, new RecordedWalk(entry.Referenced, entry.NoneOrZero, entry.Flag ? 1 : 0)));
                    break;
            }
        }

        /// <summary>The trace names an mm by its owner, which an exiting one no longer has.</summary>
        private string Role(int mm) => world.Report.Spaces[mm - 1].IsExiting ? "pid-1" : world.Report.Tasks[mm - 1].Name;
    }
}
