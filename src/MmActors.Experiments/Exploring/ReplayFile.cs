using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MmActors.Experiments.Scenarios;
using MmActors.Runtime.Strategies;

namespace MmActors.Experiments.Exploring;

/// <summary>The file that <c>mmactors replay</c> reads: a case, and what must come out. One JSON object holds the members of all
/// its parts side by side.</summary>
/// <param name="Version">Version of the program that wrote it.</param>
/// <param name="Case">The schedule.</param>
/// <param name="Violation">What goes wrong.</param>
/// <param name="Hash">Hash of the event stream until then.</param>
public sealed record ReplayFile(string Version, ReplayCase Case, Violation Violation, string Hash)
{
    private const int Format = 1;

    /// <summary>Long ones, which are written behind all others.</summary>
    private static readonly string[] Last = [nameof(ReplayCase.ScenarioFile), nameof(ReplayCase.Deviations), ReplayJson.Scenario];

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Writes it; whole or not at all.</summary>
    public void Write(string path)
    {
        var document = new JsonObject { [nameof(Format)] = Format, [nameof(Version)] = Version };
        Move(JsonSerializer.SerializeToNode(Case, Options)!.AsObject(), document);
        Move(JsonSerializer.SerializeToNode(Violation, Options)!.AsObject(), document);
        document[nameof(Hash)] = Hash;
        foreach (string name in Last)
        {
            JsonNode? value = document[name];
            document.Remove(name);
            document[name] = value;
        }

        WholeFile.Write(path, document.ToJsonString(Options) + "\n");
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ScenarioException">It is missing, unreadable or no such file.</exception>
    public static ReplayFile Read(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            Head head = Part<Head>(text, path);
            if (head.Format != Format)
            {
                throw new ScenarioException(path, null, string.Create(
                    CultureInfo.InvariantCulture, $"has format {head.Format}; this program reads format {Format}"));
            }

            ReplayCase read = Part<ReplayCase>(text, path);
            if (read.Until <= TimeSpan.Zero)
            {
                throw new ReplayJsonException("'UntilTicks' takes a time after the beginning, or null");
            }

            return new ReplayFile(
                head.Version,
                read with { Choices = read.Choices & (ScheduleChoices.Channels | ScheduleChoices.Timers) },
                Part<Violation>(text, path),
                head.Hash);
        }
        catch (ReplayJsonException fault)
        {
            throw new ScenarioException(path, null, fault.Message);
        }
        catch (JsonException fault)
        {
            throw new ScenarioException(path, (int?)(fault.LineNumber + 1), "is no replay file: not the JSON that 'mmactors explore' writes");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException(path, null, $"cannot be read: {fault.Message}");
        }
    }

    private static T Part<T>(string text, string path) =>
        JsonSerializer.Deserialize<T>(text, Options)
            ?? throw new ScenarioException(path, null, "is empty; 'mmactors explore' writes such files");

    private static void Move(JsonObject from, JsonObject to)
    {
        foreach ((string name, JsonNode? value) in from.ToArray())
        {
            from.Remove(name);
            to[name] = value;
        }
    }

    private sealed record Head(int Format, string Version, string Hash);
}

/// <summary>Writes text files whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Writes beside the file first, then takes its place.</summary>
    public static void Write(string path, string text)
    {
        string beside = path + ".part";
        File.WriteAllText(beside, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(beside, path, overwrite: true);
    }
}
