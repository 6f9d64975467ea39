using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MmActors.Experiments.Checkpoints;

/// <summary>What the journal of a run tells, in order.</summary>
[JsonDerivedType(typeof(RunBegan), "began")]
[JsonDerivedType(typeof(WriterChanged), "writer")]
[JsonDerivedType(typeof(RowCompleted), "row")]
[JsonDerivedType(typeof(CheckpointBegun), "begun")]
[JsonDerivedType(typeof(CheckpointWritten), "checkpoint")]
[JsonDerivedType(typeof(CheckpointDropped), "dropped")]
[JsonDerivedType(typeof(JournalReached), "reached")]
public abstract record RunEvent
{
    private const int HashLength = 16;

    /// <summary>As text, with a checksum in front.</summary>
    internal string ToText()
    {
        string json = JsonSerializer.Serialize(this);
        return $"{Checksum(json)} {json}";
    }

    /// <summary>Null when the text is none of ours or has been changed.</summary>
    internal static RunEvent? Parse(string text)
    {
        if (text.Length < HashLength + 2 || text[HashLength] != ' ' || Checksum(text[(HashLength + 1)..]) != text[..HashLength])
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<RunEvent>(text[(HashLength + 1)..]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Checksum(string json) =>
        Convert.ToHexStringLower(XxHash64.Hash(Encoding.UTF8.GetBytes(json)));
}

/// <summary>First of all: whose checkpoints these are.</summary>
/// <param name="Program">Name and version of the program.</param>
/// <param name="Command">The command line that repeats the run from its beginning.</param>
/// <param name="Identity">Hash of everything that determines the run.</param>
/// <param name="Seed">Seed of its random streams.</param>
public sealed record RunBegan(string Program, string Command, string Identity, ulong Seed) : RunEvent;

/// <summary>Somebody took the <see cref="WriterLock"/> and has read all events before this one: whoever had it before and does not know of
/// this event finds its place in the journal taken when it writes the next of its own.</summary>
/// <param name="Holding">Which holding of the lock.</param>
public sealed record WriterChanged(string Holding) : RunEvent;

/// <summary>A summary is complete.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Content">The summary, as JSON.</param>
public sealed record RowCompleted(long Number, string Content) : RunEvent;

/// <summary>The pieces of a checkpoint are being stored; nothing may follow.</summary>
/// <param name="Number">Its number.</param>
/// <param name="TimeTicks">Simulated time.</param>
public sealed record CheckpointBegun(int Number, long TimeTicks) : RunEvent
{
    /// <summary>Simulated time.</summary>
    [JsonIgnore]
    public TimeSpan Time => TimeSpan.FromTicks(TimeTicks);
}

/// <summary>All pieces of a checkpoint are stored; before this it does not exist.</summary>
public sealed record CheckpointWritten(CheckpointManifest Manifest) : RunEvent;

/// <summary>A checkpoint is no longer wanted; its pieces are deleted after this.</summary>
public sealed record CheckpointDropped(int Number) : RunEvent;

/// <summary>In no journal, but beside it: it has had that many events, so it has them or is damaged.</summary>
/// <param name="Events">Events that were stored when this was written.</param>
public sealed record JournalReached(long Events) : RunEvent;

/// <summary>What a journal comes to.</summary>
public sealed class RunHistory
{
    private readonly SortedDictionary<int, CheckpointManifest> _checkpoints = [];
    private readonly SortedDictionary<long, string> _rows = [];

    /// <summary>Whose it is; null for an empty journal.</summary>
    public RunBegan? Began { get; private set; }

    /// <summary>Checkpoints that are kept, oldest first.</summary>
    public IReadOnlyCollection<CheckpointManifest> Checkpoints => _checkpoints.Values;

    /// <summary>Summaries by number.</summary>
    public IReadOnlyDictionary<long, string> Rows => _rows;

    /// <summary>Events there are.</summary>
    public long Events { get; private set; }

    /// <summary>Who wrote last, by its holding of the lock; null when there was only one.</summary>
    public string? Writer { get; private set; }

    /// <summary>The last number given to a checkpoint, complete or not; none is given twice.</summary>
    public int LastNumber { get; private set; }

    /// <summary>The checkpoint that was being written when nothing more was; null when the last one is complete.</summary>
    public CheckpointBegun? Unfinished { get; private set; }

    /// <summary>Takes the next event in.</summary>
    public void Add(RunEvent happened)
    {
        Events++;
        switch (happened)
        {
            case RunBegan began:
                Began ??= began;
                break;
            case WriterChanged changed:
                Writer = changed.Holding;
                break;
            case RowCompleted row:
                _rows[row.Number] = row.Content;
                break;
            case CheckpointBegun begun:
                Unfinished = begun;
                LastNumber = Math.Max(LastNumber, begun.Number);
                break;
            case CheckpointWritten written:
                Unfinished = null;
                _checkpoints[written.Manifest.Number] = written.Manifest;
                LastNumber = Math.Max(LastNumber, written.Manifest.Number);
                break;
            case CheckpointDropped dropped:
                _checkpoints.Remove(dropped.Number);
                break;
        }
    }

    /// <summary>Whether that is in here already: an answer that was lost does not mean that nothing was written.</summary>
    internal bool Has(RunEvent happened) => happened switch
    {
        RunBegan => Began is not null,
        RowCompleted row => _rows.GetValueOrDefault(row.Number) == row.Content,
        CheckpointBegun begun => Unfinished == begun,
        CheckpointWritten written => _checkpoints.ContainsKey(written.Manifest.Number),
        _ => false,
    };
}
