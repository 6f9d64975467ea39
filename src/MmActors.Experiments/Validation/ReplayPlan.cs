using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Validation;

/// <summary>An operation of the recording and what the simulator is expected to return for it.</summary>
/// <param name="Role">Its role.</param>
/// <param name="Op">The operation.</param>
/// <param name="Result">Index among the results of the role's task; −1 when it has no step there.</param>
/// <param name="Refused">0, or the errno of a write that the kernel's own parser refuses.</param>
internal sealed record PlannedOp(string Role, RecordedOp Op, int Result, int Refused);

/// <summary>A recorded run as a world: its programs with the recorded times (RN-12), and khugepaged's passes as they began.</summary>
internal sealed class ReplayPlan
{
    /// <summary>Pages that the recorder's own files take in tmpfs at each snapshot, charged to who takes it (RC-44).</summary>
    private const int PagesASnap = 12;

    /// <summary>From the wake of khugepaged to its first trace line: it drains the LRU batches and waits for a CPU.</summary>
    private static readonly TimeSpan WakeToFirstLine = TimeSpan.FromMilliseconds(2);

    /// <summary>Part of the preset's reclaim times that a replay charges: a request must have returned by the time the recorded one
    /// had, or the recorder's next look comes too early.</summary>
    private const double ReclaimShare = 0.25;

    private readonly RecordedRun _run;
    private readonly DriverSteps _steps;
    private readonly List<PlannedOp> _ops = [];

    public ReplayPlan(RecordedRun run, MachinePreset machine)
    {
        _run = run;
        _steps = new DriverSteps(run.Script);
        Spec = new WorldSpec
        {
            Memory = run.Machine.Memory,
            KernelPages = run.Machine.KernelPages,
            CpuFreePages = run.Machine.CpuFreePages,
            Thp = run.Machine.Thp,
            Switches = run.Machine.Switches,
            Machine = machine with { Cpus = run.Machine.Cpus, Costs = WithoutUserTime(machine.Costs) },
            Tasks = [.. run.Roles.Select(Task), .. Recorders()],
            Cgroups = run.Machine.Cgroups,
            Swap = run.Machine.Swap,
            Vm = run.Machine.Vm,
            Uptime = run.Machine.Uptime,
            TimelineInterval = TimeSpan.Zero,
            PassStarts = [.. run.Passes.Select(static pass => pass.Begin - WakeToFirstLine)],
            KeepsResults = true,
            Seed = 1,
        };
    }

    /// <summary>The recording says how long an operation took, so what the simulator charges for it must not add to that.</summary>
    private static KernelCosts WithoutUserTime(KernelCosts costs) => costs with
    {
        MinorFaultNs = 1,
        ZeroFaultNs = 1,
        CowNs = 1,
        MadvFreePteNs = 1,
        MadvDontNeedPteNs = 1,
        StreamBytesPerNs = 4096,
        TouchNs = 1,
        SyscallNs = 1,
        LruScanPageNs = costs.LruScanPageNs * ReclaimShare,
        LazyfreeDiscardNs = costs.LazyfreeDiscardNs * ReclaimShare,
        SwapRamPageNs = costs.SwapRamPageNs * ReclaimShare,
        SwapDiskPageNs = costs.SwapDiskPageNs * ReclaimShare,
        FolioSplitNs = costs.FolioSplitNs * ReclaimShare,
    };

    /// <summary>What the world is made of.</summary>
    public WorldSpec Spec { get; }

    /// <summary>Every operation that returned, in order of role and time.</summary>
    public IReadOnlyList<PlannedOp> Ops => _ops;

    private TaskSpec Task(RecordedRole role) => new(role.Name, role.Start, Image, Program(role.Name, role.Ops), 0) { Cgroup = role.Cgroup };

    /// <summary>RN-1, RN-4, RC-44.</summary>
    private static ProcessImage Image { get; } = ProcessImage.Recorded with { OwnPages = 21, TouchedPages = 11, FilePages = 195 };

    private ImmutableArray<Step> Program(string role, ImmutableArray<RecordedOp> ops)
    {
        var program = ImmutableArray.CreateBuilder<Step>();
        int results = 0;
        foreach (RecordedOp op in ops)
        {
            int refused = 0;
            Step? step = op.Op.Name == "fork"
                ? new ForkStep(op.Op.Words[1], Program(op.Op.Words[1], op.Child))
                : _steps.Of(op.Op, op.LoopIndex, out refused);
            if (op.End is not null)
            {
                _ops.Add(new PlannedOp(role, op, step is null or ExitStep ? -1 : results, refused));
            }

            if (step is not null)
            {
                program.Add(new UntilStep(At(op)));
                if (_run.CpuAt(role, op.Start) is { } cpu)
                {
                    program.Add(new RunOnStep(cpu));
                }

                program.Add(step switch
                {
                    AccessStep access => access with { PacedTo = op.End },
                    CountStep count => count with { PacedTo = op.End },
                    _ => step,
                });
                results++;
            }
        }

        if (ops is [.., { End: null }])
        {
            program.Add(new UntilStep(_run.End + TimeSpan.FromDays(1))); // it lived on
        }

        return program.ToImmutable();
    }

    /// <summary>RN-12: loads and stores, and what takes long because it reclaims or collapses, from their start; the rest is done
    /// at its end.</summary>
    private static TimeSpan At(RecordedOp op) =>
        op.Op.Name is "write" or "read" or "count" or "sysw" or "snap" || (op.Op.Name == "madvise" && op.Op.Words[4] is "collapse" or "pageout")
        || op.End is null ? op.Start : op.End.Value;

    /// <summary>What stands for the recorder's files: one task a group that took snapshots.</summary>
    private IEnumerable<TaskSpec> Recorders()
    {
        foreach (IGrouping<string, RecordedRole> group in _run.Roles.Where(static role => role.Cgroup.Length > 0)
            .GroupBy(static role => role.Cgroup).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            TimeSpan[] snaps = [.. group.SelectMany(static role => RecordedRunReader.Flatten(role.Ops))
                .Where(static op => op.Op.Name == "snap").Select(static op => op.Start).Order()];
            if (snaps.Length == 0)
            {
                continue;
            }

            var program = ImmutableArray.CreateBuilder<Step>();
            program.Add(new MapStep("t", ByteSize.FromPages(PagesASnap * snaps.Length), Populate: false, Droppable: false, FixedOffset: null));
            for (int index = 0; index < snaps.Length; index++)
            {
                program.Add(new UntilStep(snaps[index]));
                program.Add(new AccessStep(
                    "t", new RegionSpan(ByteSize.FromPages(PagesASnap * index), ByteSize.FromPages(PagesASnap)),
                    new ByteSize(Geometry.PageSize), new FillByte(1, IsLoopIndex: false)));
            }

            program.Add(new UntilStep(_run.End + TimeSpan.FromDays(1)));
            yield return new TaskSpec("recorder-" + group.Key, TimeSpan.Zero, new ProcessImage(0, 0), program.ToImmutable(), 0)
            {
                Cgroup = group.Key,
            };
        }
    }
}
