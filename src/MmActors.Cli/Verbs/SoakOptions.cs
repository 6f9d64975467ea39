using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Config;
using MmActors.Experiments.Populations;
using MmActors.Experiments.Scenarios;
using MmActors.Experiments.Soaking;
using MmActors.Model.Units;

namespace MmActors.Cli.Verbs;

/// <summary>The options of <c>mmactors soak</c> beside those every run has.</summary>
internal sealed class SoakOptions
{
    private const string DefaultTime = "1d";

    /// <summary>What takes as long compiled either way, about eight seconds.</summary>
    private const double ManyTaskDays = 32;

    private static readonly TimeSpan MostOften = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultAudit = TimeSpan.FromHours(12);
    private static readonly ByteSize LeastMemory = ByteSize.FromMebibytes(16);

    private readonly Option<string?> _time = new("--for")
    {
        Description = $"Simulated time to run, such as 30d. Default: {DefaultTime}.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _tasks = new("--tasks")
    {
        Description = "Places of the population: about as many tasks live at any time. Default: the scenario's, or "
            + $"{PopulationSpec.Default.Tasks}.",
        HelpName = "NUMBER",
    };

    private readonly Option<string?> _memory = new("--memory")
    {
        Description = "Memory of the machine, such as 64G. Default: the scenario's.",
        HelpName = "SIZE",
    };

    private readonly Option<string?> _every = new("--report-every")
    {
        Description = $"Simulated time between two summaries. Default: {DefaultTime}.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _audit = new("--audit-every")
    {
        Description = "Simulated time between two full audits. Default: 12h.",
        HelpName = "TIME",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (var option in (Option[])[_time, _tasks, _memory, _every, _audit])
        {
            verb.Options.Add(option);
        }
    }

    /// <summary>Whether it goes on for longer than seconds, as far as can be told before the scenario is read.</summary>
    /// <exception cref="UsageException">A number given is none.</exception>
    public bool IsLong(ParseResult parsed) => Time("--for", parsed.GetValue(_time) ?? DefaultTime, MostOften).TotalDays
        * Tasks(parsed.GetValue(_tasks), PopulationSpec.Default.Tasks) >= ManyTaskDays;

    /// <summary>What is to be soaked; <paramref name="choices"/> has the scenario, the variant and the seed.</summary>
    /// <exception cref="UsageException">Something given does not exist.</exception>
    public SoakRequest Read(ParseResult parsed, RunChoices choices)
    {
        if (choices.Variants is not [var variant])
        {
            throw new UsageException("'soak' takes exactly one --variant; allowed: "
                + string.Join(", ", choices.Scenario.Variants.Select(static declared => declared.Name)));
        }

        Scenario scenario = Memory(parsed.GetValue(_memory), choices.Scenario);
        PopulationSpec population = scenario.Population ?? PopulationSpec.Default;
        TimeSpan horizon = Time("--for", parsed.GetValue(_time) ?? DefaultTime, MostOften);
        return new SoakRequest(
            (choices with { Scenario = scenario }).Request(variant, choices.Machine),
            population with { Tasks = Tasks(parsed.GetValue(_tasks), population.Tasks) },
            horizon,
            Time("--report-every", parsed.GetValue(_every) ?? DefaultTime, MostOften),
            parsed.GetValue(_audit) is { } audit ? Time("--audit-every", audit, MostOften) : DefaultAudit);
    }

    private static Scenario Memory(string? given, Scenario scenario)
    {
        if (given is null)
        {
            return scenario;
        }

        ByteSize memory = Quantities.Size("--memory", given.EndsWith("iB", StringComparison.Ordinal) ? given[..^2] : given);
        ByteSize least = Least(scenario.KernelPages);
        string why = scenario.KernelPages == 0 ? ""
            : $": the kernel's own share is {ByteSize.FromPages(scenario.KernelPages)} (kernel_memory)";
        return memory.CompareTo(least) >= 0
            ? scenario with { Memory = memory }
            : throw new UsageException($"'--memory' takes {least} to {Quantity.MaxSize}, not '{given}'{why}");
    }

    /// <summary>A machine has whole huge pages of memory, and one must be left to the tasks.</summary>
    private static ByteSize Least(int kernelPages) => ByteSize.FromPages(
        Math.Max(LeastMemory.Pages, ((kernelPages / Geometry.PtesPerTable) + 1) * Geometry.PtesPerTable));

    private static TimeSpan Time(string option, string given, TimeSpan least)
    {
        TimeSpan time = Quantities.Time(option, given);
        return time >= least ? time : throw new UsageException($"'{option}' takes {least.TotalSeconds:0}s or more, not '{given}'");
    }

    private static int Tasks(string? given, int otherwise) => given is null ? otherwise
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= PopulationSpec.MaxTasks ? number
        : throw new UsageException($"'--tasks' takes a whole number from 1 to {PopulationSpec.MaxTasks}, not '{given}'");
}
