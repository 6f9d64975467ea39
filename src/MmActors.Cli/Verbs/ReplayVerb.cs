using System.CommandLine;
using System.Globalization;
using MmActors.Cli.Execution;
using MmActors.Experiments.Exploring;
using MmActors.Experiments.Scenarios;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors replay FILE</c>: one schedule that went wrong, once more.</summary>
internal static class ReplayVerb
{
    private const int DefaultMessages = 24;
    private const int MostMessages = 1_000_000;

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal, ISimulator simulator)
    {
        var verb = new Command("replay", "Repeat a schedule that 'explore' found and wrote down, bit for bit.");
        var file = new Argument<string?>("FILE") { Description = "A file that 'explore' wrote.", Arity = ArgumentArity.ZeroOrOne };
        var messages = new Option<string?>("--messages")
        {
            Description = $"Messages to show before the violation. Default: {DefaultMessages}.",
            HelpName = "NUMBER",
        };
        verb.Arguments.Add(file);
        verb.Options.Add(messages);
        verb.SetAction(parsed => Execute(
            parsed.GetValue(file) is { Length: > 0 } path ? path : throw new UsageException("'replay' needs a FILE that 'mmactors explore' wrote (*.replay.json)"),
            Shown(parsed.GetValue(messages)), terminal, simulator));
        return verb;
    }

    private static int Shown(string? given) => given is null ? DefaultMessages
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= MostMessages ? number
        : throw new UsageException($"'--messages' takes a whole number from 1 to {MostMessages}, not '{given}'");

    private static int Execute(string path, int shown, Terminal terminal, ISimulator simulator)
    {
        ReplayFile file = ReplayFile.Read(path);
        Replayed replayed = Replayer.Run(file, shown, new ScenarioCatalog(simulator.ConfigDirectory));
        foreach (string message in replayed.Messages)
        {
            terminal.Out.Write($"{message}\n");
        }

        if (replayed.Violation is { } violation)
        {
            terminal.Out.Write(string.Create(CultureInfo.InvariantCulture,
                $"violation ({violation.Kind}) after message {violation.Step}, at {violation.Time.TotalMilliseconds:0.000} ms: {violation.Message}\n"));
            terminal.Out.Write($"noticed in: {(violation.Where.Length > 0 ? violation.Where : "the checks at rest")}\n");
            terminal.Out.Write($"hash of the event stream: {replayed.Hash}\n");
        }
        else
        {
            terminal.Out.Write("no violation\n");
        }

        terminal.Out.Flush();
        if (replayed.IsSame)
        {
            terminal.Out.Write("reproduced bit for bit\n");
            return ExitCode.Internal;
        }

        string version = file.Version == VersionVerb.Number ? "" : $"; it was written by version {file.Version}, this is {VersionVerb.Number}";
        terminal.Error.Write($"not reproduced: the file says '{file.Violation.Message}' after message {file.Violation.Step}, hash {file.Hash}{version}\n");
        return ExitCode.Mismatch;
    }
}
