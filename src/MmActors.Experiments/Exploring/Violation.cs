using System.Diagnostics;
using System.Text;
using System.Text.Json.Serialization;

namespace MmActors.Experiments.Exploring;

/// <summary>What went wrong in a schedule.</summary>
/// <param name="Kind">invariant, crash, or hang.</param>
/// <param name="Message">What was found, with its numbers.</param>
/// <param name="Step">Step after which it was found.</param>
/// <param name="Time">Simulated time then.</param>
public sealed record Violation(
    string Kind,
    string Message,
    [property: JsonPropertyOrder(1)] long Step,
    [property: JsonPropertyOrder(1), JsonPropertyName("TimeTicks"), JsonConverter(typeof(ReplayJson.Ticks))] TimeSpan Time)
{
    /// <summary>An invariant of the model does not hold.</summary>
    public const string Invariant = "invariant";

    /// <summary>An actor failed in another way.</summary>
    public const string Crash = "crash";

    /// <summary>Somebody waits for ever, or works for ever.</summary>
    public const string Hang = "hang";

    /// <summary>The functions in which it was noticed, innermost first.</summary>
    [JsonRequired]
    public string Where { get; init; } = "";

    /// <summary>Names the functions an exception came from.</summary>
    public static string PlaceOf(Exception cause)
    {
        const int Functions = 4;
        var frames = new StackTrace(cause, fNeedFileInfo: false).GetFrames();
        return string.Join(" < ", frames.Select(static frame => frame.GetMethod())
            .Where(static method => method?.DeclaringType?.Namespace?.StartsWith("MmActors", StringComparison.Ordinal) ?? false)
            .Take(Functions).Select(static method => $"{method!.DeclaringType!.Name}.{method.Name}"));
    }

    /// <summary>The message without its numbers: two violations of the same shape count as the same.</summary>
    [JsonIgnore]
    public string Shape
    {
        get
        {
            var shape = new StringBuilder(Kind).Append(": ");
            foreach (char letter in Message)
            {
                char kept = char.IsAsciiHexDigit(letter) && !char.IsAsciiLetter(letter) ? '#' : letter;
                if (kept != '#' || shape[^1] != '#')
                {
                    shape.Append(kept);
                }
            }

            return shape.ToString();
        }
    }
}
