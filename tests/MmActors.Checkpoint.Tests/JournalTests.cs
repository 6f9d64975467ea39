using System.Globalization;
using MmActors.Experiments.Checkpoints;

namespace MmActors.Checkpoint.Tests;

/// <summary>What a writer does with summaries that wait while the journal is read.</summary>
public class JournalTests
{
    /// <summary>A run killed before its first checkpoint begins again: its first event is found in the journal, the others are waiting.
    /// </summary>
    [Fact]
    public void No_summary_is_lost_when_the_first_event_was_written_before()
    {
        using var commands = new Commands();
        CheckpointLocation location = CheckpointLocation.Parse(commands.PathOf("soak.db"));
        foreach (string attempt in (string[])["first", "second"])
        {
            using CheckpointStore store = CheckpointStore.Create(location, new RunBegan("program", "command", "identity", 1), keep: 1);
            for (int row = 1; row <= 40; row++)
            {
                store.AddRow(row, string.Create(CultureInfo.InvariantCulture, $"{attempt} {row}"));
            }

            Assert.True(store.Flush(TimeSpan.FromMinutes(1), TimeSpan.Zero));
            Assert.Equal(0, store.PendingRows);
        }

        using StoredRun stored = StoredRun.Open(location);
        Assert.Equal(Enumerable.Range(1, 40).Select(static row => $"second {row}"), stored.History.Rows.Values);
    }
}
