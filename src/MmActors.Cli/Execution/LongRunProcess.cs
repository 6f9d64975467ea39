using System.Runtime.InteropServices;

namespace MmActors.Cli.Execution;

/// <summary>Starts the process anew for what goes on for minutes: how code is compiled and memory is had can only be said to the runtime and
/// to the C library before they start.</summary>
/// <remarks>A command of seconds is best compiled once, fully, as the project file asks for. One of minutes is better compiled twice: first
/// with counters in it, then by what they counted, so that a call which always ends in the same method is no longer looked up.</remarks>
internal static class LongRunProcess
{
    /// <summary>The runtime's own variable; a process that has it, be it from the user, goes on as it is.</summary>
    public const string Mark = "DOTNET_TieredCompilation";

    private const string CommandLine = "/proc/self/cmdline";

    /// <summary>The last two are glibc's: a database's driver asks for pieces of megabytes on many threads, and what is free between them
    /// adds up to some 100 MiB in thirty days of checkpoints.</summary>
    private static readonly (string Name, string Value)[] Settings =
        [(Mark, "1"), ("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "262144")];

    /// <summary>Whether it may be begun anew; not so where that has been done.</summary>
    public static bool CanBegin => OperatingSystem.IsLinux() && Environment.ProcessPath is not null && Environment.GetEnvironmentVariable(Mark) is null;

    /// <summary>Begins again, with the same process number, words and open files. Returns where it could not be.</summary>
    public static void Begin()
    {
        try
        {
            LeaveDiagnostics();
            string[] words = File.ReadAllText(CommandLine).Split('\0'); // each ends with a zero, so the last one is empty
            foreach ((string name, string value) in Settings)
            {
                _ = SetVariable(name, value, overwrites: 0);
            }

            _ = Execute(Environment.ProcessPath!, [.. words[..^1], null]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It runs as it is, only slower.
        }
    }

    /// <summary>The runtime's socket for dotnet-trace and its like is named after the process; the next one could not make it while it exists.</summary>
    private static void LeaveDiagnostics()
    {
        foreach (string socket in Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-*-socket"))
        {
            File.Delete(socket);
        }
    }

    [DllImport("libc", EntryPoint = "setenv", BestFitMapping = false)]
    private static extern int SetVariable(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrites);

    /// <summary>Returns only when it fails. On Linux the texts of an LPStr array are UTF-8, too.</summary>
    [DllImport("libc", EntryPoint = "execv", BestFitMapping = false)]
    private static extern int Execute(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string program,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] words);
}
