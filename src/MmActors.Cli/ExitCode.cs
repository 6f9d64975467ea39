namespace MmActors.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary><c>validate</c>: everything was compared, and less matched than was asked for.</summary>
    public const int Mismatch = 1;

    /// <summary>The command line or a file is wrong: the user can repair it.</summary>
    public const int Usage = 2;

    /// <summary>The simulator broke one of its own invariants: the message holds the replay line.</summary>
    public const int Internal = 3;

    /// <summary>Ctrl-C, as shells expect it.</summary>
    public const int Interrupted = 130;
}
