using MmActors.Model.Events;

namespace MmActors.Tracing.Perfetto;

/// <summary>The collapses under way, each the middle of a flow: from its scan over it to the tasks that waited for it.</summary>
internal sealed class CollapseFlows
{
    private readonly Dictionary<Origin, (long Begin, long End)> _running = [];

    /// <summary>A collapse begins.</summary>
    public void Begin(in KernelEvent entry, long now) => _running[entry.Origin] = (now, long.MaxValue);

    /// <summary>It ended; its range is reported next.</summary>
    public void End(in KernelEvent entry, long now)
    {
        if (_running.TryGetValue(entry.Origin, out var collapse))
        {
            _running[entry.Origin] = collapse with { End = now };
        }
    }

    /// <summary>The collapse of the range that is reported now, or null when it was not tried.</summary>
    public (ulong Flow, long Begin, long End)? Take(in KernelEvent range) =>
        _running.Remove(range.Origin, out var collapse) ? (FlowOf(range.Origin), collapse.Begin, collapse.End) : null;

    /// <summary>Number of the flow through an operation; 0 when it is no collapse.</summary>
    public static ulong FlowOf(Origin operation) => operation.Kind == OriginKind.Collapse ? (ulong)operation.Number : 0;
}
