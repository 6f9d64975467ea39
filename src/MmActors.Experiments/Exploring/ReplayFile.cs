using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MmActors.Experiments.Scenarios;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>The file that <c>mmactors replay</c> reads: a case, and what must come out.</summary>
/// <param name="Version">Version of the program that wrote it.</param>
/// <param name="Case">The schedule.</param>
/// <param name="Violation">What goes wrong.</param>
/// <param name="Hash">Hash of the event stream until then.</param>
public sealed record ReplayFile(string Version, ReplayCase Case, Violation Violation, string Hash)
{
    private const int Format = 1;
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes it; whole or not at all.</summary>
    public void Write(string path)
    {
        var document = new Document
        {
            Format = Format,
            Version = Version,
            Variant = Case.Variant,
            Machine = Case.Machine,
            UntilTicks = Case.Until?.Ticks,
            Choices = (int)Case.Choices,
            Seed = Case.Seed,
            Swarm = Case.IsSwarm,
            ExpectedSteps = Case.ExpectedSteps,
            Planted = Case.Planted == default ? null : PlantedBugs.NameOf(Case.Planted),
            Deviations = [.. Case.Deviations.Select(static pair => (int[])[pair.Key, pair.Value])],
            Kind = Violation.Kind,
            Message = Violation.Message,
            Where = Violation.Where,
            Step = Violation.Step,
            TimeTicks = Violation.Time.Ticks,
            Hash = Hash,
            ScenarioFile = Case.ScenarioFile,
            Scenario = Case.ScenarioText.Split('\n'),
        };
        WholeFile.Write(path, JsonSerializer.Serialize(document, Options) + "\n");
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ScenarioException">It is missing, unreadable or no such file.</exception>
    public static ReplayFile Read(string path)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(File.ReadAllText(path), Options)
                ?? throw new ScenarioException(path, null, "is empty; 'mmactors explore' writes such files");
        }
        catch (JsonException fault)
        {
            throw new ScenarioException(path, (int?)(fault.LineNumber + 1), "is no replay file: not the JSON that 'mmactors explore' writes");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException(path, null, $"cannot be read: {fault.Message}");
        }

        if (document.Format != Format)
        {
            throw new ScenarioException(path, null, string.Create(
                CultureInfo.InvariantCulture, $"has format {document.Format}; this program reads format {Format}"));
        }

        return document.ToFile(path);
    }

    private sealed record Document
    {
        public required int Format { get; init; }

        public required string Version { get; init; }

        public required string Variant { get; init; }

        public required string? Machine { get; init; }

        public required long? UntilTicks { get; init; }

        public required int Choices { get; init; }

        public required ulong Seed { get; init; }

        public required bool Swarm { get; init; }

        public required long ExpectedSteps { get; init; }

        public required string? Planted { get; init; }

        public required string Kind { get; init; }

        public required string Message { get; init; }

        public required string Where { get; init; }

        public required long Step { get; init; }

        public required long TimeTicks { get; init; }

        public required string Hash { get; init; }

        public required string ScenarioFile { get; init; }

        public required int[][] Deviations { get; init; }

        public required string[] Scenario { get; init; }

        public ReplayFile ToFile(string path)
        {
            if (Deviations.Any(static pair => pair is not [>= 0, >= 0])
                || Deviations.DistinctBy(static pair => pair[0]).Count() != Deviations.Length)
            {
                throw new ScenarioException(path, null, "'Deviations' takes pairs of a choice and an index, each choice once");
            }

            return new ReplayFile(
                Version,
                new ReplayCase
                {
                    ScenarioText = string.Join('\n', Scenario),
                    ScenarioFile = ScenarioFile,
                    Variant = Variant,
                    Machine = Machine,
                    Until = UntilTicks is { } ticks ? TimeSpan.FromTicks(ticks) : null,
                    Choices = (ScheduleChoices)Choices & (ScheduleChoices.Channels | ScheduleChoices.Timers),
                    Seed = Seed,
                    IsSwarm = Swarm,
                    ExpectedSteps = ExpectedSteps,
                    Planted = PlantedBugs.Parse(Planted)
                        ?? throw new ScenarioException(path, null, $"names no planted bug: '{Planted}'"),
                    Deviations = Deviations.ToImmutableSortedDictionary(static pair => pair[0], static pair => pair[1]),
                },
                new Violation(Kind, Message, Step, TimeSpan.FromTicks(TimeTicks)) { Where = Where },
                Hash);
        }
    }
}

/// <summary>Writes text files whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Writes beside the file first, then takes its place.</summary>
    public static void Write(string path, string text)
    {
        string beside = path + ".part";
        File.WriteAllText(beside, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(beside, path, overwrite: true);
    }
}
