using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Config;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;

namespace MmActors.Cli.Verbs;

/// <summary>The options of every verb that runs something. They are read as text and checked here, so that each
/// refusal names the allowed values.</summary>
/// <param name="allVariants">The word that stands for all variants, for a verb that takes the first one when none is named;
/// null where all is the default.</param>
/// <param name="isOpenEnded">How long it runs is said by another option, and no task measures its accesses.</param>
internal sealed class RunOptions(string? allVariants = null, bool isOpenEnded = false)
{
    private const ulong DefaultSeed = 1;
    private static readonly string[] Formats = ["table", "json", "csv", "md"];
    private static readonly string[] TlbModels = ["reach", "exact"];

    private readonly Option<string[]> _variants = new("--variant", "-v")
    {
        Description = allVariants is null
            ? "Variant to run; may be repeated. Default: all (run: the only one)."
            : $"Variant to run; may be repeated; '{allVariants}' for all. Default: the first.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _seed = new("--seed", "-s")
    {
        Description = "Seed of every random stream, 0 to 2^64-1. Default: 1.",
        HelpName = "NUMBER",
    };

    private readonly Option<string?> _machine = new("--machine", "-m")
    {
        Description = "Machine preset by name or path. Default: the scenario's own, and those of its published "
            + "numbers.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _tlb = new("--tlb")
    {
        Description = "TLB model: reach (analytic) or exact (every access simulated, slow). Default: reach.",
        HelpName = "reach|exact",
    };

    private readonly Option<string?> _until = new("--until")
    {
        Description = "Simulated time at which every run stops, such as 150s. Default: the scenario's duration.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _format = new("--format", "-f")
    {
        Description = "table, json, csv or md. Default: table.",
        HelpName = "table|json|csv|md",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "File to write instead of standard output.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in (Option[])[_variants, _seed, _machine, .. isOpenEnded ? (Option[])[] : [_tlb, _until], _format, _output])
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>Checks what was given; cheap words first, files after.</summary>
    /// <exception cref="UsageException">Something given does not exist.</exception>
    public RunChoices Read(ParseResult parsed, ISimulator simulator, string scenarioArgument)
    {
        var format = (OutputFormat)Word("format", parsed.GetValue(_format), Formats);
        var tlb = (TlbModel)Word("TLB model", parsed.GetValue(_tlb), TlbModels);
        var seed = Seed(parsed.GetValue(_seed));
        var machineArgument = parsed.GetValue(_machine);
        var machine = machineArgument is null ? null : Machine(machineArgument, simulator);
        var until = parsed.GetValue(_until);
        var scenario = Until(Scenario(scenarioArgument, simulator), until);
        return new RunChoices
        {
            ScenarioArgument = scenarioArgument,
            Scenario = scenario,
            UntilArgument = until,
            Variants = Variants(scenario, parsed.GetValue(_variants) ?? []),
            MachineArgument = machineArgument,
            Machine = machine ?? scenario.Machine,
            Seed = seed,
            Tlb = tlb,
            Format = format,
            OutputFile = UserFile.Given(parsed, _output) is { } file and not "-" ? file : null,
        };
    }

    private static int Word(string what, string? given, string[] allowed)
    {
        var index = given is null ? 0 : Array.IndexOf(allowed, given);
        return index >= 0 ? index : throw UsageException.Unknown(what, given!, allowed);
    }

    private static ulong Seed(string? given) => given is null ? DefaultSeed
        : ulong.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed
        : throw new UsageException($"'--seed' takes a whole number from 0 to {ulong.MaxValue}, not '{given}'");

    private static MachinePreset Machine(string given, ISimulator simulator) =>
        simulator.Machines.Contains(given, StringComparer.Ordinal) || File.Exists(given) || ScenarioCatalog.LooksLikePath(given)
            ? simulator.Machine(given)
            : throw UsageException.Unknown("machine preset", given, simulator.Machines);

    private static Scenario Scenario(string given, ISimulator simulator) =>
        simulator.Scenarios.Contains(given, StringComparer.Ordinal) || Path.Exists(given)
        || ScenarioCatalog.LooksLikePath(given)
            ? simulator.Load(given)
            : throw UsageException.Unknown("scenario", given, simulator.Scenarios);

    /// <summary>The scenario cut short; it never runs longer than its own duration.</summary>
    private static Scenario Until(Scenario scenario, string? given)
    {
        if (given is null)
        {
            return scenario;
        }

        TimeSpan until;
        try
        {
            until = Quantity.ParseTime("--until", given);
        }
        catch (ScenarioException fault)
        {
            throw new UsageException(fault.Message);
        }

        return until > TimeSpan.Zero && until <= scenario.Duration
            ? scenario with { Duration = until }
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture,
                $"'--until' takes more than 0 and at most {scenario.Duration.TotalSeconds}s, the scenario's duration, not '{given}'"));
    }

    private ImmutableArray<Variant> Variants(Scenario scenario, string[] given)
    {
        if (given.Length == 0)
        {
            return allVariants is null ? scenario.Variants : scenario.Variants[..1];
        }

        string[] allowed = [.. scenario.Variants.Select(variant => variant.Name)];
        if (allVariants is not null && !allowed.Contains(allVariants, StringComparer.Ordinal))
        {
            if (given.Contains(allVariants, StringComparer.Ordinal))
            {
                return scenario.Variants;
            }

            allowed = [.. allowed, allVariants];
        }

        foreach (var name in given)
        {
            if (!allowed.Contains(name, StringComparer.Ordinal))
            {
                throw UsageException.Unknown("variant", name, allowed);
            }
        }

        return [.. scenario.Variants.Where(variant => given.Contains(variant.Name, StringComparer.Ordinal))];
    }
}
