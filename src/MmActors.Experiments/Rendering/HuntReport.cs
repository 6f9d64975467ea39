using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MmActors.Experiments.Exploring;

namespace MmActors.Experiments.Rendering;

/// <summary>Planted bugs against strategies.</summary>
public sealed class HuntReport(ExploreRequest request, ImmutableArray<HuntResult> results, bool isPartial, string version)
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The table a person reads.</summary>
    public Report ForReader()
    {
        string[] strategies = [.. results.Select(static result => result.Strategy.ToString()).Distinct()];
        List<ReportBlock> blocks =
        [
            new Heading(1, $"mmactors {version} explore {request.Run.Scenario.Name} --plant all (seeds from {request.FirstSeed})"),
            new Paragraph($"Mistakes planted in the protocol, and the number of the first schedule that found each: '-' where none of "
                + $"{Figures.Count(request.Schedules)} did (fifo has only one schedule)."),
        ];
        if (isPartial)
        {
            blocks.Add(new Paragraph("PARTIAL RESULT: interrupted."));
        }

        blocks.Add(new Table(
            [new("planted bug", IsFigure: false), .. strategies.Select(static name => new Column(name))],
            [
                .. results.GroupBy(static result => result.Bug).Select(row => ImmutableArray.CreateRange(
                    row.Select(static result => result.Schedules is { } schedules ? Figures.Count(schedules) : "-")
                        .Prepend(PlantedBugs.NameOf(row.Key)))),
                [
                    "found", .. strategies.Select(name => Figures.Count(results.Count(
                        result => result.Strategy.ToString() == name && result.Schedules is not null))),
                ],
            ]));
        blocks.Add(new Heading(2, "How each showed"));
        blocks.Add(new Statements([.. results.Where(static result => result.Violation is not null).GroupBy(static result => result.Bug)
            .Select(static row => $"{PlantedBugs.NameOf(row.Key)}: {row.First().Violation!.Kind}: {row.First().Violation!.Message}")]));
        return new Report(blocks);
    }

    /// <summary>One JSON document.</summary>
    public void WriteJson(TextWriter writer)
    {
        var document = new
        {
            version,
            scenario = request.Run.Scenario.Name,
            first_seed = request.FirstSeed,
            schedules = request.Schedules,
            partial = isPartial,
            results = results.Select(static result => new
            {
                planted = PlantedBugs.NameOf(result.Bug),
                strategy = result.Strategy.ToString(),
                found_by_schedule = result.Schedules,
                tried = result.Tried,
                violation = result.Violation?.Message,
            }),
        };
        writer.Write(JsonSerializer.Serialize(document, Options));
        writer.Write('\n');
    }

    /// <summary>One line a bug and strategy, RFC 4180.</summary>
    public void WriteCsv(TextWriter writer)
    {
        var text = new StringBuilder("planted,strategy,found_by_schedule,tried,violation\r\n");
        foreach (HuntResult result in results)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{PlantedBugs.NameOf(result.Bug)},{result.Strategy},{result.Schedules},{result.Tried},{ResultCsv.Field(result.Violation?.Message ?? "")}\r\n");
        }

        writer.Write(text);
    }
}
