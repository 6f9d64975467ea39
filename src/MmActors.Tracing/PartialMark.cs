using System.Globalization;

namespace MmActors.Tracing;

/// <summary>What the files of an interrupted run say, each in its own format: that the run went no further.</summary>
/// <param name="StoppedAt">Simulated time at which it was stopped.</param>
public sealed record PartialMark(TimeSpan StoppedAt)
{
    /// <summary>The words: <c>partial: stopped at 12.5 s</c>.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"partial: stopped at {StoppedAt.TotalSeconds:0.#######} s");
}
