using System.Globalization;

namespace MmActors.Experiments.Scenarios;

/// <summary>A scenario, preset or trace file cannot be used; the only exception loading ever throws. It is the user's to
/// repair, so the message says what is wrong and what is allowed.</summary>
public sealed class ScenarioException : Exception
{
    /// <summary>A fault in a file.</summary>
    /// <param name="file">The file as the user named it.</param>
    /// <param name="line">Its line, counted from 1; null when the fault has no line (missing file, too large).</param>
    /// <param name="message">What is wrong and what is allowed.</param>
    public ScenarioException(string file, int? line, string message)
        : base(message)
    {
        File = file;
        Line = line;
    }

    /// <summary>The file as the user named it.</summary>
    public string File { get; }

    /// <summary>Line of the fault, counted from 1; null when it has none.</summary>
    public int? Line { get; }

    /// <summary>The one line a command prints: <c>file:line: message</c>.</summary>
    public string Located => Line is { } line
        ? string.Create(CultureInfo.InvariantCulture, $"{File}:{line}: {Message}")
        : $"{File}: {Message}";
}
