#pragma warning disable RS0030 // the one place where simulated time is compared with the wall clock
using System.Diagnostics;

namespace MmActors.Runtime.Concurrent;

/// <summary>How much of the simulated time the wall clock allows at a pace, counted from the first call that runs the world: one that
/// is late, after a burst of work or an audit, catches up.</summary>
internal sealed class WallClock(double pace)
{
    private readonly Stopwatch _clock = new();
    private TimeSpan _origin;

    /// <summary>A run begins at this simulated time, or goes on.</summary>
    public void Start(TimeSpan now)
    {
        if (!_clock.IsRunning)
        {
            _origin = now;
            _clock.Start();
        }
    }

    /// <summary>Wall time until this simulated time may come; zero or less when it may.</summary>
    public TimeSpan Until(TimeSpan simulated)
    {
        var ticks = (simulated - _origin).Ticks / pace;
        return ticks >= TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : TimeSpan.FromTicks((long)ticks) - _clock.Elapsed;
    }
}
