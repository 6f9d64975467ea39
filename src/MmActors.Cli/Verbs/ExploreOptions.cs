using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Exploring;
using MmActors.Runtime.Strategies;

namespace MmActors.Cli.Verbs;

/// <summary>The options of <c>mmactors explore</c> beside those every run has.</summary>
internal sealed class ExploreOptions
{
    private const long DefaultSchedules = 5000;
    private const int ManySchedules = 10_000;
    private const long MostSchedules = 1_000_000_000;
    private const int MostWorkers = 1024;
    private const string AllBugs = "all";
    private const int DefaultShrinking = 10_000;
    private const int MostShrinking = 1_000_000;

    /// <summary>Of the tasks' own random streams: one world, many orders.</summary>
    private const ulong WorldSeed = 1;

    private const string DefaultStrategy = "pct:3+timers";

    private readonly Option<string?> _schedules = new("--schedules", "-n")
    {
        Description = $"Schedules to run, with the seeds from --seed on. Default: {DefaultSchedules}.",
        HelpName = "NUMBER",
    };

    private readonly Option<string?> _strategy = new("--strategy")
    {
        Description = $"Who chooses: fifo, random, pct:D, delay:D or dfs:D; with +timers also when time passes, with +channels also whose "
            + $"message is next. Default: {DefaultStrategy}.",
        HelpName = "STRATEGY",
    };

    private readonly Option<string?> _workers = new("--workers", "-j")
    {
        Description = "Schedules run at the same time. Default: one per processor.",
        HelpName = "NUMBER",
    };

    private readonly Option<bool> _swarm = new("--swarm")
    {
        Description = "Draw tunables, memory and faults (allocations, locks, swap I/O, kills, late grants) from each seed.",
    };

    private readonly Option<bool> _audit = new("--audit")
    {
        Description = "Audit every page whenever no message is on its way, not only at the end of a schedule (slow).",
    };

    private readonly Option<string?> _plant = new("--plant")
    {
        Description = $"Make this mistake in the protocol on purpose, to see whether the search finds it; '{AllBugs}' for a table of "
            + "all of them and of several strategies.",
        HelpName = "BUG",
    };

    private readonly Option<string?> _shrink = new("--shrink")
    {
        Description = $"Schedules to spend on making a violation smaller; 0 for none. Default: {DefaultShrinking}.",
        HelpName = "NUMBER",
    };

    private readonly Option<string?> _directory = new("--out")
    {
        Description = "Directory for the ledger of seeds and for what a violation leaves behind. Default: mmactors-explore.",
        HelpName = "DIRECTORY",
    };

    /// <summary>Adds the options to the verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[_schedules, _strategy, _workers, _swarm, _audit, _plant, _shrink, _directory])
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>Directory for what the search writes.</summary>
    public string Directory(ParseResult parsed) => UserFile.Given(parsed, _directory) ?? "mmactors-explore";

    /// <summary>Schedules to spend on making a violation smaller.</summary>
    /// <exception cref="UsageException">It is no number.</exception>
    public int Shrinking(ParseResult parsed) => (int)Number("--shrink", parsed.GetValue(_shrink), DefaultShrinking, MostShrinking, least: 0);

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">Something given does not exist.</exception>
    public ExploreRequest Read(ParseResult parsed, RunChoices choices)
    {
        StrategySpec spec = Strategy(IsHunt(parsed) ? DefaultStrategy : parsed.GetValue(_strategy) ?? DefaultStrategy);
        long schedules = Number("--schedules", parsed.GetValue(_schedules), DefaultSchedules, MostSchedules);
        bool isSwarm = parsed.GetValue(_swarm);
        return new ExploreRequest(choices.Request(choices.Variants[0], choices.Machine) with { Seed = WorldSeed }, spec, choices.Seed, schedules)
        {
            IsSwarm = isSwarm,
            AuditsOften = parsed.GetValue(_audit),
            Workers = (int)Number("--workers", parsed.GetValue(_workers), Environment.ProcessorCount, MostWorkers),
            Planted = IsHunt(parsed) ? default : PlantedBugs.Parse(parsed.GetValue(_plant)) ?? throw UsageException.Unknown(
                "planted bug", parsed.GetValue(_plant)!, [.. PlantedBugs.Names, AllBugs]),
        };
    }

    /// <summary>Whether it goes on for longer than seconds: explore-seed takes as long compiled either way for 14 000 schedules,
    /// explore-races for 4 000.</summary>
    /// <exception cref="UsageException">The number given is none.</exception>
    public bool IsLong(ParseResult parsed) =>
        IsHunt(parsed) || Number("--schedules", parsed.GetValue(_schedules), DefaultSchedules, MostSchedules) >= ManySchedules;

    /// <summary>Whether all bugs are to be planted, one after the other.</summary>
    public bool IsHunt(ParseResult parsed) => parsed.GetValue(_plant) == AllBugs;

    /// <summary>The strategies to compare: those named, separated by commas, or the usual ones.</summary>
    /// <exception cref="UsageException">One of them does not exist.</exception>
    public StrategySpec[] Compared(ParseResult parsed) => [.. parsed.GetValue(_strategy) is { } named
        ? named.Split(',').Select(Strategy) : BugHunt.Strategies.Select(Strategy)];

    private static StrategySpec Strategy(string given) => StrategySpec.Parse(given)
        ?? throw new UsageException($"unknown strategy '{given}'; allowed: {StrategySpec.Forms}");

    private static long Number(string option, string? given, long otherwise, long most, long least = 1) => given is null ? otherwise
        : long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number : throw new UsageException($"'{option}' takes a whole number from {least} to {most}, not '{given}'");
}
