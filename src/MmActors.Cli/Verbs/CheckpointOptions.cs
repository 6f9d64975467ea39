using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Checkpoints;
using MmActors.Tracing.Output;

namespace MmActors.Cli.Verbs;

/// <summary>The options about checkpoints, of the verbs that write them.</summary>
/// <param name="hasPlace">Whether the user says where they go; a resumed run goes on where it came from.</param>
internal sealed class CheckpointOptions(bool hasPlace)
{
    private const int DefaultKept = 3;
    private const int MostKept = 1000;
    private static readonly TimeSpan Default = TimeSpan.FromHours(6);
    private static readonly TimeSpan MostOften = TimeSpan.FromMinutes(1);
    private static readonly string[] Policies = ["continue", "stop"];

    private readonly Option<string?> _place = new("--checkpoint")
    {
        Description = "Where to keep checkpoints: a new SQLite file, or a PostgreSQL database as 'Host=…;Username=…;Database=…'. "
            + "Default: none, or SCENARIO.checkpoint.db where --checkpoint-every is given.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _every = new("--checkpoint-every")
    {
        Description = "Simulated time between two checkpoints. Default: 6h.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _keep = new("--keep")
    {
        Description = $"Checkpoints to keep; older ones are deleted. Default: {DefaultKept}.",
        HelpName = "NUMBER",
    };

    private readonly Option<string?> _onFailure = new("--on-checkpoint-failure")
    {
        Description = "What to do when a checkpoint cannot be written: continue (and try again) or stop. Default: continue.",
        HelpName = "continue|stop",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in (Option[])[.. hasPlace ? (Option[])[_place] : [], _every, _keep, _onFailure])
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>What was given; null where no checkpoints are wanted.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="place">Where the run came from, if it is resumed.</param>
    /// <param name="scenario">The scenario's name, for a file's.</param>
    /// <exception cref="UsageException">Something given does not exist.</exception>
    public CheckpointChoices? Read(ParseResult parsed, CheckpointLocation? place, string scenario)
    {
        string? every = parsed.GetValue(_every);
        string policy = parsed.GetValue(_onFailure) ?? Policies[0];
        if (!Policies.Contains(policy, StringComparer.Ordinal))
        {
            throw UsageException.Unknown("--on-checkpoint-failure", policy, Policies);
        }

        var choices = new CheckpointChoices(
            every is null ? Default : Interval(every), Keep(parsed.GetValue(_keep)), StopsOnFailure: policy == Policies[1]);
        if (place is not null)
        {
            return choices with { Location = place };
        }

        string? given = parsed.GetValue(_place) ?? (every is null ? null : $"{Path.GetFileNameWithoutExtension(scenario)}.checkpoint.db");
        if (given is not null)
        {
            return choices with { Location = CheckpointLocation.Parse(given) };
        }

        string? idle = ((Option<string?>[])[_keep, _onFailure]).FirstOrDefault(option => parsed.GetValue(option) is not null)?.Name;
        return idle is null ? null : throw new UsageException($"'{idle}' takes effect only with --checkpoint or --checkpoint-every");
    }

    /// <summary>The rows may not take the place of the checkpoints.</summary>
    /// <exception cref="UsageException">They would.</exception>
    public static void CheckApart(CheckpointLocation? checkpoints, string? output)
    {
        if (checkpoints is { IsFile: true } && output is not null && AtomicFile.Resolve(checkpoints.Name) == AtomicFile.Resolve(output))
        {
            throw new UsageException($"'--output' and the checkpoints would be the same file: '{output}'");
        }
    }

    private static TimeSpan Interval(string given) => Quantities.Time("--checkpoint-every", given) is var every && every >= MostOften ? every
        : throw new UsageException($"'--checkpoint-every' takes {SoakCommand.Time(MostOften)} or more, not '{given}'");

    private static int Keep(string? given) => given is null ? DefaultKept
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= MostKept ? number
        : throw new UsageException($"'--keep' takes a whole number from 1 to {MostKept}, not '{given}'");
}

/// <summary>How a run is to be saved.</summary>
/// <param name="Every">Simulated time between two checkpoints.</param>
/// <param name="Keep">Checkpoints to keep.</param>
/// <param name="StopsOnFailure">Whether the run ends when one cannot be written.</param>
internal sealed record CheckpointChoices(TimeSpan Every, int Keep, bool StopsOnFailure)
{
    /// <summary>Where to.</summary>
    public CheckpointLocation Location { get; init; } = null!;
}
