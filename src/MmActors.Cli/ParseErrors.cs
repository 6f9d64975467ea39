using System.CommandLine;
using System.CommandLine.Parsing;

namespace MmActors.Cli;

/// <summary>Turns what the parser found wrong into one line with the allowed words.</summary>
internal static class ParseErrors
{
    /// <summary>The first thing that is wrong.</summary>
    public static UsageException First(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.Count == 0)
        {
            return new(parsed.Errors[0].Message);
        }

        var token = parsed.UnmatchedTokens[0];
        if (token.StartsWith('-'))
        {
            return UsageException.Unknown("option", token, [.. OptionNames(parsed)]);
        }

        return command is RootCommand
            ? UsageException.Unknown("command", token, [.. command.Subcommands.Select(verb => verb.Name)])
            : new($"'{command.Name}' takes no further argument: '{token}'; see {MmActorsCommand.Name} {command.Name} "
                + "--help");
    }

    /// <summary>An option before the command: it would go to the command-less run, which does not take place.</summary>
    public static UsageException? Misplaced(ParseResult parsed)
    {
        if (parsed.CommandResult == parsed.RootCommandResult)
        {
            return null;
        }

        var given = parsed.RootCommandResult.Children.OfType<OptionResult>()
            .FirstOrDefault(static option => !option.Implicit && !option.Option.Recursive);
        return given is null ? null : new($"'{given.Option.Name}' comes before '{parsed.CommandResult.Command.Name}'; options of a command go behind it");
    }

    private static IEnumerable<string> OptionNames(ParseResult parsed)
    {
        var own = parsed.CommandResult.Command.Options;
        var inherited = parsed.RootCommandResult.Command.Options.Where(option => option.Recursive);
        return own.Concat(inherited).Select(option => option.Name).Distinct();
    }
}
