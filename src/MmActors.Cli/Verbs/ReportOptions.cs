using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary>The options of the verbs that show results to a person: a page, several seeds, the memory map.</summary>
internal sealed class ReportOptions
{
    private const int MostSeeds = 1000;

    private readonly Option<string?> _report = new("--report")
    {
        Description = "HTML page to write besides the result: one file, charts included, needs no network.",
        HelpName = "FILE.html",
    };

    private readonly Option<string?> _seeds = new("--seeds")
    {
        Description = $"Number of seeds, 1 to {MostSeeds}, from --seed on: adds means, and stars where confidence intervals separate. Default: 1.",
        HelpName = "NUMBER",
    };

    private readonly Option<bool> _ascii = new("--ascii")
    {
        Description = "Draw the memory map with plain characters, also where standard output is no terminal.",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in new Option[] { _report, _seeds, _ascii })
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>The choices with what was given here.</summary>
    /// <exception cref="UsageException">Something given cannot be.</exception>
    public RunChoices Read(ParseResult parsed, RunChoices choices)
    {
        var ascii = parsed.GetValue(_ascii);
        if (ascii && (choices.Format != OutputFormat.Table || choices.OutputFile is not null))
        {
            throw new UsageException("'--ascii' draws into the format table on standard output only");
        }

        var report = UserFile.Given(parsed, _report);
        if (report is not null)
        {
            ResultOutput.CheckFile(report);
        }

        return choices with
        {
            Verb = parsed.CommandResult.Command is RootCommand ? null : parsed.CommandResult.Command.Name,
            ReportFile = report,
            Seeds = Seeds(parsed.GetValue(_seeds), choices),
            Ascii = ascii,
        };
    }

    private static int Seeds(string? given, RunChoices choices)
    {
        if (given is null)
        {
            return 1;
        }

        if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var seeds) || seeds is < 1 or > MostSeeds)
        {
            throw new UsageException($"'--seeds' takes a whole number from 1 to {MostSeeds}, not '{given}'");
        }

        return choices.Seed <= ulong.MaxValue - (ulong)(seeds - 1) ? seeds
            : throw new UsageException($"'--seeds {seeds}' from seed {choices.Seed} on goes beyond {ulong.MaxValue}");
    }
}
