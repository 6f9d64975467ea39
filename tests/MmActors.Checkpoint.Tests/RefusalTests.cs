using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using MmActors.Experiments.Checkpoints;

namespace MmActors.Checkpoint.Tests;

/// <summary>What is no checkpoint of this build, or not whole, is refused with one line, and stays as it was.</summary>
public class RefusalTests
{
    private const int Flips = 24;

    [Theory]
    [InlineData("nothing at all", "is no checkpoint file: it is no SQLite database")]
    [InlineData("", "is no checkpoint file: it is no SQLite database")]
    public void A_file_that_is_no_database_is_refused(string content, string message)
    {
        using var commands = new Commands();
        string file = commands.PathOf("notes.txt");
        File.WriteAllText(file, content);
        Assert.Contains(message, commands.Refuse("resume", file));
        Assert.Contains(message, commands.Refuse("resume", file, "--from", "1h"));
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public void A_missing_file_is_refused_and_not_made()
    {
        using var commands = new Commands();
        string file = commands.PathOf("none.db");
        Assert.Equal($"error: '{file}' does not exist, so there is nothing to resume from\n", commands.Refuse("resume", file));
        Assert.Empty(Directory.GetFileSystemEntries(commands.Folder));
    }

    [Theory]
    [InlineData("create table journal (x); create table letters (y); insert into letters values ('dear');")]
    [InlineData("create table mmactors (format integer); insert into mmactors values (7)")] // its name is that of one that is ours for a moment
    public void Somebody_elses_database_is_refused_and_left_alone(string content)
    {
        using var commands = new Commands();
        string file = commands.PathOf("other.db");
        Execute(file, content);
        byte[] before = File.ReadAllBytes(file);

        Assert.Contains("is a database, but holds no run of mmactors", commands.Refuse("resume", file));
        Assert.Contains("exists and holds something else: resume from it, or name another file", commands.Refuse([.. Commands.Soak, "--checkpoint", file]));
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Theory] // killed while it made the file; before the table for the pieces was made
    [InlineData(false, "create table mmactors (format integer)")]
    [InlineData(true, "drop table snapshot; delete from journal where ordering > 1; update sqlite_sequence set seq = 1 where name = 'journal'")]
    public void What_a_writer_killed_at_the_beginning_leaves_is_begun_again(bool hasBegun, string left)
    {
        using var commands = new Commands();
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "20m"]));
        string hash = commands.Hash;
        string file = hasBegun ? Saved(commands) : commands.PathOf("soak.db");
        Execute(file, left);
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "20m", "--checkpoint", file]));
        Assert.Equal(hash, commands.Hash);
        Assert.Contains("resumed at 20m of 40m", Resumed(commands, file));
    }

    private static string Resumed(Commands commands, string file)
    {
        Assert.Equal(0, commands.Run("resume", file, "--for", "40m"));
        return commands.Error;
    }

    [Fact]
    public void Another_run_does_not_write_over_the_checkpoints_of_this_one()
    {
        using var commands = new Commands();
        string file = Saved(commands);
        byte[] before = File.ReadAllBytes(file);
        string refusal = commands.Refuse("soak", "mixed-load", "--for", "1h", "--checkpoint", file);
        Assert.Contains("exists and holds the checkpoints of 'mmactors soak underused-thp --variant ", refusal);
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Fact]
    public void Two_processes_do_not_write_to_the_same_file()
    {
        using var commands = new Commands();
        string file = Saved(commands);
        byte[] before = File.ReadAllBytes(file);
        using (WriterLock.Take(CheckpointLocation.Parse(file)))
        {
            string refusal = $"error: another process writes its checkpoints to '{file}' at this moment: wait for its end, or stop it with Ctrl-C\n";
            Assert.Equal(refusal, commands.Refuse("resume", file, "--for", "1h"));
            Assert.Equal(refusal, commands.Refuse([.. Commands.Soak, "--for", "20m", "--checkpoint", file]));
        }

        Assert.Equal(before, File.ReadAllBytes(file));
        Assert.Equal([file], Directory.GetFiles(commands.Folder));
        File.WriteAllBytes(file + ".lock", []); // what a killed writer leaves keeps nobody away
        Assert.Equal(0, commands.Run("resume", file, "--for", "40m"));
        Assert.Equal([file], Directory.GetFiles(commands.Folder));
    }

    [Fact]
    public void A_directory_is_no_checkpoint_file()
    {
        using var commands = new Commands();
        Assert.Equal($"error: '{commands.Folder}' is a directory, and no checkpoint file\n", commands.Refuse("resume", commands.Folder));
    }

    [Fact]
    public void A_checkpoint_of_another_build_is_refused_and_names_the_module()
    {
        using var commands = new Commands();
        string file = Saved(commands);
        Forge(file, static manifest => manifest with
        {
            Modules = [.. manifest.Modules.Select(static module =>
                module.Name == "MmActors.Model.dll" ? module with { Version = Guid.Empty } : module)],
        });
        byte[] before = File.ReadAllBytes(file);
        string refusal = commands.Refuse("resume", file, "--for", "1h");
        Assert.Contains("was written by another build (mmactors ", refusal);
        Assert.Contains("MmActors.Model.dll differs", refusal);
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Fact]
    public void A_damaged_piece_is_refused_and_a_whole_older_checkpoint_is_offered()
    {
        using var commands = new Commands();
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "1h"]));
        string hash = commands.Hash;
        string file = Saved(commands);
        Assert.Equal(0, commands.Run("resume", file, "--for", "40m"));
        Execute(file, "update snapshot set snapshot = substr(snapshot, 1, 5000) || x'00' || substr(snapshot, 5002) "
            + "where persistence_id = 'mmactors-checkpoint-2' and sequence_number = 0; pragma wal_checkpoint(truncate)");
        byte[] before = File.ReadAllBytes(file);

        string refusal = commands.Refuse("resume", file, "--for", "1h");
        Assert.Contains("the checkpoint at 40m in ", refusal);
        Assert.Contains("is damaged (piece 1 of ", refusal);
        Assert.Contains("nothing has been changed; the one at 20m is whole: add '--from 20m' to resume from it\n", refusal);
        Assert.Equal(before, File.ReadAllBytes(file));

        Assert.Equal(0, commands.Run("resume", file, "--for", "1h", "--from", "20m", "--format", "csv"));
        Assert.Equal(hash, commands.Hash);
        Assert.Equal(0, commands.Run("resume", file, "--for", "61m")); // the damaged one is forgotten
    }

    /// <summary>The newest checkpoint exists by its event in the journal alone: without it the run would go on from an older one.</summary>
    [Theory]
    [InlineData("update journal set message = cast(replace(cast(message as text), 'TimeTicks', 'TimeTocks') as blob)", "is damaged: event [0-9]+ of its journal is damaged; ")]
    [InlineData("update journal set message = substr(message, 1, 100)", "is damaged: [^\n]+; ")]
    [InlineData("update journal set message = x''", "is damaged: [^\n]+; ")]
    [InlineData("update journal set identifier = 77", "is damaged: [^\n]+; ")]
    [InlineData("update journal set persistence_id = 'mmactors-rum'", "is damaged: events are missing from its journal; ")]
    [InlineData("update journal set deleted = 1", "is damaged: events are missing from its journal; ")]
    [InlineData("update journal set sequence_number = 777", "is damaged: events are missing from its journal; ")]
    [InlineData("delete from journal", "is damaged: events are missing from its journal; ")]
    public void The_loss_of_the_newest_checkpoints_manifest_does_not_go_unnoticed(string damage, string message)
    {
        using var commands = new Commands();
        string file = Saved(commands);
        Assert.Equal(0, commands.Run("resume", file, "--for", "40m"));
        Execute(file, $"{damage} where ordering = (select max(ordering) from journal); pragma wal_checkpoint(truncate)");
        byte[] before = File.ReadAllBytes(file);
        Assert.Matches(message + "it has not been changed\n$", commands.Refuse("resume", file, "--for", "1h"));
        Assert.Matches(message, commands.Refuse("resume", file, "--for", "1h", "--from", "20m"));
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    /// <summary>Killed while it wrote the second one.</summary>
    [Fact]
    public void A_checkpoint_that_is_not_complete_is_told_of()
    {
        using var commands = new Commands();
        string file = Saved(commands);
        Assert.Equal(0, commands.Run("resume", file, "--for", "40m"));
        const string Last = "(select max(ordering) from journal)";
        Execute(file, $"delete from journal where ordering = {Last}; update sqlite_sequence set seq = {Last} where name = 'journal'; "
            + "delete from snapshot where persistence_id = 'mmactors-run-end'; pragma wal_checkpoint(truncate)");
        Assert.Equal(0, commands.Run("resume", file, "--for", "50m"));
        Assert.StartsWith(
            "the checkpoint at 40m was not complete when the run was interrupted: it goes on from the one before\nresumed at 20m of 50m: ",
            commands.Error);
        Assert.Equal(0, commands.Run("resume", file, "--for", "1h"));
        Assert.StartsWith("resumed at 50m of 1h: ", commands.Error);
    }

    [Theory]
    [InlineData(0.999)]
    [InlineData(0.5)]
    [InlineData(0.05)]
    public void A_file_cut_short_is_refused(double part)
    {
        using var commands = new Commands();
        string file = Saved(commands);
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..(int)(whole.Length * part)]);
        string before = HashOf(file);
        commands.Refuse("resume", file, "--for", "1h");
        Assert.Equal(before, HashOf(file));
    }

    /// <summary>A changed bit is found, or lies where nothing is stored: then the run that goes on is the right one.</summary>
    [Fact]
    public void No_changed_bit_is_taken_for_the_truth()
    {
        using var commands = new Commands();
        string file = Saved(commands);
        byte[] whole = File.ReadAllBytes(file);
        int refused = 0;
        for (int flip = 0; flip < Flips; flip++)
        {
            byte[] changed = [.. whole];
            changed[(int)((flip + 0.37) * whole.Length / Flips)] ^= (byte)(1 << (flip % 8));
            File.WriteAllBytes(file, changed);
            try
            {
                using var run = Experiments.Soaking.SoakResume.Open(
                    CheckpointLocation.Parse(file), null, static time => time.ToString()).Run;
                run.World.Audit();
                Assert.Equal(TimeSpan.FromMinutes(20), run.State.Time);
            }
            catch (CheckpointRefusedException)
            {
                refused++;
            }

            Assert.Equal(changed, File.ReadAllBytes(file));
        }

        Assert.InRange(refused, Flips / 2, Flips);
    }

    [Theory]
    [InlineData("--checkpoint", "", "a file or in a PostgreSQL database, not in ''")]
    [InlineData("--output", "", "'--output' takes a path, not ''")]
    [InlineData("--checkpoint", "postgres://me@here/db", "not by a URI")]
    [InlineData("--checkpoint", "Host=127.0.0.1;Port=1;Username=me;Database=runs", "cannot reach PostgreSQL database runs at 127.0.0.1:1: ")]
    [InlineData("--checkpoint", "Host=127.0.0.1;Colour=red", "the PostgreSQL connection string cannot be used: ")]
    [InlineData("--checkpoint", "Host=", "the PostgreSQL connection string cannot be used: it needs a host, and a port from 1 to 65535 if any")]
    [InlineData("--checkpoint", "Host=127.0.0.1;Port=99999", "the PostgreSQL connection string cannot be used: it needs a host, and a port from 1 to 65535 if any")]
    [InlineData("--checkpoint", "/proc/soak.db", "cannot write checkpoints to '/proc/soak.db': ")]
    [InlineData("--checkpoint-every", "1s", "'--checkpoint-every' takes 1m or more, not '1s'")]
    [InlineData("--keep", "0", "'--keep' takes a whole number from 1 to 1000, not '0'")]
    [InlineData("--on-checkpoint-failure", "panic", "allowed: continue, stop")]
    [InlineData("--keep", "3", "'--keep' takes effect only with --checkpoint or --checkpoint-every")]
    [InlineData("--on-checkpoint-failure", "stop", "'--on-checkpoint-failure' takes effect only with --checkpoint or --checkpoint-every")]
    public void A_wrong_option_is_refused(string option, string value, string message)
    {
        using var commands = new Commands();
        Assert.Contains(message, commands.Refuse([.. Commands.Soak, option, value]));
    }

    [Fact]
    public void Rows_do_not_take_the_place_of_checkpoints()
    {
        using var commands = new Commands();
        string file = Saved(commands);
        byte[] before = File.ReadAllBytes(file);
        Assert.Contains("would be the same file", commands.Refuse([.. Commands.Soak, "--checkpoint", file, "--output", file]));
        Assert.Contains("would be the same file", commands.Refuse("resume", file, "--for", "40m", "--output", file));
        Assert.Contains("not in ''", commands.Refuse("resume", ""));
        Assert.Contains("'--output' takes a path", commands.Refuse("resume", file, "--output", ""));
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    /// <summary>A file with one checkpoint, at 20 minutes, complete in itself.</summary>
    private static string Saved(Commands commands)
    {
        string file = commands.PathOf("soak.db");
        Assert.Equal(0, commands.Run([.. Commands.Soak, "--for", "20m", "--checkpoint", file]));
        Assert.Equal([file], Directory.GetFiles(commands.Folder)); // no -wal file is left
        return file;
    }

    /// <summary>Stores the newest checkpoint's manifest again, changed, as its own program would.</summary>
    private static void Forge(string file, Func<CheckpointManifest, CheckpointManifest> change)
    {
        CheckpointLocation location = CheckpointLocation.Parse(file);
        RunHistory history;
        CheckpointManifest manifest;
        IReadOnlyList<ReadOnlyMemory<byte>> bytes;
        using (StoredRun stored = StoredRun.Open(location))
        {
            history = stored.History;
            manifest = history.Checkpoints.Last();
            bytes = stored.Load(manifest);
        }

        using CheckpointStore store = CheckpointStore.Continue(location, WriterLock.Take(location), manifest, history, keep: 1);
        store.Save(change(manifest) with { Number = store.NextNumber }, bytes);
        Assert.True(store.Flush(TimeSpan.FromMinutes(1), TimeSpan.Zero));
    }

    private static string HashOf(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
