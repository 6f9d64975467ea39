using System.Globalization;
using MmActors.Experiments.Exploring;

namespace MmActors.Cli.Execution;

/// <summary>One line on a terminal's standard error while a search runs: schedules so far, how fast, and how long it will
/// take. Silent for the first second and when standard error is not a terminal.</summary>
internal sealed class ExploreProgressLine(Terminal terminal, long schedules) : IProgress<ExploreProgress>
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);
    private readonly object _gate = new();
    private TimeSpan _last;
    private int _drawn;

    /// <inheritdoc/>
    public void Report(ExploreProgress value)
    {
        lock (_gate)
        {
            if (terminal.ShowsProgress && value.Wall > Silence && value.Wall - _last > ProgressLine.Interval)
            {
                _last = value.Wall;
                double rate = value.Schedules / value.Wall.TotalSeconds;
                string line = string.Create(CultureInfo.InvariantCulture,
                    $"{value.Schedules} of {schedules} schedules, {rate:F0}/s, {(schedules - value.Schedules) / rate:F0} s left");
                terminal.Error.Write($"\r{line.PadRight(_drawn)}");
                terminal.Error.Flush();
                _drawn = line.Length;
            }
        }
    }

    /// <summary>Wipes the line.</summary>
    public void Clear()
    {
        if (_drawn > 0)
        {
            terminal.Error.Write($"\r{new string(' ', _drawn)}\r");
            terminal.Error.Flush();
        }
    }
}
