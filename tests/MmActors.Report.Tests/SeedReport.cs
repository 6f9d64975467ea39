using System.Xml.Linq;
using MmActors.Cli;
using MmActors.Cli.Execution;

namespace MmActors.Report.Tests;

/// <summary>The page of the seed experiment, made once for all tests by the command a user types.</summary>
public sealed class SeedReport : IDisposable
{
    public SeedReport()
    {
        Output = Run("compare", "hot-cold-hot", "--report", File);
        Html = System.IO.File.ReadAllText(File);
        Drawings = [.. Html.Split('\n').Where(static line => line.StartsWith("<svg ", StringComparison.Ordinal))
            .Select(static line => XElement.Parse(line[..(line.LastIndexOf("</svg>", StringComparison.Ordinal) + 6)]))];
    }

    public string File { get; } = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".html");

    public string Html { get; }

    public string Output { get; }

    /// <summary>Its drawings, in order.</summary>
    internal IReadOnlyList<XElement> Drawings { get; }

    public void Dispose() => System.IO.File.Delete(File);

    /// <summary>Standard output of a command, which must succeed without a word on standard error.</summary>
    internal static string Run(params string[] args)
    {
        var (code, output, error) = RunAs(isInteractive: false, colour: false, args);
        Assert.Equal((ExitCode.Success, ""), (code, error));
        return output;
    }

    internal static (int Code, string Output, string Error) RunAs(bool isInteractive, bool colour, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal { Out = output, Error = error, IsInteractive = isInteractive, Colour = colour };
        return (MmActorsCommand.Run(args, terminal, new ShippedSimulator()), output.ToString(), error.ToString());
    }
}
