using MmActors.Experiments.Running;
using MmActors.Model;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Events;
using MmActors.Model.Memory;
using MmActors.Model.Programs;
using NJsonSchema;

namespace MmActors.Cli.Tests;

/// <summary>The verb with a simulator that tells a hand-made life of cold/buf/1.</summary>
public class ExplainTests
{
    private const int Mm = 2;
    private const long Start = 0x7fff_0000_0000;
    private const long Range = Start + (2 << 20);
    private static readonly RangeImage Full = new(PmdState.Table, 512, 0, 0, 512, 0, 0, -1);
    private static readonly RangeImage Freed = Full with { Referenced = 3, Lazyfree = 500 };

    [Theory]
    [InlineData("table", "explain.txt")]
    [InlineData("md", "explain.md")]
    [InlineData("json", "explain.json")]
    [InlineData("csv", "explain.csv")]
    public void Every_format_of_one_life(string format, string golden)
    {
        var (code, output, error) = Run("hot-cold-hot", "cold/buf/1", "--variant", "skip", "--format", format);
        Assert.Equal((ExitCode.Success, ""), (code, error));
        GoldenFile.Check(golden, output.Replace(Verbs.VersionVerb.Number, "VERSION", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_is_what_its_schema_says()
    {
        var schema = await JsonSchema.FromFileAsync(
            Path.Combine(AppContext.BaseDirectory, "config", "explanation.schema.json"));
        var (_, output, _) = Run("hot-cold-hot", "cold/buf/1", "--format", "json");
        Assert.Empty(schema.Validate(output));
        foreach (var (from, to) in new[]
        {
            ("\"deciding_page\": 9", "\"deciding_page\": 512"), ("\"kind\": \"mmap\"", "\"kind\": \"map\""), ("\"times\": 3", "\"times\": 0"),
            ("\"by\": \"khugepaged\",", ""), ("\"headline\"", "\"title\""),
        })
        {
            Assert.Contains(from, output);
            Assert.NotEmpty(schema.Validate(output.Replace(from, to, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void The_first_variant_is_the_default_and_all_stands_for_every_one()
    {
        var (_, first, _) = Run("hot-cold-hot", "cold/buf/1", "--format", "csv");
        Assert.Equal(["baseline"], Variants(first));
        var (_, all, _) = Run("hot-cold-hot", "cold/buf/1", "--variant", "all", "--format", "csv");
        Assert.Equal(Samples.Names, Variants(all));
    }

    [Theory]
    [InlineData("hot-cold-hot", "error: 'explain' needs a range, TASK/REGION/NUMBER, such as cold/buf/0\n")]
    [InlineData("hot-cold-hot cold", "error: a range is TASK/REGION/RANGE, such as hot1/buf/0, not 'cold'\n")]
    [InlineData("hot-cold-hot col/buf/0",
        "error: unknown task 'col' that maps memory in variant baseline; did you mean 'cold'? allowed: hot1, cold, hot2\n")]
    [InlineData("hot-cold-hot cold/bug/0", "error: unknown region 'bug' of task cold in variant baseline; did you mean 'buf'? allowed: buf\n")]
    [InlineData("hot-cold-hot cold/buf/64", "error: unknown range '64' of cold/buf; allowed: 0 to 63\n")]
    [InlineData("hot-cold-hot cold/buf/0 --variant bot",
        "error: unknown variant 'bot'; did you mean 'both'? allowed: baseline, skip, refine, both, all\n")]
    [InlineData("hot-cold-hot cold/buf/0 more", "error: 'explain' takes no further argument: 'more'; see ")]
    public void A_wrong_name_gets_one_line_and_exit_code_2(string line, string message)
    {
        var (code, output, error) = Run(line.Split(' '));
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.StartsWith(message, error);
        Assert.Equal(1, error.Count(static c => c == '\n'));
    }

    private static string[] Variants(string csv) =>
        [.. csv.Split("\r\n")[1..^1].Select(static line => line.Split(',')[3]).Distinct()];

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var simulator = new FakeSimulator { OnRun = Live };
        var terminal = new Terminal { Out = new StringWriter(), Error = new StringWriter(), Cancel = CancellationToken.None };
        var code = MmActorsCommand.Run(["explain", .. args], terminal, simulator);
        return (code, terminal.Out.ToString()!, terminal.Error.ToString()!);
    }

    /// <summary>mmap, populated, MADV_HUGEPAGE, written three times, MADV_FREE, refused twice by its page 9, touched, exit.</summary>
    private static void Live(RunRequest request)
    {
        foreach (var follower in request.Followers)
        {
            follower.Emit(At(1, KernelEventKind.TaskStart) with { Detail = new EventDetail { Name = "cold" } });
            follower.EmitDetail(At(1, KernelEventKind.Mapped) with
            {
                Address = Start,
                Amount = 128 << 20,
                Flag = true,
                Detail = new EventDetail { Name = "buf" },
            });
            Assert.True(follower.Follows(Mm, Range, Range + 1));
            Assert.False(follower.Follows(Mm, Start, Range));
            follower.Emit(Seen(1.001, KernelEventKind.Faults, Full) with { Amount = 512 });
            follower.EmitDetail(Seen(1.001, KernelEventKind.Populated, Full) with { Amount = 512 });
            follower.Emit(At(1.02, KernelEventKind.Register));
            follower.EmitDetail(Seen(1.02, KernelEventKind.Advised, Full) with { Amount = 512, Extra = (long)Advice.HugePage });
            foreach (var second in new[] { 2, 3, 4 })
            {
                follower.EmitDetail(Seen(second, KernelEventKind.Touched, Full) with { Amount = 512, Flag = true });
            }

            follower.EmitDetail(Seen(5, KernelEventKind.Advised, Full) with { Amount = 500, Extra = (long)Advice.Free, Referenced = 500 });
            Refuse(follower, 10.24);
            Refuse(follower, 20.48);
            follower.EmitDetail(Seen(30, KernelEventKind.Touched, Freed) with { Amount = 1 });
            follower.Emit(At(31.5, KernelEventKind.TaskExit));
        }
    }

    private static void Refuse(IKernelEventSink follower, double seconds)
    {
        follower.Emit(At(seconds, KernelEventKind.PassBegin) with { Mm = 0, Amount = 4096 });
        var looked = Seen(seconds, KernelEventKind.Looked, Freed) with { Flag = true };
        follower.EmitDetail(looked with
        {
            Detail = looked.Detail! with { Page = new PteImage(9, true, false, false, false, FolioFlags.Lru) },
        });
        var scan = At(seconds + 0.001, KernelEventKind.ScanPmd) with
        {
            Address = Range,
            Flag = true,
            Status = ScanResult.PageLazyfree,
            Amount = 512,
            Extra = 10,
            Pfn = 77,
            Referenced = 3,
        };
        follower.Emit(scan);
        follower.EmitDetail(scan with { Kind = KernelEventKind.Charged, Amount = 3064, Extra = 4096 });
        follower.Emit(At(seconds + 0.002, KernelEventKind.Visit) with { Amount = 1032, Extra = 4096 });
    }

    private static KernelEvent At(double seconds, KernelEventKind kind) =>
        new() { Time = TimeSpan.FromMilliseconds((long)Math.Round(seconds * 1000)), Kind = kind, Mm = Mm };

    private static KernelEvent Seen(double seconds, KernelEventKind kind, RangeImage image) =>
        At(seconds, kind) with { Address = Range, Detail = new EventDetail { Image = image } };
}
