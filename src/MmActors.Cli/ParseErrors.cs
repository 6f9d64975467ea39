using System.CommandLine;

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

    private static IEnumerable<string> OptionNames(ParseResult parsed)
    {
        var own = parsed.CommandResult.Command.Options;
        var inherited = parsed.RootCommandResult.Command.Options.Where(option => option.Recursive);
        return own.Concat(inherited).Select(option => option.Name).Distinct();
    }
}
