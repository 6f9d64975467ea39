namespace MmActors.Cli;

/// <summary>Where a command writes and what it may assume about the reader: data to <see cref="Out"/>, talk to
/// <see cref="Error"/>.</summary>
internal sealed class Terminal
{
    /// <summary>Standard output: data only.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error: messages and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Escape sequences may be written to <see cref="Out"/>.</summary>
    public bool Colour { get; init; }

    /// <summary>A person looks at <see cref="Out"/>: it is a terminal.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Standard error is a terminal, so a line may be overwritten there.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>Signalled by Ctrl-C.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>The environment.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Called when what was asked for takes so long that it is worth starting the process anew, compiled otherwise; may not
    /// return. Nothing may have been written, or read from a pipe, by then.</summary>
    public Action PrepareForMinutes { get; init; } = static () => { };

    /// <summary>What the environment says about colour: NO_COLOR (any value) and TERM=dumb forbid it.</summary>
    public static bool ColourWanted(Func<string, string?> variable) =>
        string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") is { Length: > 0 } and not "dumb";
}
