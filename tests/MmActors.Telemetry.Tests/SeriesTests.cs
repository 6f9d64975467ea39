using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace MmActors.Telemetry.Tests;

public sealed class SeriesTests : IDisposable
{
    private readonly Commands _commands = new();

    public void Dispose() => _commands.Dispose();

    [Fact]
    public void One_row_per_interval_from_zero_to_the_horizon()
    {
        _commands.Succeed("compare", "hot-cold-hot", "--series", _commands.PathOf("s"), "--until", "25s", "--series-interval", "10s");
        Assert.Equal(["baseline", "both", "refine", "skip"], Names("csv"));
        Assert.Equal(["baseline", "both", "refine", "skip"], Names("parquet"));
        Assert.Equal(["0", "10", "20", "25"], Column("baseline", "time_s"));
    }

    [Fact] // README's timeline of hot1, which is derived from the timeline of the report: 8 ranges a pass, one pass in 10 s
    public void Huge_ranges_grow_by_eight_a_pass()
    {
        _commands.Succeed("run", "hot-cold-hot", "--variant", "both", "--series", _commands.PathOf("s"), "--until", "100s", "--series-interval", "10s");
        Assert.Equal(["0", "8", "16", "24", "32", "40", "48", "56", "64", "64", "64"], Column("both", "hot1.huge_ranges"));
        Assert.Equal(["0", "0", "0", "0", "0", "0", "0", "0", "0", "8", "16"], Column("both", "hot2.huge_ranges"));

        // cold maps 64 ranges and frees all of them; nothing asks for memory, so they stay: 64 × 512.
        Assert.Equal("32768", Column("both", "cold.lazyfree_pages")[^1]);
        Assert.Equal("32768", Column("both", "pglazyfree")[^1]);

        // 2 GiB hold 524,288 pages; three tasks of 32,768 each are resident, each with 64 page tables and a page of PMD entries.
        Assert.Equal(524_288 - (3 * (32_768 + 64 + 1)), int.Parse(Column("both", "nr_free_pages")[^1], CultureInfo.InvariantCulture));
    }

    [Fact] // TC-8, SM-14: given back lazily, pages change from the anon to the file list; a collapse makes one huge page of 512
    public void State_counters_have_the_kernels_names_and_numbers()
    {
        _commands.Succeed("run", "hot-cold-hot", "--variant", "both", "--series", _commands.PathOf("s"), "--until", "100s", "--series-interval", "100s");
        int End(string name) => int.Parse(Column("both", name)[^1], CultureInfo.InvariantCulture);
        Assert.Equal((64 + 64) * 512, End("nr_inactive_anon") + End("nr_active_anon"));
        Assert.Equal((64 * 512, 0), (End("nr_inactive_file"), End("nr_active_file")));
        Assert.Equal(64 + 16, End("nr_anon_transparent_hugepages"));
    }

    [Fact]
    public async Task Parquet_holds_what_the_csv_holds()
    {
        _commands.Succeed("run", "lazyfree-blocks-reclaim", "--variant", "read1-skip-swap", "--series", _commands.PathOf("s"));
        string[] lines = await File.ReadAllLinesAsync(_commands.PathOf("s/read1-skip-swap.csv"));
        string[] header = lines[0].Split(',');
        await using ParquetReader reader = await ParquetReader.CreateAsync(_commands.PathOf("s/read1-skip-swap.parquet"));
        DataField[] fields = reader.Schema.GetDataFields();
        Assert.Equal(header, fields.Select(static field => field.Name));
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        Assert.Equal(lines.Length - 1, group.RowCount);
        for (int column = 1; column < fields.Length; column++)
        {
            long[] values = new long[group.RowCount];
            await group.ReadAsync<long>(fields[column], values);
            Assert.Equal(Column("read1-skip-swap", header[column]), values.Select(static value => value.ToString(CultureInfo.InvariantCulture)));
        }

        // The recorded run: 8,192 lazyfree pages dropped without being written (README, "What reclaim got back").
        Assert.Equal("8192", Column("read1-skip-swap", "pglazyfreed")[^1]);
    }

