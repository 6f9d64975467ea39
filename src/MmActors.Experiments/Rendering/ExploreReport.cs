using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MmActors.Experiments.Exploring;
using MmActors.Model;

namespace MmActors.Experiments.Rendering;

/// <summary>What a search found, for a reader and for programs.</summary>
public sealed class ExploreReport(ExploreRequest request, ExploreResult result, string version)
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The report a person reads.</summary>
    public Report ForReader()
    {
        List<ReportBlock> blocks =
        [
            new Heading(1, $"mmactors {version} explore {request.Run.Scenario.Name} (variant {request.Run.Variant.Name}, strategy "
                + $"{request.Strategy}, seeds from {request.FirstSeed})"),
            new Paragraph($"{Figures.Count(result.Schedules)} schedules of about {Figures.Count(result.FifoSteps)} messages and "
                + $"{Figures.Count(result.FifoChoices)} choices{(request.IsSwarm ? ", each with its own tunables, memory and faults" : "")}; the "
                + "invariants were checked after every step and at the end, and afterwards that everybody ends. Times are measured here."),
        ];
        if (result.IsPartial)
        {
            blocks.Add(new Paragraph($"PARTIAL RESULT: {(result.Failed is null ? "interrupted" : "the search ended at a violation")} after "
                + $"{Figures.Count(result.Schedules)} of {Figures.Count(request.Schedules)} schedules."));
        }

        blocks.Add(new Table([new("what", IsFigure: false), new("number")], [.. Rows().Select(static row => ImmutableArray.Create(row.What, row.Number))]));
        blocks.Add(new Heading(2, "Results reached"));
        blocks.Add(new Table(
            [new("reported by", IsFigure: false), new("result", IsFigure: false), new("schedules"), new("shortest seed"), new("messages")],
            [.. result.Reached.Select(static reached => ImmutableArray.Create(
                PlaceOf(reached.Place), reached.Result.Text(), Figures.Count(reached.Schedules),
                reached.Seed.ToString(CultureInfo.InvariantCulture), Figures.Count(reached.Steps)))],
            KeyColumns: 2));
        blocks.Add(new Heading(2, "Coverage marks reached"));
        blocks.Add(new Paragraph(result.Marks.IsEmpty ? "None." : string.Join(", ", result.Marks)));
        return new Report(blocks);
    }

    /// <summary>One JSON document.</summary>
    public void WriteJson(TextWriter writer)
    {
        var document = new
        {
            version,
            scenario = request.Run.Scenario.Name,
            variant = request.Run.Variant.Name,
            strategy = request.Strategy.ToString(),
            first_seed = request.FirstSeed,
            swarm = request.IsSwarm,
            planted = PlantedBugs.NameOf(request.Planted),
            partial = result.IsPartial,
            schedules = result.Schedules,
            messages = result.Steps,
            messages_fifo = result.FifoSteps,
            choices_fifo = result.FifoChoices,
            wall_s = Math.Round(result.Wall.TotalSeconds, 3),
            workers = result.Workers,
            schedules_per_s_and_worker = Math.Round(result.RatePerWorker),
            schedules_per_cpu_s = Math.Round(result.RatePerCpuSecond),
            distinct_end_states = result.EndStates,
            distinct_event_orders = result.Orders,
            tree_states = result.Tree?.States,
            tree_complete = result.Tree?.IsComplete,
            marks = result.Marks,
            reached = result.Reached.Select(static reached => new
            {
                reported_by = PlaceOf(reached.Place),
                result = reached.Result.Text(),
                schedules = reached.Schedules,
                shortest_seed = reached.Seed,
                messages = reached.Steps,
            }),
            violation = result.Failed is { } failed
                ? new { seed = failed.Seed, kind = failed.Violation.Kind, message = failed.Violation.Message, step = failed.Violation.Step } : null,
        };
        writer.Write(JsonSerializer.Serialize(document, Options));
        writer.Write('\n');
    }

    /// <summary>One line a figure or result, RFC 4180.</summary>
    public void WriteCsv(TextWriter writer)
    {
        var text = new StringBuilder("what,result,number,shortest_seed,messages\r\n");
        foreach ((string what, string number) in Rows())
        {
            text.Append(CultureInfo.InvariantCulture, $"{ResultCsv.Field(what)},,{number.Replace(",", "", StringComparison.Ordinal)},,\r\n");
        }

        foreach (ReachedResult reached in result.Reached)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{PlaceOf(reached.Place)},{reached.Result.Text()},{reached.Schedules},{reached.Seed},{reached.Steps}\r\n");
        }

        foreach (string mark in result.Marks)
        {
            text.Append(CultureInfo.InvariantCulture, $"mark,{mark},1,,\r\n");
        }

        writer.Write(text);
    }

    private IEnumerable<(string What, string Number)> Rows()
    {
        yield return ("schedules", Figures.Count(result.Schedules));
        yield return ("schedules per second and worker", Figures.Count((long)result.RatePerWorker));
        yield return ("schedules per second of processor time", Figures.Count((long)result.RatePerCpuSecond));
        yield return ("workers", Figures.Count(result.Workers));
        yield return ("wall s", Figures.Fixed(result.Wall.TotalSeconds, 2));
        yield return ("messages", Figures.Count(result.Steps));
        yield return ("distinct end states", Figures.Count(result.EndStates));
        yield return ("distinct event orders", Figures.Count(result.Orders));
        if (result.Tree is { } tree)
        {
            yield return (tree.IsComplete ? "choice points, all there are" : "choice points so far", Figures.Count(tree.States));
        }

        yield return ("coverage marks reached", Figures.Count(result.Marks.Count));
        yield return ("violations", result.Failed is null ? "0" : "1");
    }

    private static string PlaceOf(ResultPlace place) => place switch
    {
        ResultPlace.Scan => "scan",
        ResultPlace.SwapIn => "swap-in",
        ResultPlace.Isolate => "isolate",
        _ => "collapse",
    };
}
