using MmActors.Model.Events;
using MmActors.Tracing.Series;

namespace MmActors.Tracing;

/// <summary>Watches one run: told every event, and shown the world while it stands still. It never changes the run.</summary>
public interface IRunObserver : IKernelEventSink
{
    /// <summary>Simulated time between two looks at the world; zero when the one at the end is enough.</summary>
    TimeSpan SampleInterval { get; }

    /// <summary>The world at one moment: at time 0, at every interval, and once more when the run has ended.</summary>
    /// <param name="sample">What was seen.</param>
    /// <param name="isLast">The run has ended; the time is that of the sample before when it ended on an interval.</param>
    void Sample(SystemSample sample, bool isLast);
}
