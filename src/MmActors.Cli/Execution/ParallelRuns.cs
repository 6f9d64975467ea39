using MmActors.Experiments.Results;
using MmActors.Experiments.Running;

namespace MmActors.Cli.Execution;

/// <summary>Runs several requests at once, one dedicated thread per processor: runs never share state, so the order of
/// completion cannot change a result.</summary>
internal sealed class ParallelRuns(ISimulator simulator, Terminal terminal, RunChoices choices)
{
    /// <summary>Results in the order of the requests; null where an interruption kept a run from starting.</summary>
    /// <exception cref="RunFailedException">A run failed; the first one in the order of the requests.</exception>
    public VariantResult?[] Run(IReadOnlyList<RunRequest> requests)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(terminal.Cancel);
        using var finished = new CountdownEvent(requests.Count);
        var progress = new ProgressLine(terminal, requests);
        var results = new VariantResult?[requests.Count];
        var failures = new Exception?[requests.Count];
        var next = -1;

        void Work()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < requests.Count;)
            {
                try
                {
                    results[i] = stop.IsCancellationRequested
                        ? null
                        : simulator.Run(requests[i], progress.For(i), stop.Token);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    results[i] = null;
                }
                catch (Exception failure)
                {
                    failures[i] = failure;
                    stop.Cancel();
                }
                finally
                {
                    finished.Signal();
                }
            }
        }

        // A concurrent run at full pace wants all processors for itself.
        var most = choices.Concurrent is { Pace: null } ? 1 : Environment.ProcessorCount;
        for (var n = Math.Min(most, requests.Count); n > 0; n--)
        {
            new Thread(Work) { IsBackground = true, Name = "simulation" }.Start();
        }

        while (!finished.Wait(ProgressLine.Interval))
        {
            progress.Draw();
        }

        progress.Clear();
        var failed = Array.FindIndex(failures, failure => failure is not null);
        return failed < 0 ? results : throw new RunFailedException(
            requests[failed], choices.ReplayLine(requests[failed]), failures[failed]!);
    }
}

/// <summary>A run ended by an exception: a fault of the simulator, never of the user.</summary>
internal sealed class RunFailedException(RunRequest request, string replayLine, Exception cause)
    : Exception(cause.Message, cause)
{
    /// <summary>The command that makes it happen again.</summary>
    public string ReplayLine => replayLine;

    /// <summary>What was running.</summary>
    public RunRequest Request => request;
}
