using System.Diagnostics;

namespace MmActors.Checkpoint.Tests;

/// <summary>The command in a process of its own, there to be killed.</summary>
internal sealed class Victim : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "mmactors.dll");

    /// <summary>Far more than anything here takes on a computer that has much else to do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    public Victim(params string[] command)
    {
        string host = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet";
        _process = Process.Start(
            new ProcessStartInfo(host, [Program, .. command]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Looks until something is so; fails when the process ends first, or when it is never so.</summary>
    public async Task Until(Func<bool> isSo, string what)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (_process.HasExited)
            {
                Assert.Fail($"ended with exit code {_process.ExitCode} before this was so: {what}\n{await _error}");
            }

            if (Stopwatch.GetElapsedTime(begin) > Patience)
            {
                Kill();
                Assert.Fail($"not so within {Patience.TotalMinutes} minutes: {what}\n{await _error}");
            }

            await Task.Delay(BetweenLooks);
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _ = (_output.Result, _error.Result);
        _process.Dispose();
    }
}
