using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using MmActors.Model.Injection;

namespace MmActors.Experiments.Exploring;

/// <summary>How a replay file writes what JSON has no word for.</summary>
internal static class ReplayJson
{
    /// <summary>Name of the scenario's text.</summary>
    public const string Scenario = "Scenario";

    /// <summary>A text as an array of its lines.</summary>
    internal sealed class Lines : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            string.Join('\n', Listed<string>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Split('\n'), options);
    }

    /// <summary>A time as its number of ticks.</summary>
    internal sealed class Ticks : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TimeSpan.FromTicks(JsonSerializer.Deserialize<long>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.Ticks);
    }

    /// <summary>A planted bug by its name; null for none.</summary>
    internal sealed class Planted : JsonConverter<PlantedBug>
    {
        public override bool HandleNull => true;

        public override PlantedBug Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            string? name = JsonSerializer.Deserialize<string?>(ref reader, options);
            return PlantedBugs.Parse(name) ?? throw new ReplayJsonException($"names no planted bug: '{name}'");
        }

        public override void Write(Utf8JsonWriter writer, PlantedBug value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value == PlantedBug.None ? null : PlantedBugs.NameOf(value));
    }

    /// <summary>Departures as pairs of a choice and an index.</summary>
    internal sealed class Deviations : JsonConverter<ImmutableSortedDictionary<int, int>>
    {
        public override ImmutableSortedDictionary<int, int> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            int[][] pairs = Listed<int[]>(ref reader, options);
            return pairs.All(static pair => pair is [>= 0, >= 0]) && pairs.DistinctBy(static pair => pair[0]).Count() == pairs.Length
                ? pairs.ToImmutableSortedDictionary(static pair => pair[0], static pair => pair[1])
                : throw new ReplayJsonException("'Deviations' takes pairs of a choice and an index, each choice once");
        }

        public override void Write(Utf8JsonWriter writer, ImmutableSortedDictionary<int, int> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Select(static pair => (int[])[pair.Key, pair.Value]), options);
    }

    private static T[] Listed<T>(ref Utf8JsonReader reader, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<T[]>(ref reader, options) ?? throw new JsonException();
}

/// <summary>JSON, but not what a replay file says there.</summary>
internal sealed class ReplayJsonException(string message) : JsonException(message);