    [Fact] // issue 5.2: same seed twice
    public void The_same_seed_gives_the_same_bytes()
    {
        foreach (string folder in new[] { "a", "b" })
        {
            _commands.Succeed("run", "mixed-load", "--variant", FirstVariant, "--series", _commands.PathOf(folder), "--until", "20s");
        }

        foreach (string extension in new[] { "csv", "parquet" })
        {
            byte[] bytes = File.ReadAllBytes(_commands.PathOf($"a/{FirstVariant}.{extension}"));
            Assert.True(bytes.Length > 4_000, $"{bytes.Length} bytes of {extension}");
            Assert.Equal(bytes, File.ReadAllBytes(_commands.PathOf($"b/{FirstVariant}.{extension}")));
        }
    }

    [Fact]
    public void Watching_a_run_does_not_change_it()
    {
        string HashOf()
        {
            string line = _commands.Out.Split('\n').Single(static line => line.Contains(",hash,", StringComparison.Ordinal));
            return line[(line.LastIndexOf(',') + 1)..];
        }

        string[] run = ["run", "mixed-load", "--variant", FirstVariant, "--until", "10s", "--format", "csv"];
        _commands.Succeed(run);
        string alone = HashOf();
        _commands.Succeed([.. run, "--series", _commands.PathOf("s"), "--series-interval", "7ms"]);
        Assert.Equal(alone, HashOf());
    }

    [Theory]
    [InlineData("--series-interval", "0s", "'--series-interval' takes more than 0s, not '0s'")]
    [InlineData("--series-interval", "5", "--series-interval: ")]
    public void A_bad_interval_is_one_line(string option, string value, string message)
    {
        Assert.Equal(2, _commands.Run("run", "hot-cold-hot", "--variant", "both", "--series", _commands.PathOf("s"), option, value));
        Assert.Contains(message, _commands.Error, StringComparison.Ordinal);
        Assert.Equal(1, _commands.Error.Count(static letter => letter == '\n'));
    }

    [Fact]
    public void A_file_in_the_way_of_the_directory_is_named_before_anything_runs()
    {
        File.WriteAllText(_commands.PathOf("s"), "kept");
        Assert.Equal(2, _commands.Run("run", "hot-cold-hot", "--variant", "both", "--series", _commands.PathOf("s")));
        Assert.StartsWith($"error: cannot write '{_commands.PathOf("s")}': ", _commands.Error, StringComparison.Ordinal);
        Assert.Equal("", _commands.Out);
        Assert.Equal("kept", File.ReadAllText(_commands.PathOf("s")));
    }

    [Theory] // the walk over page tables is spared where nothing lazyfree or swapped can be found: the figures must be the report's
    [InlineData("idle-desktop", "60s")]
    [InlineData("hot-cold-hot", "100s")]
    [InlineData("lazyfree-blocks-reclaim", "4s")]
    [InlineData("mixed-load", "20s")]
    public void The_last_row_is_what_the_report_says(string scenario, string until)
    {
        _commands.Succeed("compare", scenario, "--until", until, "--series", _commands.PathOf("s"), "--format", "json");
        using JsonDocument report = JsonDocument.Parse(_commands.Out);
        int compared = 0;
        foreach (JsonElement variant in report.RootElement.GetProperty("variants").EnumerateArray())
        {
            string name = variant.GetProperty("name").GetString()!;
            foreach (JsonProperty task in variant.GetProperty("tasks").EnumerateObject())
            {
                string Row(string gauge) => Column(name, $"{task.Name}.{gauge}")[^1];
                if (Row("rss_pages") != "0")
                {
                    compared++;
                    Assert.Equal(task.Value.GetProperty("huge_ranges").GetRawText(), Row("huge_ranges"));
                    Assert.Equal(task.Value.GetProperty("rss_pages").GetRawText(), Row("rss_pages"));
                    Assert.Equal(task.Value.GetProperty("lazyfree_pages").GetRawText(), Row("lazyfree_pages"));
                    Assert.Equal(task.Value.GetProperty("swap_pages").GetRawText(), Row("swap_pages"));
                }
            }
        }

        Assert.NotEqual(0, compared);
    }

    private const string FirstVariant = "baseline";

    private IEnumerable<string> Names(string extension) =>
        Directory.GetFiles(_commands.PathOf("s"), $"*.{extension}").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!;

    private string[] Column(string variant, string name)
    {
        string[][] rows = [.. File.ReadAllLines(_commands.PathOf($"s/{variant}.csv")).Select(static line => line.Split(','))];
        int index = Array.IndexOf(rows[0], name);
        return [.. rows.Skip(1).Select(row => row[index])];
    }
}
