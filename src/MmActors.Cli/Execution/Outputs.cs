using MmActors.Tracing.Output;

namespace MmActors.Cli.Execution;

/// <summary>All files that one command line leaves behind: no two of them may be the same, for the one written last would take
/// the place of the other without a word.</summary>
internal static class Outputs
{
    /// <summary>What a variant's kernel trace ends with, in a folder of them.</summary>
    public const string FtraceEnding = ".txt";

    /// <summary>What a variant's Perfetto trace ends with.</summary>
    public const string PerfettoEnding = ".perfetto-trace";

    private static readonly string[] SeriesEndings = [".csv", ".parquet"];

    /// <summary>Fails, before anything runs, where two outputs would go to one file.</summary>
    /// <exception cref="UsageException">Two of them would.</exception>
    public static void CheckApart(RunChoices choices)
    {
        SortedDictionary<string, string> taken = new(StringComparer.Ordinal);
        foreach (var (option, file) in Of(choices).Where(static output => !AtomicFile.IsDevice(output.File)))
        {
            if (!taken.TryAdd(AtomicFile.Resolve(file), option))
            {
                throw new UsageException($"'{taken[AtomicFile.Resolve(file)]}' and '{option}' would write the same file: '{file}'");
            }
        }
    }

    private static IEnumerable<(string Option, string File)> Of(RunChoices choices)
    {
        (string Option, string? File)[] single =
        [
            ("--output", choices.OutputFile), ("--report", choices.ReportFile), ("--spans", choices.Telemetry.SpansFile),
            ("--log-file", choices.Telemetry.LogFile),
        ];
        foreach (var (option, file) in single)
        {
            if (file is not null)
            {
                yield return (option, file);
            }
        }

        foreach (var (option, path, ending) in new[]
        {
            ("--ftrace", choices.Traces.Ftrace, FtraceEnding), ("--perfetto", choices.Traces.Perfetto, PerfettoEnding),
        })
        {
            if (path is not null)
            {
                foreach (var file in choices.Traces.IsFolder ? OfVariants(choices, path, ending) : [path])
                {
                    yield return (option, file);
                }
            }
        }

        if (choices.Telemetry.SeriesDirectory is { } series)
        {
            foreach (var file in SeriesEndings.SelectMany(ending => OfVariants(choices, series, ending)))
            {
                yield return ("--series", file);
            }
        }
    }

    private static IEnumerable<string> OfVariants(RunChoices choices, string folder, string ending) =>
        choices.Variants.Select(variant => UserFile.OfVariant(folder, variant.Name, ending));
}
