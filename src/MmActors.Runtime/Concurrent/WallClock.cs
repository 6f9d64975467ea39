#pragma warning disable RS0030 // the one place where simulated time is compared with the wall clock
using System.Diagnostics;

namespace MmActors.Runtime.Concurrent;

/// <summary>How much of the simulated time the wall clock allows at a pace. Time between two calls that run the world, such as
/// that of an audit, does not count.</summary>
internal sealed class WallClock(double pace)
{
    private readonly Stopwatch _clock = new();
    private TimeSpan _origin;

    /// <summary>A run begins, or goes on, at this simulated time.</summary>
    public void Start(TimeSpan now)
    {
        _origin = now;
        _clock.Restart();
    }

    /// <summary>Wall time until this simulated time may come; zero or less when it may.</summary>
    public TimeSpan Until(TimeSpan simulated)
    {
        var ticks = (simulated - _origin).Ticks / pace;
        return ticks >= TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : TimeSpan.FromTicks((long)ticks) - _clock.Elapsed;
    }
}
