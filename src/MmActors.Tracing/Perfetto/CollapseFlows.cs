using MmActors.Model.Events;

namespace MmActors.Tracing.Perfetto;

/// <summary>Numbers the collapses and finds the one a task waited for.</summary>
internal sealed class CollapseFlows
{
    private readonly SortedDictionary<(int Mm, bool IsKhugepaged), (ulong Flow, long Begin, long End)> _running = [];
    private readonly SortedDictionary<int, (ulong Flow, long Begin, long End)> _last = [];
    private ulong _count;

    /// <summary>A collapse begins.</summary>
    public void Begin(in KernelEvent entry, long now)
    {
        (ulong, long, long) collapse = (++_count, now, long.MaxValue);
        _running[(entry.Mm, entry.Flag)] = collapse;
        _last[entry.Mm] = collapse;
    }

    /// <summary>It ended; its range is reported next.</summary>
    public void End(in KernelEvent entry, long now)
    {
        if (_running.TryGetValue((entry.Mm, entry.Flag), out var collapse))
        {
            collapse.End = now;
            _running[(entry.Mm, entry.Flag)] = collapse;
            if (_last[entry.Mm].Flow == collapse.Flow)
            {
                _last[entry.Mm] = collapse;
            }
        }
    }

    /// <summary>The collapse of the range that is reported now, or null when it was not tried.</summary>
    public (ulong Flow, long Begin, long End)? Take(in KernelEvent range)
    {
        if (!_running.TryGetValue((range.Mm, range.Flag), out var collapse) || collapse.End == long.MaxValue)
        {
            return null;
        }

        _running.Remove((range.Mm, range.Flag));
        return collapse;
    }

    /// <summary>Flow of the collapse that was under way in this mm when a task began to wait there; 0 when it waited for something
    /// else.</summary>
    public ulong Blamed(int mm, long waitBegan) =>
        _last.TryGetValue(mm, out var collapse) && collapse.Begin <= waitBegan && waitBegan <= collapse.End ? collapse.Flow : 0;
}
