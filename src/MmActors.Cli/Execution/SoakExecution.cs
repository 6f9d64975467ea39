using System.Globalization;
using MmActors.Cli.Verbs;
using MmActors.Experiments.Checkpoints;
using MmActors.Experiments.Soaking;
using MmActors.Model.Memory;
using MmActors.Runtime;
using MmActors.Runtime.Checkpoints;

namespace MmActors.Cli.Execution;

/// <summary>Runs a soak, new or resumed, from its first slice to the last word about it.</summary>
/// <param name="terminal">Where it is seen.</param>
/// <param name="server">Who is watched by, or null.</param>
/// <param name="command">The command line that repeats it.</param>
internal sealed class SoakExecution(Terminal terminal, WatchServer? server, string command)
{
    /// <summary>From the first slice on, or from the one it was resumed at; the store is left open.</summary>
    /// <param name="run">The run.</param>
    /// <param name="choices">How it is written.</param>
    /// <param name="rows">Summaries it had before it was interrupted.</param>
    /// <param name="store">Where it is saved; null for nowhere.</param>
    /// <param name="saving">How it is saved.</param>
    /// <returns>The exit code.</returns>
    public int Run(SoakRun run, RunChoices choices, IEnumerable<SoakPeriod> rows, CheckpointStore? store, CheckpointChoices? saving)
    {
        using var output = SoakOutput.Open(run.Request, choices, terminal);
        foreach (SoakPeriod row in rows)
        {
            output.Row(row);
        }

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(terminal.Cancel);
        var progress = new SoakProgress(run.Request, output, server is null ? null : new SoakWatch(server), terminal)
        {
            LastCheckpoint = () => store?.Last is { } last ? $", checkpoint at {SoakCommand.Moment(last.Time)}" : "",
        };
        SoakSaver? saver = store is null ? null : new SoakSaver(
            progress, store, saving!.Every, line => Say(progress, line), () => cancel.IsCancellationRequested)
        {
            From = run.State.Time,
            OnFailure = saving.StopsOnFailure ? cancel.Cancel : null,
        };
        SoakResult result;
        try
        {
            result = new SoakRunner(run, saver ?? (ISoakListener)progress).Run(cancel.Token);
            progress.Clear();
        }
        catch (Exception failure) when (failure is SimulationFailedException or InvariantException or CheckpointException)
        {
            progress.Clear();
            server?.Fail(failure.Message);
            throw new RunFailedException(run.Request.Run, command, failure);
        }

        output.End(result);
        terminal.Out.Flush();
        if (result.IsStopped)
        {
            terminal.Error.Write($"stopped at {SoakCommand.Moment(result.Time)} of {SoakCommand.Time(run.Request.Horizon)}\n");
        }

        return saver is null ? ExitCode.Success : LastWord(store!, saver, result, saving!);
    }

    private void Say(SoakProgress progress, string line)
    {
        progress.Clear();
        terminal.Error.Write($"checkpoint: {line}\n");
    }

    private int LastWord(CheckpointStore store, SoakSaver saver, SoakResult result, CheckpointChoices saving)
    {
        string place = store.Location.IsFile ? RunChoices.Quote(store.Location.Name) : $"'{store.Location.Name}'";
        if (store.Last is { } last)
        {
            terminal.Error.Write(string.Create(CultureInfo.InvariantCulture,
                $"last checkpoint at {SoakCommand.Moment(last.Time)} in {place}: {last.Length >> 20} MiB of state, "
                + $"{last.StoredLength / 1048576.0:F1} MiB stored in {last.MeasuredWriteMs / 1000:F1} s; {saver.Begun} taken, the simulation stood still for "
                + $"{saver.MeasuredPauses.TotalSeconds:F2} s, {saver.MeasuredLongestPause.TotalSeconds:F2} s at most\n"));
        }

        bool isComplete = store.PendingRows == 0 && store.Last?.TimeTicks == result.Time.Ticks;
        if (!isComplete || store.Failures > 0)
        {
            string missing = isComplete ? "everything is stored now"
                : string.Create(CultureInfo.InvariantCulture, $"NOT stored: {store.PendingRows} summaries")
                    + (store.Last?.TimeTicks == result.Time.Ticks ? "" : " and the last checkpoint");
            string reason = store.Trouble is { } trouble ? $" ({trouble})" : "";
            terminal.Error.Write(string.Create(CultureInfo.InvariantCulture,
                $"checkpoints failed {store.Failures} times; {missing}{reason}\n"));
        }

        return saving.StopsOnFailure && store.Failures > 0 ? ExitCode.Usage : ExitCode.Success;
    }
}
