using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;

namespace MmActors.Cli.Execution;

/// <summary>How results are written.</summary>
internal enum OutputFormat
{
    /// <summary>Text for a person.</summary>
    Table,
    /// <summary>One JSON document.</summary>
    Json,
    /// <summary>Tidy lines.</summary>
    Csv,
    /// <summary>GitHub Markdown.</summary>
    Markdown,
}

/// <summary>The checked choices of a command line that runs something: everything in it exists.</summary>
internal sealed record RunChoices
{
    /// <summary>The scenario as the user named it, for replay lines.</summary>
    public required string ScenarioArgument { get; init; }

    /// <summary>The loaded scenario.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>The simulated time to stop at as the user gave it; null for the scenario's own duration.</summary>
    public string? UntilArgument { get; init; }

    /// <summary>The variants to run, in declared order.</summary>
    public required ImmutableArray<Variant> Variants { get; init; }

    /// <summary>The machine preset as the user named it; null when the scenario's own is used.</summary>
    public required string? MachineArgument { get; init; }

    /// <summary>The machine preset of the main result.</summary>
    public required MachinePreset Machine { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required ulong Seed { get; init; }

    /// <summary>TLB model.</summary>
    public required TlbModel Tlb { get; init; }

    /// <summary>The TLB model as the option names it.</summary>
    public string TlbName => NameOf(Tlb);

    /// <summary>Output format.</summary>
    public required OutputFormat Format { get; init; }

    /// <summary>File to write instead of standard output.</summary>
    public required string? OutputFile { get; init; }

    /// <summary>Trace files to leave behind.</summary>
    public TraceChoices Traces { get; init; } = TraceChoices.None;

    /// <summary>The verb that was typed; null for none.</summary>
    public string? Verb { get; init; }

    /// <summary>HTML page to write, or null.</summary>
    public string? ReportFile { get; init; }

    /// <summary>How the actors run at the same time; null where they run one after the other.</summary>
    public ConcurrentChoice? Concurrent { get; init; }

    /// <summary>The pace as the user named it.</summary>
    public string? PaceArgument { get; init; }

    /// <summary>Number of seeds from <see cref="Seed"/> on.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Draw the memory map with plain characters, terminal or not.</summary>
    public bool Ascii { get; init; }

    /// <summary>What is to be seen of the runs besides the result.</summary>
    public TelemetryChoices Telemetry { get; init; } = TelemetryChoices.None;

    /// <summary>A run of one variant on a machine.</summary>
    public RunRequest Request(Variant variant, MachinePreset machine) => new(Scenario, variant, machine, Seed, Tlb)
    {
        Concurrent = Concurrent,
    };

    /// <summary>The command line that repeats one run.</summary>
    public string ReplayLine(RunRequest request)
    {
        var machine = MachineArgument is { } named && request.Machine == Machine ? named : request.Machine.Name;
        var scenario = request.Scenario == Scenario ? ScenarioArgument : request.Scenario.Name;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{MmActorsCommand.Name} run {Quote(scenario)} --variant {Quote(request.Variant.Name)} --seed "
            + $"{request.Seed} --machine {Quote(machine)} --tlb {NameOf(request.Tlb)}")
            + (UntilArgument is null ? "" : $" --until {Quote(UntilArgument)}")
            + (Concurrent is null ? "" : " --mode concurrent") + (PaceArgument is null ? "" : $" --pace {Quote(PaceArgument)}");
    }

    /// <summary>The command line that makes the same page again, whatever its file is called.</summary>
    public string ReportCommand
    {
        get
        {
            List<string> words = [MmActorsCommand.Name];
            if (Verb is not null)
            {
                words.AddRange([Verb, Quote(ScenarioArgument)]);
            }

            if (Variants.Length < Scenario.Variants.Length)
            {
                words.AddRange(Variants.SelectMany(static variant => new[] { "--variant", Quote(variant.Name) }));
            }

            words.Add(string.Create(CultureInfo.InvariantCulture, $"--seed {Seed}"));
            words.AddRange(Seeds == 1 ? [] : [string.Create(CultureInfo.InvariantCulture, $"--seeds {Seeds}")]);
            words.AddRange(MachineArgument is null ? [] : ["--machine", Quote(MachineArgument)]);
            words.AddRange(Tlb == TlbModel.Exact ? ["--tlb", TlbName] : []);
            words.AddRange(UntilArgument is null ? [] : ["--until", Quote(UntilArgument)]);
            return string.Join(' ', [.. words, "--report report.html"]);
        }
    }

    private static string NameOf(TlbModel tlb) => tlb == TlbModel.Exact ? "exact" : "reach";

    /// <summary>Quotes a word for a POSIX shell if it needs it.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '+' or ':')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
