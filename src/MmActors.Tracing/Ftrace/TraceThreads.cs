using System.Globalization;
using MmActors.Model.Events;

namespace MmActors.Tracing.Ftrace;

/// <summary>Names, pids and CPUs of the threads that appear in a trace. The kernel's own have the numbers they have in the
/// recordings; tasks follow in the order of their address spaces.</summary>
/// <param name="cpus">CPUs of the machine.</param>
public sealed class TraceThreads(int cpus)
{
    /// <summary>What ps shows of a name (TASK_COMM_LEN less its NUL).</summary>
    private const int CommLength = 15;

    private const int FirstTaskPid = 50;

    private readonly SortedDictionary<int, string> _names = [];
    private readonly SortedSet<int> _gone = [];

    /// <summary>CPUs of the machine.</summary>
    public int Cpus => cpus;

    /// <summary>Learns of tasks that begin and end; call with every event.</summary>
    public void See(in KernelEvent entry)
    {
        if (entry.Kind == KernelEventKind.TaskStart)
        {
            _names[entry.Mm] = entry.Detail?.Name ?? "";
        }
        else if (entry.Kind == KernelEventKind.TaskExit)
        {
            _gone.Add(entry.Mm);
        }
    }

    /// <summary>Name of a context as the tracer prints it; "&lt;...&gt;" when it does not know it.</summary>
    public string Comm(int by) => by switch
    {
        KernelThread.Khugepaged => "khugepaged",
        KernelThread.Kswapd => "kswapd0",
        _ => _names.TryGetValue(by, out string? name) && name.Length > 0 ? Shorten(name) : "<...>",
    };

    /// <summary>The whole name of a task, as its markers state it.</summary>
    public string Role(int mm) => _names.GetValueOrDefault(mm, "");

    /// <summary>Thread id of a context.</summary>
    public static int Pid(int by) => by switch
    {
        KernelThread.Khugepaged => 30,
        KernelThread.Kswapd => 33,
        0 => 0,
        _ => FirstTaskPid + by - 1,
    };

    /// <summary>Thread group that owns an mm; −1 once it is gone (TC-12).</summary>
    public int Owner(int mm) => _gone.Contains(mm) ? -1 : Pid(mm);

    /// <summary>CPU a context runs on: tasks are dealt out in turn, kernel threads stay on the first.</summary>
    public int Cpu(int by) => by > 0 ? (by - 1) % cpus : 0;

    /// <summary>A pointer as %p prints it: hashed to 32 bits (TC-1). The same mm has the same value in every run, so that the
    /// traces of two variants can be laid side by side.</summary>
    public static string Pointer(long value)
    {
        ulong mixed = unchecked(((ulong)value + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9);
        mixed = unchecked((mixed ^ (mixed >> 29)) * 0x94d049bb133111eb);
        return ((uint)(mixed >> 32)).ToString("x16", CultureInfo.InvariantCulture);
    }

    private static string Shorten(string name)
    {
        string visible = new([.. name.Select(static letter => char.IsControl(letter) ? '?' : letter)]);
        return visible.Length <= CommLength ? visible : visible[..CommLength];
    }
}
