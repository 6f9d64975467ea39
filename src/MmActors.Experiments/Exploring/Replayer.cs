using System.Collections.Immutable;
using System.Globalization;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Exploring;

/// <summary>What a replayed case came to.</summary>
/// <param name="File">The file.</param>
/// <param name="Violation">What went wrong this time, or null.</param>
/// <param name="Hash">Hash of the event stream.</param>
/// <param name="Messages">The last messages before it, oldest first.</param>
public sealed record Replayed(ReplayFile File, Violation? Violation, string Hash, ImmutableArray<string> Messages)
{
    /// <summary>The same thing went wrong after the same step, with the same event stream.</summary>
    public bool IsSame => Violation is { } found && found.Kind == File.Violation.Kind && found.Message == File.Violation.Message
        && found.Step == File.Violation.Step && found.Time == File.Violation.Time && Hash == File.Hash;
}

/// <summary>Repeats a case from its file.</summary>
public static class Replayer
{
    /// <summary>Runs the case once.</summary>
    /// <param name="file">The file.</param>
    /// <param name="shown">Messages to keep.</param>
    /// <param name="catalog">Where presets are found.</param>
    /// <exception cref="ScenarioException">Its scenario is wrong.</exception>
    public static Replayed Run(ReplayFile file, int shown, ScenarioCatalog catalog)
    {
        RunRequest request = file.Case.Request(catalog);
        using var runner = new ScheduleRunner();
        var last = new Queue<string>();
        SchedulePlan plan = file.Case.Plan(request) with
        {
            Deliveries = (receiver, sender, message) =>
            {
                if (last.Count == shown)
                {
                    last.Dequeue();
                }

                last.Enqueue(string.Create(CultureInfo.InvariantCulture,
                    $"{runner.Time.TotalMilliseconds:0.000} ms  {Short(receiver)} < {Short(sender ?? "nobody")}: {Named(message)}"));
            },
        };
        ScheduleOutcome outcome = runner.Run(plan);
        return new Replayed(file, outcome.Violation, outcome.Hash, [.. last]);
    }

    private static string Short(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The message's name with its plain values; a page buffer or a folio batch says nothing in print.</summary>
    private static string Named(object message)
    {
        const int Most = 90;
        string text = message.ToString() ?? message.GetType().Name;
        text = text.StartsWith(message.GetType().Namespace + ".", StringComparison.Ordinal) ? message.GetType().Name : text;
        return text.Length > Most ? text[..Most] + "…" : text;
    }
}
