using System.CommandLine;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Verbs;

/// <summary>The SCENARIO word of a verb. Optional for the parser only: its absence gets a message that lists what
/// could be there.</summary>
internal sealed class ScenarioArgument
{
    private readonly Argument<string?> _argument = new("SCENARIO")
    {
        Description = "A shipped scenario (see 'list') or the path of a file.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Adds the argument to a verb.</summary>
    public static ScenarioArgument AddTo(Command verb)
    {
        var scenario = new ScenarioArgument();
        verb.Arguments.Add(scenario._argument);
        return scenario;
    }

    /// <summary>What was given.</summary>
    public string Read(ParseResult parsed, ISimulator simulator) => parsed.GetValue(_argument)
        ?? throw new UsageException($"'{parsed.CommandResult.Command.Name}' needs a SCENARIO: a path or one of "
            + string.Join(", ", simulator.Scenarios));
}
