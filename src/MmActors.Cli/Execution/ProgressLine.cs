using System.Diagnostics;
using System.Globalization;
using MmActors.Experiments.Running;

namespace MmActors.Cli.Execution;

/// <summary>One line on a terminal's standard error while long work runs: simulated time, speed relative to real time,
/// and how long it will take. Silent for the first second and when standard error is not a terminal.</summary>
internal sealed class ProgressLine
{
    /// <summary>Time between two drawings.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);
    private readonly Terminal _terminal;
    private readonly long[] _simulatedTicks;
    private readonly double _horizonSeconds;
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _drawn;

    public ProgressLine(Terminal terminal, IReadOnlyList<RunRequest> requests)
    {
        _terminal = terminal;
        _simulatedTicks = new long[requests.Count];
        _horizonSeconds = requests.Sum(request => request.Scenario.Duration.TotalSeconds);
    }

    /// <summary>The receiver of one run's reports, or null when nobody would see them.</summary>
    public IProgress<RunProgress>? For(int run) =>
        _terminal.ShowsProgress ? new Slot(_simulatedTicks, run) : null;

    /// <summary>Overwrites the line, if one is wanted by now.</summary>
    public void Draw()
    {
        var elapsed = Stopwatch.GetElapsedTime(_start);
        if (!_terminal.ShowsProgress || elapsed < Silence)
        {
            return;
        }

        var simulated = 0.0;
        for (var i = 0; i < _simulatedTicks.Length; i++)
        {
            simulated += TimeSpan.FromTicks(Volatile.Read(ref _simulatedTicks[i])).TotalSeconds;
        }

        var line = Text(simulated, _horizonSeconds, elapsed.TotalSeconds);
        _terminal.Error.Write($"\r{line.PadRight(_drawn)}");
        _terminal.Error.Flush();
        _drawn = line.Length;
    }

    /// <summary>Wipes the line.</summary>
    public void Clear()
    {
        if (_drawn > 0)
        {
            _terminal.Error.Write($"\r{new string(' ', _drawn)}\r");
            _terminal.Error.Flush();
        }
    }

    /// <summary>The line's text; times summed over all runs.</summary>
    internal static string Text(double simulated, double horizon, double elapsed)
    {
        var speed = elapsed > 0 ? simulated / elapsed : 0;
        var left = speed > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, horizon - simulated) / speed:F0} s left")
            : "time left unknown";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"simulated {simulated:F0} of {horizon:F0} s, {speed:F0} x real time, {left}");
    }

    private sealed class Slot(long[] ticks, int run) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => Volatile.Write(ref ticks[run], value.Simulated.Ticks);
    }
}
