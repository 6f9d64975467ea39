using System.CommandLine;
using MmActors.Cli.Execution;
using MmActors.Cli.Verbs;
using MmActors.Experiments.Checkpoints;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Memory;
using MmActors.Runtime;

namespace MmActors.Cli;

/// <summary>The command as a whole: parses, calls the verb, and turns every failure into one line and an exit
/// code.</summary>
internal static class MmActorsCommand
{
    /// <summary>The name users type.</summary>
    public const string Name = "mmactors";

    /// <summary>What runs when nothing is asked for.</summary>
    public const string DefaultScenario = "hot-cold-hot";

    /// <summary>What runs beside it, as evidence for the other half of the claim.</summary>
    public static readonly string[] EvidenceScenarios = ["lazyfree-blocks-reclaim", "underused-thp"];

    /// <summary>Variable that adds the stack trace to the message of an internal failure.</summary>
    public const string DebugVariable = "MMACTORS_DEBUG";

    /// <summary>EPIPE.</summary>
    private const int BrokenPipe = 32;

    private const StringSplitOptions WithoutGaps =
        StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <summary>The process entry, with everything it touches passed in.</summary>
    public static int Run(string[] args, Terminal terminal, ISimulator simulator)
    {
        try
        {
            return Invoke(args, terminal, simulator);
        }
        catch (IOException fault) when (fault.HResult == BrokenPipe)
        {
            // The reader of standard output went away (| head): nothing is left to say, and nobody to say it to.
            return ExitCode.Success;
        }
        catch (IOException fault)
        {
            return Fail(terminal, $"cannot write the result: {fault.Message}", ExitCode.Usage);
        }
        catch (UnauthorizedAccessException fault)
        {
            // Standard output is closed or cannot be written: EBADF and EACCES arrive as this.
            return Fail(terminal, $"cannot write the result: {fault.InnerException?.Message ?? fault.Message}", ExitCode.Usage);
        }
    }

    private static int Invoke(string[] args, Terminal terminal, ISimulator simulator)
    {
        try
        {
            var root = Tree(terminal, simulator);
            var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0)
            {
                throw ParseErrors.First(parsed);
            }

            if (ParseErrors.Misplaced(parsed) is { } misplaced)
            {
                throw misplaced;
            }

            var code = parsed.Invoke(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
            terminal.Out.Flush();
            return code;
        }
        catch (UsageException fault)
        {
            return Fail(terminal, fault.Message, ExitCode.Usage);
        }
        catch (CheckpointRefusedException fault)
        {
            return Fail(terminal, fault.Message, ExitCode.Usage);
        }
        catch (ScenarioException fault)
        {
            return Fail(terminal, fault.Located, ExitCode.Usage);
        }
        catch (RunFailedException failure)
        {
            return InternalFailure(
                terminal, $"variant {failure.Request.Variant.Name}", failure, failure.ReplayLine, failure.Request.Concurrent is not null);
        }
        catch (ValidationFailedException failure)
        {
            return InternalFailure(terminal, $"the replay of {failure.Directory}", failure, failure.ReplayLine);
        }
    }

    private static RootCommand Tree(Terminal terminal, ISimulator simulator)
    {
        var root = DefaultVerb.Create(terminal, simulator);
        root.Subcommands.Add(CompareVerb.Create(terminal, simulator));
        root.Subcommands.Add(RunVerb.Create(terminal, simulator));
        root.Subcommands.Add(ExplainVerb.Create(terminal, simulator));
        root.Subcommands.Add(ValidateVerb.Create(terminal, simulator));
        root.Subcommands.Add(ExploreVerb.Create(terminal, simulator));
        root.Subcommands.Add(ReplayVerb.Create(terminal, simulator));
        root.Subcommands.Add(SoakVerb.Create(terminal, simulator));
        root.Subcommands.Add(ResumeVerb.Create(terminal));
        root.Subcommands.Add(ListVerb.Create(terminal, simulator));
        root.Subcommands.Add(SchemaVerb.Create(terminal, simulator));
        root.Subcommands.Add(VersionVerb.Create(terminal));
        Help.Install(root);
        return root;
    }

    private static int Fail(Terminal terminal, string message, int code)
    {
        terminal.Error.Write($"error: {OneLine(message)}\n");
        return code;
    }

    private static int InternalFailure(Terminal terminal, string what, Exception failure, string replay, bool isConcurrent = false)
    {
        var kind = failure.InnerException is SimulationFailedException or InvariantException
            ? "invariant broken" : $"unexpected {failure.InnerException!.GetType().Name}";
        Fail(terminal, $"internal failure in {what} ({kind}): {failure.Message}", 0);
        terminal.Error.Write(isConcurrent ? $"not repeatable; to try again: {replay}\n" : $"replay: {replay}\n");
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(DebugVariable)))
        {
            terminal.Error.Write($"{failure.InnerException}\n");
        }

        return ExitCode.Internal;
    }

    private static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n', '\e'], WithoutGaps));
}
