using System.Collections.Immutable;
using System.Text;
using MmActors.Experiments.Html;
using MmActors.Experiments.Maps;
using MmActors.Experiments.Recording;
using MmActors.Experiments.Rendering;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;

namespace MmActors.Cli.Execution;

/// <summary>What a person is shown of the runs besides the tables: the HTML page and the map in the terminal. Runs are recorded only
/// when one of them is wanted.</summary>
internal sealed class Drawings(RunChoices choices, Terminal terminal)
{
    private readonly List<(string Variant, RunRecorder Recorder)> _recorders = [];

    private bool ShowsMap => choices.Format == OutputFormat.Table && choices.OutputFile is null && (choices.Ascii || terminal.IsInteractive);

    /// <summary>The same run, recorded if need be.</summary>
    public RunRequest Record(RunRequest request)
    {
        if (choices.ReportFile is null && !ShowsMap)
        {
            return request;
        }

        var recorder = new RunRecorder(request.Scenario.Duration, request.Scenario.TimelineInterval);
        _recorders.Add((request.Variant.Name, recorder));
        return request with { Recorder = recorder };
    }

    /// <summary>Draws the map, if somebody looks.</summary>
    public void WriteMap(ReportInput input)
    {
        if (ShowsMap)
        {
            new TerminalMap(terminal.Out, choices.Ascii, terminal.Colour).Write(input, Recordings(input.Result));
        }
    }

    /// <summary>Writes the page, if one is wanted.</summary>
    /// <param name="input">The result.</param>
    /// <param name="isSingle">Whether it is one variant in detail.</param>
    public void WritePage(ReportInput input, bool isSingle)
    {
        if (choices.ReportFile is not { } file)
        {
            return;
        }

        var page = new ReportPageInput(input, isSingle, Recordings(input.Result), choices.ReportCommand, [.. Runs(input)]);
        UserFile.Write(file, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
            ReportPage.Write(writer, page);
        });
    }

    private ImmutableArray<(string, RunRecording)> Recordings(ComparisonResult result) =>
    [
        .. _recorders.Where(recorder => result.Variants.Any(variant => variant.Name == recorder.Variant))
            .Select(static recorder => (recorder.Variant, recorder.Recorder.Finish())),
    ];

    private IEnumerable<ReproducedRun> Runs(ReportInput input)
    {
        foreach (var result in input.MoreSeeds.Prepend(input.Result))
        {
            foreach (var variant in result.Variants)
            {
                var declared = choices.Variants.First(candidate => candidate.Name == variant.Name);
                yield return new ReproducedRun(result.Scenario, variant.Name, result.Seed, variant.Hash,
                    choices.ReplayLine(choices.Request(declared, choices.Machine) with { Seed = result.Seed }));
            }
        }

        foreach (var runs in input.Published.Where(runs => runs.Machine.Machine.Name != choices.Machine.Name))
        {
            foreach (var variant in new[] { runs.Without, runs.With }.OfType<VariantResult>())
            {
                var declared = choices.Variants.First(candidate => candidate.Name == variant.Name);
                yield return new ReproducedRun(input.Result.Scenario, variant.Name, choices.Seed, variant.Hash,
                    choices.ReplayLine(choices.Request(declared, runs.Machine.Machine)));
            }
        }

        foreach (var more in input.Evidence)
        {
            foreach (var variant in more.Result.Variants)
            {
                var declared = more.Scenario.Variants.First(candidate => candidate.Name == variant.Name);
                yield return new ReproducedRun(more.Result.Scenario, variant.Name, choices.Seed, variant.Hash,
                    choices.ReplayLine(new RunRequest(more.Scenario, declared, more.Scenario.Machine, choices.Seed, TlbModel.Reach)));
            }
        }
    }
}
