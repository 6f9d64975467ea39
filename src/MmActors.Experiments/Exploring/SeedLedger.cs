using System.Globalization;
using System.Text;

namespace MmActors.Experiments.Exploring;

/// <summary>The seeds of every search, written before they are run: whatever ends the process, the last line names the schedules
/// that were running. Lines are only ever appended.</summary>
public sealed class SeedLedger : IDisposable
{
    /// <summary>Name of the file in its directory.</summary>
    public const string FileName = "ledger.txt";

    private readonly FileStream _file;

    /// <summary>Opens the ledger and notes the command.</summary>
    /// <param name="directory">Directory of the ledger; made when it is not there.</param>
    /// <param name="command">The command line that repeats the search.</param>
    public SeedLedger(string directory, string command)
    {
        Directory.CreateDirectory(directory);
        _file = new FileStream(Path.Combine(directory, FileName), FileMode.Append, FileAccess.Write, FileShare.Read);
        Write($"search {command}");
    }

    /// <summary>These schedules are about to run.</summary>
    public void Begin(ulong firstSeed, long count) => Write(string.Create(
        CultureInfo.InvariantCulture, $"seeds {firstSeed}..{unchecked(firstSeed + (ulong)count - 1)}"));

    /// <summary>The search is over.</summary>
    public void End(ExploreResult result) => Write(string.Create(CultureInfo.InvariantCulture,
        $"end {result.Schedules} schedules{(result.IsPartial ? ", partial" : "")}{(result.Failed is { } failed
            ? $", seed {failed.Seed}: {failed.Violation.Kind}" : ", no violation")}"));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Write(string line)
    {
        _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _file.Flush();
    }
}
