using System.Diagnostics;
using System.Text.Json;
using MmActors.Experiments.Checkpoints;
using MmActors.Runtime.Checkpoints;

namespace MmActors.Experiments.Soaking;

/// <summary>Saves a soak as it goes: each summary, and a checkpoint whenever one is due. Stands between the runner and whoever else
/// listens to it.</summary>
/// <param name="inner">Whoever else listens; told first.</param>
/// <param name="store">Where to.</param>
/// <param name="every">Simulated time between two checkpoints.</param>
/// <param name="say">Takes lines for the user.</param>
/// <param name="isEnding">Whether the run ends here, before its time.</param>
public sealed class SoakSaver(
    ISoakListener inner, CheckpointStore store, TimeSpan every, Action<string> say, Func<bool> isEnding) : ISoakListener
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PatienceInTrouble = TimeSpan.FromSeconds(10);

    private readonly RunCheckpoint _checkpoint = new();
    private TimeSpan? _ended;
    private long _lastTry;
    private int _failuresSeen;
    private long _tidied;

    /// <summary>Simulated time at which this process takes the run over: that much is saved, or there is nothing to save.</summary>
    public TimeSpan From { get; init; }

    /// <summary>Called when something could not be written; null to go on.</summary>
    public Action? OnFailure { get; init; }

    /// <summary>Checkpoints that were begun.</summary>
    public int Begun { get; private set; }

    /// <summary>Measured: the longest time the simulation stood still for a checkpoint.</summary>
    public TimeSpan MeasuredLongestPause { get; private set; }

    /// <summary>Measured: all the time it stood still.</summary>
    public TimeSpan MeasuredPauses { get; private set; }

    /// <inheritdoc/>
    public void Summarise(SoakPeriod period)
    {
        inner.Summarise(period);
        store.AddRow(period.Number, JsonSerializer.Serialize(period));
    }

    /// <inheritdoc/>
    public void AtRest(SoakRun run)
    {
        inner.AtRest(run);
        SayNotes();
        Tidy();

        bool isLast = isEnding() || run.State.Time >= run.Request.Horizon;
        if (isLast)
        {
            // Stopped during a rest, it is told of that rest again, after a last summary; trouble has been waited for by then.
            if (_ended != run.State.Time || store.Trouble is null)
            {
                _ended = run.State.Time;
                SaveLast(run);
            }
        }
        else if (IsDue(run) && !store.IsSaving && (store.Trouble is null || Stopwatch.GetElapsedTime(_lastTry) > RetryAfter))
        {
            Save(run);
        }
    }

    /// <summary>What was packed and handed to the database is large, and dead once it is stored.</summary>
    private void Tidy()
    {
        if (store.Last is { } last && last.Number != _tidied)
        {
            _tidied = last.Number;
            Garbage.Collect();
        }
    }

    private void SayNotes()
    {
        while (store.NextNote() is { } note)
        {
            say(note);
        }

        if (store.Failures > _failuresSeen)
        {
            _failuresSeen = store.Failures;
            OnFailure?.Invoke();
        }
    }

    /// <summary>Whether a multiple of the interval has passed since the last complete checkpoint.</summary>
    private bool IsDue(SoakRun run)
    {
        TimeSpan last = store.Last is { } written && written.TimeTicks > From.Ticks ? TimeSpan.FromTicks(written.TimeTicks) : From;
        return run.State.Time.Ticks / every.Ticks > last.Ticks / every.Ticks;
    }

    private void SaveLast(SoakRun run)
    {
        bool isWell = store.Flush(PatienceAtEnd, PatienceInTrouble, SayNotes);
        SayNotes();
        if (!isWell)
        {
            return;
        }

        if (store.Last?.TimeTicks != run.State.Time.Ticks)
        {
            Save(run);
        }

        store.Flush(PatienceAtEnd, PatienceInTrouble, SayNotes);
        SayNotes();
    }

    private void Save(SoakRun run)
    {
        _lastTry = Stopwatch.GetTimestamp();
        IEnumerable<ReadOnlyMemory<byte>> blocks = SoakImage.Capture(_checkpoint, run);
        TimeSpan pause = Stopwatch.GetElapsedTime(_lastTry);
        Begun++;
        MeasuredPauses += pause;
        MeasuredLongestPause = pause > MeasuredLongestPause ? pause : MeasuredLongestPause;
        var manifest = new CheckpointManifest(store.NextNumber, run.State.Time.Ticks, run.State.Periods)
        {
            Events = run.World.Events.Count,
            EventHash = run.World.Events.Hash,
            Modules = ModuleVersion.Of(_checkpoint.Types),
            Objects = _checkpoint.Objects,
            MeasuredPauseMs = pause.TotalMilliseconds,
        };
        store.Save(manifest, blocks);
    }
}
