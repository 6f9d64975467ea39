using System.Diagnostics;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Validation;

namespace MmActors.Cli.Execution;

/// <summary>Replays several recorded runs at once, one dedicated thread per processor.</summary>
internal static class ParallelValidation
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    /// <summary>The runs that were compared, in the given order; fewer than asked for after Ctrl-C.</summary>
    /// <exception cref="ScenarioException">A recorded run is wrong; the first one in the given order.</exception>
    public static ValidatedRun[] Run(IReadOnlyList<string> directories, Terminal terminal)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(terminal.Cancel);
        using var finished = new CountdownEvent(directories.Count);
        var results = new ValidatedRun?[directories.Count];
        var failures = new Exception?[directories.Count];
        int next = -1;

        void Work()
        {
            for (int index; (index = Interlocked.Increment(ref next)) < directories.Count;)
            {
                try
                {
                    results[index] = stop.IsCancellationRequested
                        ? null : RunValidator.Validate(directories[index], ScenarioCatalog.Shipped, stop.Token);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    results[index] = null;
                }
                catch (Exception failure)
                {
                    failures[index] = failure;
                    stop.Cancel();
                }
                finally
                {
                    finished.Signal();
                }
            }
        }

        for (int thread = Math.Min(Environment.ProcessorCount, directories.Count); thread > 0; thread--)
        {
            new Thread(Work) { IsBackground = true, Name = "validation" }.Start();
        }

        Wait(finished, directories.Count, terminal);
        int failed = Array.FindIndex(failures, static failure => failure is not null);
        return failed < 0 ? [.. results.OfType<ValidatedRun>()] : throw Failure(failures[failed]!, directories[failed]);
    }

    private static Exception Failure(Exception cause, string directory) =>
        cause is ScenarioException ? cause : new ValidationFailedException(directory, cause);

    private static void Wait(CountdownEvent finished, int count, Terminal terminal)
    {
        long start = Stopwatch.GetTimestamp();
        bool drawn = false;
        while (!finished.Wait(ProgressLine.Interval))
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (terminal.ShowsProgress && elapsed > Silence)
            {
                int done = count - finished.CurrentCount;
                string left = done == 0 ? "" : $", about {Math.Ceiling(elapsed.TotalSeconds / done * (count - done)):0} s left";
                terminal.Error.Write($"\r{done} of {count} runs compared{left}    ");
                terminal.Error.Flush();
                drawn = true;
            }
        }

        if (drawn)
        {
            terminal.Error.Write($"\r{new string(' ', 60)}\r");
            terminal.Error.Flush();
        }
    }
}

/// <summary>A replay ended by an exception: a fault of the simulator, never of the user.</summary>
internal sealed class ValidationFailedException(string directory, Exception cause) : Exception(cause.Message, cause)
{
    /// <summary>The command that makes it happen again.</summary>
    public string ReplayLine => $"mmactors validate {directory}";

    /// <summary>The recorded run.</summary>
    public string Directory => directory;
}
