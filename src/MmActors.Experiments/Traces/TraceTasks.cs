using System.Globalization;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Traces;

/// <summary>How an mm of a trace came to stand for a task of the scenario.</summary>
/// <param name="Mm">Pointer of the mm as printed, without 0x.</param>
/// <param name="Pid">Thread group that owned it; null where the kernel does not print it.</param>
/// <param name="Task">Task of the scenario; null when the mm is another process's and is left out.</param>
/// <param name="Why">What decided: the user, a name, the order of first appearance.</param>
public sealed record TraceTask(string Mm, int? Pid, string? Task, string Why);

/// <summary>Which mm of a trace is which task of a scenario.</summary>
internal static class TraceTasks
{
    /// <summary>The mms in order of first appearance. What the user says goes first, then a name that the owner ran under; if neither
    /// gave a task to any mm, the tasks are dealt out in the order in which khugepaged comes to them.</summary>
    /// <exception cref="ScenarioException">The user named an mm or a task that does not exist.</exception>
    public static List<TraceTask> Of(TraceFile trace, IReadOnlyList<string> tasks, IReadOnlyList<string> visited, IReadOnlyDictionary<string, string> given)
    {
        List<(string Mm, int? Pid)> mms = Mms(trace);
        Check(trace, tasks, mms, given);
        HashSet<string> taken = [.. given.Values];
        List<TraceTask> found = [.. mms.Select(mm => Named(trace, mm, tasks, given, taken))];
        if (found.Exists(static task => task.Task is not null))
        {
            return found;
        }

        return [.. found.Select((mm, index) => index < visited.Count
            ? mm with { Task = visited[index], Why = "by order of first appearance" } : mm)];
    }

    private static List<(string Mm, int? Pid)> Mms(TraceFile trace)
    {
        List<(string Mm, int? Pid)> mms = [];
        foreach (TraceRecord record in trace.Records)
        {
            (string? mm, int? pid) = record switch
            {
                ScanPmdRecord range => (range.Mm, range.OwnerPid),
                ScanRecord call => (call.Mm, call.OwnerPid),
                _ => (null, null),
            };
            if (mm is null)
            {
                continue;
            }

            int index = mms.FindIndex(known => known.Mm == mm);
            if (index < 0)
            {
                mms.Add((mm, pid));
            }
            else if (mms[index].Pid is null or < 0)
            {
                mms[index] = (mm, pid);
            }
        }

        return mms;
    }

    private static void Check(
        TraceFile trace, IReadOnlyList<string> tasks, List<(string Mm, int? Pid)> mms, IReadOnlyDictionary<string, string> given)
    {
        foreach ((string name, string task) in given)
        {
            if (!tasks.Contains(task))
            {
                throw new ScenarioException(trace.Path, null, $"no task '{task}' for mm {name}; tasks are {string.Join(", ", tasks)}");
            }

            if (!mms.Exists(mm => Is(mm, name)))
            {
                throw new ScenarioException(trace.Path, null, $"no mm or pid '{name}' in the trace; it has {string.Join(", ", mms.Select(Text))}");
            }
        }
    }

    private static bool Is((string Mm, int? Pid) mm, string name) =>
        mm.Mm == name || "0x" + mm.Mm == name || mm.Pid?.ToString(CultureInfo.InvariantCulture) == name;

    private static string Text((string Mm, int? Pid) mm) => mm.Pid is { } pid
        ? string.Create(CultureInfo.InvariantCulture, $"{mm.Mm} (pid {pid})") : mm.Mm;

    private static TraceTask Named(
        TraceFile trace, (string Mm, int? Pid) mm, IReadOnlyList<string> tasks, IReadOnlyDictionary<string, string> given, HashSet<string> taken)
    {
        foreach ((string name, string task) in given)
        {
            if (Is(mm, name))
            {
                return new TraceTask(mm.Mm, mm.Pid, task, "as told");
            }
        }

        string? named = mm.Pid is { } pid ? trace.NamesOf(pid).FirstOrDefault(name => tasks.Contains(name) && !taken.Contains(name)) : null;
        return new TraceTask(mm.Mm, mm.Pid, named, named is null ? "of another process" : "by name");
    }
}
