using System.Globalization;
using MmActors.Cli;
using MmActors.Cli.Execution;
using MmActors.Experiments.Checkpoints;

namespace MmActors.Checkpoint.Tests;

/// <summary>Runs the command as a user would, in this process, with a folder of its own for what it writes.</summary>
internal sealed class Commands : IDisposable
{
    /// <summary>A soak of an hour that takes a second.</summary>
    public static readonly string[] Soak =
        ["soak", "underused-thp", "--tasks", "3", "--seed", "5", "--report-every", "20m", "--audit-every", "20m", "--format", "csv"];

    /// <summary>Far more than anything here takes on a computer that has much else to do.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public string Folder { get; } = Directory.CreateTempSubdirectory("mmactors-checkpoint-").FullName;

    public string Out { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>Hash of the events, from the output.</summary>
    public string Hash => Out.Split('\n').Single(static line => line.StartsWith("# hash,", StringComparison.Ordinal));

    /// <summary>Rows of the output without what was measured.</summary>
    public string[] Rows => [.. Out.Split('\n').Where(static line => line.Length > 0 && char.IsAsciiDigit(line[0]))
        .Select(static line => string.Join(',', line.Split(',').SkipLast(2)))];

    public string PathOf(string name) => Path.Combine(Folder, name);

    public int Run(params string[] args) => Run(CancellationToken.None, null, args);

    /// <summary>With a Ctrl-C, and something to do when a line of standard error begins.</summary>
    public int Run(CancellationToken cancel, Action<string>? onError, string[] args)
    {
        using var output = new StringWriter();
        using var error = new Listener(onError);
        int code = MmActorsCommand.Run(args, new Terminal { Out = output, Error = error, Cancel = cancel }, new ShippedSimulator());
        (Out, Error) = (output.ToString(), error.ToString());
        return code;
    }

    /// <summary>Presses Ctrl-C once a line of standard error has a word in it; the run must be too long to end by itself.</summary>
    public void RunUntilSaid(string word, Action<string> onError, string[] args)
    {
        using var cancel = new CancellationTokenSource(Patience);
        bool isSaid = false;
        int code = Run(
            cancel.Token,
            line =>
            {
                onError(line);
                if (!isSaid && line.Contains(word, StringComparison.Ordinal))
                {
                    isSaid = true;
                    cancel.Cancel();
                }
            },
            args);
        Assert.True(isSaid, $"'{word}' was not said within {Patience.TotalMinutes} minutes (exit code {code}):\n{Error}");
        Assert.Equal(0, code);
        Assert.Contains("\nstopped at ", Error);
    }

    /// <summary>Resumes one of our soaks that was stopped, for two more hours: what one that is left alone gives as long.</summary>
    public void RequireSameEnd(string place)
    {
        TimeSpan last;
        using (StoredRun stored = StoredRun.Open(CheckpointLocation.Parse(place)))
        {
            last = stored.History.Checkpoints.Last().Time;
        }

        string end = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(last.TotalHours) + 2}h");
        Assert.Equal(0, Run("resume", place, "--for", end, "--format", "csv"));
        string hash = Hash;
        Assert.Equal(0, Run([.. Soak, "--for", end]));
        Assert.Equal(Hash, hash);
    }

    /// <summary>Must be refused with one line; returns it.</summary>
    public string Refuse(params string[] args)
    {
        int code = Run(args);
        Assert.Equal((2, ""), (code, Out));
        Assert.StartsWith("error: ", Error);
        Assert.Equal(Error.Length - 1, Error.IndexOf('\n'));
        Assert.DoesNotContain("   at ", Error);
        return Error;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private sealed class Listener(Action<string>? heard) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            heard?.Invoke(value ?? "");
        }
    }
}
