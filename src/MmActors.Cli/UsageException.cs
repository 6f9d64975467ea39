using MmActors.Experiments.Config;

namespace MmActors.Cli;

/// <summary>The command line asks for something that does not exist; the message is the one line to print.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>"unknown variant 'bot'; did you mean 'both'? allowed: baseline, both".</summary>
    public static UsageException Unknown(string what, string given, IReadOnlyList<string> allowed) =>
        new(Suggestion.Unknown($"{what} '{Suggestion.Shorten(given)}'", given, allowed));
}
