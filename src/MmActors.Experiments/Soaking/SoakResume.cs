using System.Text.Json;
using MmActors.Experiments.Checkpoints;
using MmActors.Runtime.Checkpoints;

namespace MmActors.Experiments.Soaking;

/// <summary>A soak found in its database, and what is needed to go on with it.</summary>
/// <param name="Run">The run, standing where the checkpoint was taken.</param>
/// <param name="From">The checkpoint.</param>
/// <param name="History">What the journal says.</param>
public sealed record SoakResume(SoakRun Run, CheckpointManifest From, RunHistory History)
{
    /// <summary>The summaries up to the checkpoint.</summary>
    public IEnumerable<SoakPeriod> Rows => History.Rows.Where(row => row.Key <= From.Rows)
        .Select(static row => JsonSerializer.Deserialize<SoakPeriod>(row.Value)!);

    /// <summary>Simulated time of a checkpoint that was being written when the run was interrupted, so that an older one is gone on
    /// from; null when there is none such.</summary>
    public TimeSpan? Unfinished => From == History.Checkpoints.Last() ? History.Unfinished?.Time : null;

    /// <summary>Finds a soak and sets it up. Changes nothing where it is stored.</summary>
    /// <param name="location">Where it is stored.</param>
    /// <param name="from">Simulated time of the checkpoint to go on from, or of the last one before; null for the newest.</param>
    /// <param name="time">How the command line writes a time.</param>
    /// <exception cref="CheckpointRefusedException">There is none to go on from.</exception>
    public static SoakResume Open(CheckpointLocation location, TimeSpan? from, Func<TimeSpan, string> time)
    {
        string name = location.IsFile ? $"'{location.Name}'" : $"database {location.Name}";
        using StoredRun stored = StoredRun.Open(location);
        CheckpointManifest chosen = Choose(stored.History, from, name, time);
        IReadOnlyList<ReadOnlyMemory<byte>> bytes;
        try
        {
            bytes = stored.Load(chosen);
        }
        catch (CheckpointRefusedException damage)
        {
            throw new CheckpointRefusedException($"the checkpoint at {time(chosen.Time)} in {name} is damaged ({damage.Message}); "
                + $"nothing has been changed{Older(stored, chosen, time)}");
        }

        RequireBuild(chosen, name, stored.History.Began!);
        try
        {
            SoakRun run = SoakImage.Restore(bytes, stored.History.Began!.Seed);
            return run.World.Events.Hash == chosen.EventHash && run.World.Events.Count == chosen.Events
                ? new SoakResume(run, chosen, stored.History)
                : throw new CheckpointException("it has other events than it should have");
        }
        catch (CheckpointException fault)
        {
            throw new CheckpointRefusedException(
                $"the checkpoint at {time(chosen.Time)} in {name} cannot be resumed from: {fault.Message}; nothing has been changed");
        }
    }

    private static CheckpointManifest Choose(RunHistory history, TimeSpan? from, string name, Func<TimeSpan, string> time)
    {
        if (history.Checkpoints.Count == 0)
        {
            throw new CheckpointRefusedException(
                $"{name} holds no complete checkpoint yet; the run begins again with '{history.Began!.Command}'");
        }

        return history.Checkpoints.LastOrDefault(kept => from is null || kept.Time <= from) ?? throw new CheckpointRefusedException(
            $"{name} holds no checkpoint at or before {time(from!.Value)}; there are some at "
            + string.Join(", ", history.Checkpoints.Select(kept => time(kept.Time))));
    }

    /// <summary>Only the same code gives the same run.</summary>
    private static void RequireBuild(CheckpointManifest chosen, string name, RunBegan began)
    {
        string[] others = [.. chosen.Modules.Where(static module => !module.IsHere()).Select(static module => module.Name)];
        if (chosen.Format != CheckpointManifest.CurrentFormat || others.Length > 0)
        {
            throw new CheckpointRefusedException(
                $"{name} was written by another build ({began.Program}; {others.FirstOrDefault() ?? "its format"} differs): resume it with "
                + $"that build, or begin again with '{began.Command}' and another file; nothing has been changed");
        }
    }

    private static string Older(StoredRun stored, CheckpointManifest damaged, Func<TimeSpan, string> time)
    {
        foreach (CheckpointManifest older in stored.History.Checkpoints.Where(kept => kept.Number < damaged.Number).Reverse())
        {
            try
            {
                stored.Load(older);
                return $"; the one at {time(older.Time)} is whole: add '--from {time(older.Time)}' to resume from it";
            }
            catch (CheckpointRefusedException)
            {
                continue;
            }
        }

        return ", and no older one is whole";
    }
}
