using System.Diagnostics;
using System.Globalization;
using MmActors.Experiments.Soaking;

namespace MmActors.Cli.Execution;

/// <summary>What is seen of a soak while it runs: its rows, and on a terminal one line of standard error that is drawn over
/// and over.</summary>
internal sealed class SoakProgress(SoakRequest request, SoakOutput output, SoakWatch? watch, Terminal terminal) : ISoakListener
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan? _first;
    private TimeSpan _last;
    private TimeSpan _lastTime;
    private long _lastEvents;
    private int _drawn;

    /// <summary>What is said of the last checkpoint, with a comma in front; nothing without one.</summary>
    public Func<string> LastCheckpoint { get; init; } = static () => "";

    /// <inheritdoc/>
    public void AtRest(SoakRun run)
    {
        watch?.AtRest(run);
        _first ??= run.State.Time;
        TimeSpan wall = Stopwatch.GetElapsedTime(_start);
        if (terminal.ShowsProgress && wall - _last > ProgressLine.Interval)
        {
            Draw(Line(run, wall));
            (_last, _lastTime, _lastEvents) = (wall, run.State.Time, run.World.Events.Count);
        }
    }

    /// <inheritdoc/>
    public void Summarise(SoakPeriod period)
    {
        Draw("");
        output.Row(period);
        if (!terminal.ShowsProgress)
        {
            terminal.Error.Write(string.Create(CultureInfo.InvariantCulture,
                $"{SoakCommand.Time(period.End)} of {SoakCommand.Time(request.Horizon)} simulated, {period.Alive} tasks alive, "
                + $"{period.MeasuredRss >> 20} MiB resident, {(period.End - period.Start) / period.MeasuredWall:F0} x real time\n"));
        }
    }

    /// <summary>Wipes the line.</summary>
    public void Clear() => Draw("");

    private string Line(SoakRun run, TimeSpan wall)
    {
        double speed = (run.State.Time - _lastTime) / (wall - _last);
        double events = (run.World.Events.Count - _lastEvents) / (wall - _last).TotalSeconds;
        double done = (run.State.Time - _first!.Value) / wall;
        string left = done > 0 ? $", {TimeSpan.FromSeconds(Math.Ceiling((request.Horizon - run.State.Time).TotalSeconds / done)):h\\:mm\\:ss} left" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{run.State.Time.TotalDays:F2} of {request.Horizon.TotalDays:F2} d, {speed:F0} x, {events:F0} events/s, "
            + $"{run.Host.Kernel.PendingTimers} pending, {Environment.WorkingSet >> 20} MiB, "
            + $"{run.World.Report.Started - run.World.Report.Exited} tasks{left}{LastCheckpoint()}");
    }

    private void Draw(string line)
    {
        if (terminal.ShowsProgress && (line.Length > 0 || _drawn > 0))
        {
            terminal.Error.Write($"\r{line.PadRight(_drawn)}{(line.Length == 0 ? "\r" : "")}");
            terminal.Error.Flush();
            _drawn = line.Length;
        }
    }
}
