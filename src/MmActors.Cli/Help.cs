using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MmActors.Cli;

/// <summary>Help with examples: the library's text, then lines one can copy.</summary>
internal static class Help
{
    private const int Width = 100;

    private static readonly (string Verb, string[] Lines)[] Examples =
    [
        ("", [
            "mmactors                                    the default experiment with all its evidence",
            "mmactors --format json > result.json        the same, for a program",
            "mmactors --report report.html               the same as a page with charts",
            "mmactors --ftrace out --perfetto out --series out --spans out/spans.json --report out/report.html",
            "mmactors list                               scenarios one can name",
        ]),
        ("compare", [
            "mmactors compare hot-cold-hot",
            "mmactors compare hot-cold-hot --variant baseline --variant both --machine kvm",
            "mmactors compare hot-cold-hot --seeds 5 --report report.html",
            "mmactors compare ./mine.yaml --seed 7 --format md --output result.md",
            "mmactors compare mixed-load --ftrace traces --perfetto traces",
            "mmactors compare mixed-load --mode concurrent --audit-every 500ms",
        ]),
        ("run", [
            "mmactors run hot-cold-hot --variant both",
            "mmactors run hot-cold-hot --variant both --report report.html",
            "mmactors run hot-cold-hot --variant both --format csv | grep vmstat",
            "mmactors run idle-desktop --variant baseline --scan-report",
            "mmactors run hot-cold-hot --variant both --ftrace trace.txt --perfetto run.perfetto-trace",
            "mmactors run hot-cold-hot --variant both --series out --spans out/spans.json",
            "mmactors run mixed-load --variant both --mode concurrent --pace 10x",
            "mmactors run hot-cold-hot --variant both --otlp http://localhost:4318 --log-level info",
        ]),
        ("explain", [
            "mmactors explain hot-cold-hot hot2/buf/0",
            "mmactors explain hot-cold-hot cold/buf/63 --variant all",
            "mmactors explain ./mine.yaml allocator/heap/3 --until 30s --format json",
        ]),
        ("validate", [
            "mmactors validate tests/MmActors.Conformance.Tests/GroundTruth",
            "mmactors validate tests/MmActors.Conformance.Tests/GroundTruth --explain K-memcg-swap",
            "mmactors validate --trace trace.txt --scenario ./mine.yaml --variant old",
        ]),
        ("explore", [
            "mmactors explore explore-seed --schedules 5000",
            "mmactors explore explore-races --strategy random+timers --swarm --seed 100",
            "mmactors explore explore-races --plant lost-redirty",
        ]),
        ("replay", ["mmactors replay mmactors-explore/explore-races-invariant-17.min.replay.json"]),
        ("soak", [
            "mmactors soak soak-server --for 30d",
            "mmactors soak soak-server --for 7d --tasks 128 --memory 128G --report-every 6h --format csv",
            "mmactors soak mixed-load --for 1d --watch-port 8080",
            "mmactors soak soak-server --for 30d --checkpoint soak.db --checkpoint-every 6h",
        ]),
        ("resume", [
            "mmactors resume soak.db",
            "mmactors resume soak.db --from 12d --for 40d --format csv",
        ]),
        ("list", ["mmactors list"]),
        ("schema", ["mmactors schema > scenario.schema.json", "mmactors schema --result > result.schema.json", "mmactors schema --explanation"]),
        ("version", ["mmactors version"]),
    ];

    /// <summary>Replaces the root's help and version actions.</summary>
    public static void Install(RootCommand root)
    {
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
            {
                help.MaxWidth = Width;
                option.Action = new WithExamples(help);
            }
            else if (option is VersionOption)
            {
                option.Action = new PrintVersion();
            }
        }
    }

    private sealed class WithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = inner.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            var command = parseResult.CommandResult.Command;
            var verb = command is RootCommand ? "" : command.Name;
            output.Write("Examples:\n");
            foreach (var line in Examples.First(example => example.Verb == verb).Lines)
            {
                output.Write($"  {line}\n");
            }

            return code;
        }
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            Verbs.VersionVerb.Write(parseResult.InvocationConfiguration.Output);
            return ExitCode.Success;
        }
    }
}
