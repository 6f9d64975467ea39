using System.Collections.Immutable;
using System.Reflection;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;

namespace MmActors.Experiments.Html;

/// <summary>One run as a page names it.</summary>
/// <param name="Scenario">Its scenario.</param>
/// <param name="Variant">Its variant.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Hash">Identity of the run.</param>
/// <param name="Command">The command that repeats it alone.</param>
public sealed record ReproducedRun(string Scenario, string Variant, ulong Seed, string Hash, string Command);

/// <summary>What a page is made of.</summary>
/// <param name="Input">The figures.</param>
/// <param name="IsSingle">Whether one variant is shown in detail instead of several side by side.</param>
/// <param name="Recordings">What was recorded, per variant that ran.</param>
/// <param name="Command">The command that makes the page.</param>
/// <param name="Runs">Every run it rests on.</param>
public sealed record ReportPageInput(
    ReportInput Input, bool IsSingle, ImmutableArray<(string Variant, RunRecording Recording)> Recordings, string Command,
    ImmutableArray<ReproducedRun> Runs);

/// <summary>A report as one page that needs nothing else: the answer, the charts with their data, the sentences of the terminal, and how to
/// get the same page again. Nothing measured is in it, so the same runs give the same bytes.</summary>
public static class ReportPage
{
    private const string Styles = "report.css";

    /// <summary>Writes the page.</summary>
    public static void Write(TextWriter writer, ReportPageInput page)
    {
        var input = page.Input.Folded();
        var answer = Answer.Of(input);
        var markup = new Markup()
            .Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")
            .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">")
            .Element("title", $"{input.Result.Scenario}: {answer.Headline}")
            .Raw($"<style>\n{Style()}</style>\n</head>\n<body>\n<main>");
        Opening(markup, page, input, answer);
        new ChartSections(markup, page, input, answer).Write();
        markup.Raw("<section class=\"words\">").Element("h2", "What the figures say, and what they do not")
            .Blocks(page.IsSingle ? Reports.SingleSections(input with { MoreSeeds = [] }) : Reports.ComparedSections(input with { MoreSeeds = [] }))
            .Raw("</section>");
        Reproduction(markup, page, input);
        markup.Raw("</main>\n</body>\n</html>");
        writer.Write(markup.ToString());
    }

    private static void Opening(Markup markup, ReportPageInput page, ReportInput input, Answer answer)
    {
        var result = input.Result;
        markup.Raw("<header>")
            .Element("p class=\"kicker\"", $"{result.Scenario} · seed {result.Seed} · machine preset {result.Machine} · mmactors {result.Version}")
            .Element("h1", answer.Headline)
            .Element("p class=\"detail\"", answer.Detail)
            .Element("p class=\"lead\"", $"{input.Scenario.Description.TrimEnd()} Every figure on this page is simulated.");
        foreach (var note in RunsSection.Opening(input, page.IsSingle ? "run" : "compare").OfType<Paragraph>().Skip(1))
        {
            markup.Element("p class=\"note\"", note.Text);
        }

        if (!answer.Key.IsEmpty)
        {
            markup.Raw("<dl class=\"key\">");
            foreach (var figure in answer.Key)
            {
                var before = figure.Before is null ? "" : $"<span class=\"before\">{Markup.Escape(figure.Before)}</span> → ";
                markup.Raw($"<div><dt>{Markup.Escape(figure.Title)}</dt><dd>{before}<b>{Markup.Escape(figure.After)}</b> "
                    + $"<small>{Markup.Escape(figure.Note)}</small></dd></div>");
            }

            markup.Raw("</dl>")
                .Element("p class=\"guide\"", $"Left of the arrow: {answer.Reference!.Name}. Right: {answer.Better!.Name}.");
        }

        markup.Raw("</header>");
    }

    private static void Reproduction(Markup markup, ReportPageInput page, ReportInput input)
    {
        markup.Raw("<section>").Element("h2", "How to get this page again")
            .Element("p", "The hash is the identity of a run: the same scenario, seed and version give the same hash on every machine, "
                + "and the same page byte for byte.")
            .Element("pre", page.Command)
            .Raw("<details><summary>Every run with its hash and its command</summary>")
            .Grid(new Table(
                [
                    new("scenario", IsFigure: false), new("variant", IsFigure: false), new("seed"), new("hash of the event stream", IsFigure: false),
                    new("command", IsFigure: false),
                ],
                [.. page.Runs.Select(static run => (ImmutableArray<string>)
                    [run.Scenario, run.Variant, $"{run.Seed}", run.Hash, run.Command])]), "code")
            .Raw("</details>")
            .Raw("<div class=\"scroll\"><table class=\"code\"><thead><tr><th>variant</th><th>hash</th></tr></thead><tbody>");
        foreach (var variant in input.Result.Variants)
        {
            markup.Raw($"<tr><td>{Markup.Escape(variant.Name)}</td><td>{variant.Hash}</td></tr>");
        }

        markup.Raw("</tbody></table></div></section>");
    }

    private static string Style()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Styles)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
