using Microsoft.CodeAnalysis;
using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Determinism;

public sealed class BannedSymbolTests
{
    private const string Common = "src/BannedSymbols.txt";
    private const string Threads = "src/BannedSymbols.Threads.txt";

    [Theory]
    [InlineData("Use(DateTime.Now);")]
    [InlineData("Use(DateTime.UtcNow);")]
    [InlineData("Use(DateTime.Today);")]
    [InlineData("Use(DateTimeOffset.Now);")]
    [InlineData("Use(DateTimeOffset.UtcNow);")]
    [InlineData("Use(TimeProvider.System);")]
    [InlineData("Use(Environment.TickCount);")]
    [InlineData("Use(Environment.TickCount64);")]
    [InlineData("Use(Stopwatch.GetTimestamp());")]
    [InlineData("Use(Stopwatch.StartNew());")]
    [InlineData("Use(new Stopwatch());")]
    [InlineData("Use(Random.Shared.Next());")]
    [InlineData("Use(new Random());")]
    [InlineData("Random random = new(); Use(random);")]
    [InlineData("Use(Guid.NewGuid());")]
    [InlineData("Use(Guid.CreateVersion7());")]
    [InlineData("Use(\"a\".GetHashCode());")]
    [InlineData("Use(\"a\".GetHashCode(StringComparison.Ordinal));")]
    [InlineData("Use(string.GetHashCode(\"a\".AsSpan()));")]
    [InlineData("Use(HashCode.Combine(1, 2));")]
    [InlineData("Use(new object().GetHashCode());")]
    [InlineData("Use(RuntimeHelpers.GetHashCode(this));")]
    [InlineData("Use(other.Ask(\"question\"));")]
    [InlineData("Use(other.Ask<int>(\"question\"));")]
    [InlineData("Task.FromResult(1).PipeTo(other);")]
    [InlineData("ReceiveAsync<string>(_ => Task.CompletedTask);")]
    [InlineData("ReceiveAsync<string>(_ => true, _ => Task.CompletedTask);")]
    [InlineData("ReceiveAsync(typeof(string), _ => Task.CompletedTask);")]
    [InlineData("ReceiveAnyAsync(_ => Task.CompletedTask);")]
    [InlineData("Use(map.Keys);")]
    [InlineData("Use(map.Values);")]
    [InlineData("using var walk = map.GetEnumerator();")]
    [InlineData("using var walk = set.GetEnumerator();")]
    [InlineData("Use(map.ToImmutableDictionary().Keys);")]
    [InlineData("Use(map.ToFrozenDictionary().Values);")]
    [InlineData("Use(new ConcurrentDictionary<int, int>().Keys);")]
    [InlineData("Use(new System.Collections.Hashtable());")]
    public void Symbol_is_banned_everywhere_in_the_simulation(string body) => RequireBanned(body, Common);

    [Theory]
    [InlineData("Task.Run(() => { });")]
    [InlineData("Use(Task.Run(() => 1));")]
    [InlineData("Task.Run(() => Task.CompletedTask);")]
    [InlineData("Use(Task.Delay(1));")]
    [InlineData("Use(Task.Delay(TimeSpan.Zero));")]
    [InlineData("Task.Factory.StartNew(() => { });")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("new Thread(() => { }).Start();")]
    [InlineData("ThreadPool.QueueUserWorkItem(_ => { });")]
    [InlineData("using var timer = new Timer(_ => { });")]
    [InlineData("using var timer = new System.Timers.Timer();")]
    [InlineData("using var timer = new PeriodicTimer(TimeSpan.Zero);")]
    [InlineData("Parallel.For(0, 1, _ => { });")]
    [InlineData("Use(new int[1].AsParallel());")]
    public void Threads_are_banned_in_model_and_actors(string body)
    {
        RequireBanned(body, Threads);
        Assert.Empty(Inspection.Banned(Inspection.CompileSnippet(body), Common));
    }

    [Theory]
    [InlineData("Use(new Random(7), map.Count, map[\"a\"], set.Contains(\"a\"), TimeSpan.Zero);")]
    [InlineData("other.Tell(\"go\", Self); Receive<string>(_ => { });")]
    public void Seeded_and_single_threaded_code_is_not_banned(string body) =>
        Assert.Empty(Inspection.Banned(Inspection.CompileSnippet(body), Common, Threads));

    [Fact] // Why HashOrderAnalyzer exists.
    public void Package_does_not_see_the_enumerator_foreach_takes() =>
        Assert.Empty(Inspection.Banned(Inspection.CompileSnippet("foreach (var item in set) { Use(item); }"), Common));

    [Fact] // A misspelt entry bans nothing and nobody notices.
    public void Every_entry_names_an_existing_symbol()
    {
        var compilation = Inspection.CompileSnippet("");
        var entries = Entries(Common).Concat(Entries(Threads)).ToList();
        Assert.True(entries.Count > 50);
        Assert.DoesNotContain(entries, id => DocumentationCommentId.GetFirstSymbolForDeclarationId(id, compilation) is null);
    }

    [Theory]
    [InlineData("System.Threading.Tasks.Task", "Run")]
    [InlineData("System.Threading.Tasks.Task", "Delay")]
    [InlineData("System.String", "GetHashCode")]
    [InlineData("Akka.Actor.ReceiveActor", "ReceiveAsync")]
    [InlineData("Akka.Actor.ReceiveActor", "ReceiveAnyAsync")]
    public void Every_overload_of_a_banned_method_is_listed(string type, string method)
    {
        var compilation = Inspection.CompileSnippet("");
        var listed = Entries(Common).Concat(Entries(Threads))
            .Select(id => DocumentationCommentId.GetFirstSymbolForDeclarationId(id, compilation))
            .ToHashSet(SymbolEqualityComparer.Default);
        var overloads = compilation.GetTypeByMetadataName(type)!.GetMembers(method);
        Assert.NotEmpty(overloads);
        Assert.All(overloads, overload => Assert.Contains(overload, listed));
    }

    private static void RequireBanned(string body, string list)
    {
        var compilation = Inspection.CompileSnippet(body);
        Assert.Empty(Inspection.Errors(compilation));
        Assert.Contains(Inspection.Banned(compilation, list), found => found.Id == "RS0030");
    }

    private static IEnumerable<string> Entries(string list) => HouseTree.Read(list).Split('\n')
        .Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal))
        .Select(line => line.Split(';')[0]);
}
