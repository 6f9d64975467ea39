using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Determinism;

public sealed class HashOrderTests
{
    [Theory]
    [InlineData("foreach (var pair in map) { Use(pair); }")]
    [InlineData("foreach (var (key, value) in map) { Use(key, value); }")]
    [InlineData("foreach (var item in set) { Use(item); }")]
    [InlineData("foreach (var key in map.Keys) { Use(key); }")]
    [InlineData("IReadOnlyDictionary<string, int> hidden = map; foreach (var pair in hidden) { Use(pair); }")]
    [InlineData("IReadOnlySet<string> hidden = set; foreach (var item in hidden) { Use(item); }")]
    [InlineData("IEnumerable<string> hidden = set; foreach (var item in hidden) { Use(item); }")]
    [InlineData("foreach (var item in set.ToImmutableHashSet()) { Use(item); }")]
    [InlineData("foreach (var item in set.ToFrozenSet()) { Use(item); }")]
    [InlineData("foreach (var pair in map.ToImmutableDictionary()) { Use(pair); }")]
    [InlineData("foreach (var pair in new ConcurrentDictionary<int, int>()) { Use(pair); }")]
    [InlineData("Use(set.First());")]
    [InlineData("Use(set.ToList());")]
    [InlineData("Use(map.Select(pair => pair.Value).ToArray());")]
    [InlineData("Use(map.Values.Sum());")]
    [InlineData("Use(map.OrderBy(pair => pair.Value));")]
    [InlineData("Use(from item in set where item.Length > 1 select item);")]
    [InlineData("Use(string.Join(',', set));")]
    [InlineData("Use(new List<string>(set));")]
    [InlineData("var list = new List<string>(); list.AddRange(set);")]
    [InlineData("string[] all = [.. set]; Use(all);")]
    [InlineData("var all = set.ToImmutableArray(); Use(all);")]
    [InlineData("set.CopyTo(new string[9]);")]
    [InlineData("using var walk = ((IEnumerable<string>)set).GetEnumerator();")]
    public void Use_in_hash_order_is_found(string body)
    {
        var compilation = Inspection.CompileSnippet(body);
        Assert.Empty(Inspection.Errors(compilation));
        Assert.Single(Inspection.HashOrder(compilation));
    }

    [Theory]
    [InlineData("Use(map.Count, map.ContainsKey(\"a\"), map.TryGetValue(\"a\", out _), set.Contains(\"a\"), set.Any());")]
    [InlineData("Use(set.Order().ToList(), set.Order(StringComparer.Ordinal).First(), set.Max());")]
    [InlineData("set.UnionWith(set); Use(new HashSet<string>(set), set.ToHashSet(), set.SetEquals(set));")]
    [InlineData("Use(new SortedSet<string>(set)); foreach (var item in new SortedSet<string>(set)) { Use(item); }")]
    [InlineData("foreach (var item in new SortedDictionary<string, int>(map)) { Use(item); }")]
    [InlineData("foreach (var item in new List<string>()) { Use(item); }")]
    [InlineData("IReadOnlyDictionary<string, int> view = map; Use(view[\"a\"], view.Count);")]
    [InlineData("foreach (var item in map.ToImmutableSortedDictionary()) { Use(item); }")]
    [InlineData("Use(set, (object)map);")]
    public void Use_that_cannot_see_the_order_passes(string body)
    {
        var compilation = Inspection.CompileSnippet(body);
        Assert.Empty(Inspection.Errors(compilation));
        Assert.Empty(Inspection.HashOrder(compilation));
    }

    [Fact]
    public void A_pragma_with_its_reason_excuses_one_place()
    {
        var compilation = Inspection.CompileSnippet(
            """
            #pragma warning disable MMHASH // adds up integers
            foreach (var pair in map) { Use(pair); }
            #pragma warning restore MMHASH
            foreach (var item in set) { Use(item); }
            """);
        Assert.Equal("set", Assert.Single(Inspection.HashOrder(compilation)).Location.SourceTree!
            .ToString().Substring(Inspection.HashOrder(compilation)[0].Location.SourceSpan.Start, 3));
    }

    [Fact] // architecture.md: no iteration over hash order
    public void The_simulation_never_uses_hash_order()
    {
        var compilation = Inspection.Compile("MmActors.Model", "MmActors.Runtime", "MmActors.Actors");
        Assert.Empty(Inspection.Errors(compilation));
        Finding.RequireNone(Inspection.HashOrder(compilation).Select(found => new Finding(
            found.Location.SourceTree!.FilePath, found.Location.GetLineSpan().StartLinePosition.Line + 1, found.GetMessage())));
    }
}
