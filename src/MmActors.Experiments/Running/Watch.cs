using System.Collections.Immutable;
using MmActors.Actors;
using MmActors.Runtime;
using MmActors.Tracing;
using MmActors.Tracing.Series;

namespace MmActors.Experiments.Running;

/// <summary>Shows a world to its observers: it stops the clock where one of them wants to look. Without observers a run is
/// not stopped at all, and where it is stopped makes no difference to what happens.</summary>
internal sealed class Watch
{
    private readonly World _world;
    private readonly ImmutableArray<IRunObserver> _observers;
    private readonly TimeSpan[] _next;

    /// <summary>Attaches the observers; they see the world before anything has run.</summary>
    public Watch(World world, ImmutableArray<IRunObserver> observers)
    {
        _world = world;
        _observers = observers;
        _next = [.. observers.Select(static observer =>
            observer.SampleInterval > TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.MaxValue)];
        foreach (IRunObserver observer in observers)
        {
            world.Events.Attach(observer);
        }

        Show(TimeSpan.Zero);
    }

    /// <summary>Runs up to and including a time, with the looks that fall due on the way.</summary>
    public RunOutcome RunUntil(TimeSpan until, CancellationToken cancel)
    {
        RunOutcome outcome;
        bool stops;
        do
        {
            TimeSpan due = _next.Length == 0 ? TimeSpan.MaxValue : _next.Min();
            stops = due < until;
            TimeSpan target = stops ? due : until;
            outcome = _world.RunUntil(target, cancel);
            if (outcome == RunOutcome.Cancelled)
            {
                return outcome;
            }

            Show(target);
        }
        while (stops);
        return outcome;
    }

    /// <summary>The last look, at the world as it was left.</summary>
    public void End(TimeSpan now)
    {
        if (!_observers.IsEmpty)
        {
            SystemSample sample = WorldSamples.Take(_world, now);
            foreach (IRunObserver observer in _observers)
            {
                observer.Sample(sample, isLast: true);
            }
        }
    }

    private void Show(TimeSpan now)
    {
        SystemSample? sample = null;
        for (int index = 0; index < _next.Length; index++)
        {
            if (_next[index] <= now)
            {
                sample ??= WorldSamples.Take(_world, now);
                _observers[index].Sample(sample, isLast: false);
                _next[index] = now + _observers[index].SampleInterval;
            }
        }
    }
}
