using System.Diagnostics;
using MmActors.Runtime.HashProbe;

namespace MmActors.Runtime.Tests;

/// <summary>The same program and seed give the same bytes everywhere. The constants pin machine, process, build
/// configuration and Akka version at once: they change only when the trace format, the probe or the schedule does.</summary>
public class DeterminismTests
{
    private const string FifoHash = "4afc81d32e47f4b0c5e4a92a98ef20bf";
    private const string RandomHash = "e8cece0a9855e793b6fccf64e2f36785";

    [Theory]
    [InlineData("fifo", FifoHash)]
    [InlineData("random", RandomHash)]
    public void A_run_here_has_the_golden_hash(string strategy, string expected) =>
        Assert.Equal(expected, ProbeWorld.TraceHash(strategy, 1));

    [Theory]
    [InlineData("fifo", FifoHash)]
    [InlineData("random", RandomHash)]
    public void Two_other_processes_have_the_golden_hash(string strategy, string expected)
    {
        Assert.Equal(expected, RunProbe("hash", strategy, "1"));
        Assert.Equal(expected, RunProbe("hash", strategy, "1"));
    }

    [Theory]
    [InlineData("fifo", FifoHash)]
    [InlineData("random", RandomHash)]
    public void A_reused_system_runs_as_a_fresh_one(string strategy, string expected) =>
        Assert.Equal((expected, expected), ProbeWorld.TraceHashesReused(strategy, 1));

    [Fact]
    public void Seeds_differ_from_each_other_and_repeat_themselves()
    {
        var hashes = Enumerable.Range(1, 8).Select(seed => ProbeWorld.TraceHash("random", (ulong)seed)).ToList();
        Assert.Equal(8, hashes.Distinct().Count());
        Assert.Equal(hashes, Enumerable.Range(1, 8).Select(seed => ProbeWorld.TraceHash("random", (ulong)seed)));
    }

    [Fact]
    public void Two_hosts_on_two_threads_do_not_disturb_each_other()
    {
        var hashes = new string[8];
        var threads = new List<Thread>();
        for (var lane = 0; lane < 2; lane++)
        {
            var first = lane * 4;
            var thread = new Thread(() =>
            {
                for (var index = first; index < first + 4; index++)
                {
                    hashes[index] = ProbeWorld.TraceHash("random", 1);
                }
            });
            thread.Start();
            threads.Add(thread);
        }

        threads.ForEach(static thread => thread.Join());
        Assert.All(hashes, hash => Assert.Equal(RandomHash, hash));
    }

    [Fact]
    public void A_run_uses_no_pool_thread() => Assert.Equal("0", RunProbe("work-items"));

    private static string RunProbe(params string[] arguments)
    {
        var probe = Path.Combine(AppContext.BaseDirectory, "MmActors.Runtime.HashProbe.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(probe);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
