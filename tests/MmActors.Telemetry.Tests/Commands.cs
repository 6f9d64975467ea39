using MmActors.Cli;
using MmActors.Cli.Execution;

namespace MmActors.Telemetry.Tests;

/// <summary>Runs the command as a user would, in this process, with a folder of its own for what it writes.</summary>
internal sealed class Commands : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("mmactors-telemetry-").FullName;

    public string Out { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>The environment the command sees.</summary>
    public Func<string, string?> Variable { get; set; } = static _ => null;

    public string PathOf(string name) => Path.Combine(Folder, name);

    public int Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = MmActorsCommand.Run(args, new Terminal { Out = output, Error = error, Variable = Variable }, new ShippedSimulator());
        (Out, Error) = (output.ToString(), error.ToString());
        return code;
    }

    /// <summary>Runs what must succeed without a word on standard error.</summary>
    public void Succeed(params string[] args)
    {
        int code = Run(args);
        Assert.Equal((0, ""), (code, Error));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
