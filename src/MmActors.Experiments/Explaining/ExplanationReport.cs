using MmActors.Experiments.Rendering;

namespace MmActors.Experiments.Explaining;

/// <summary>The answers for a reader.</summary>
public static class ExplanationReport
{
    /// <summary>Puts the report together: the answer first, then the life of the range, then why.</summary>
    public static Report Of(ExplanationSet set) => new(
    [
        new Heading(1, $"mmactors {set.Version} explain {set.Scenario} {set.Range} (seed {set.Seed}, machine preset {set.Machine})"),
        new Paragraph($"The life of one 2 MiB range: number {set.Range.Index} of {set.Range.Windows} in region {set.Range.Region} of "
            + $"task {set.Range.Task}. All times are simulated."),
        .. set.Variants.SelectMany(OfVariant),
    ]);

    private static IEnumerable<ReportBlock> OfVariant(Explanation explanation)
    {
        var narrative = explanation.Narrative;
        yield return new Heading(2, explanation.Variant);
        if (explanation.Partial)
        {
            yield return new Paragraph($"PARTIAL RESULT: interrupted at {Figures.Seconds(explanation.SimulatedSeconds)} s; everything "
                + "below covers only what ran.");
        }

        yield return new Paragraph(narrative.Headline);
        if (!narrative.Lines.IsEmpty)
        {
            yield return new Chronicle([.. FoldedLines.Of(narrative).Select(static line =>
                (Figures.Fixed(line.Episode.Time.TotalSeconds, 3), line.Text))]);
        }

        yield return new Statements(
        [
            .. narrative.Conclusions,
            $"The run ended at {Figures.Seconds(explanation.SimulatedSeconds)} s; hash of its event stream: {explanation.Hash}.",
        ]);
    }
}
