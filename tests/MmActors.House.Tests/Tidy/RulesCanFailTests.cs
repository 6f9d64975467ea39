using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Tidy;

/// <summary>Each rule finds a small violation and lets its good neighbour pass.</summary>
public sealed class RulesCanFailTests
{
    [Theory]
    [InlineData(400, 0)]
    [InlineData(401, 1)]
    public void File_length(int lines, int findings) =>
        Assert.Equal(findings, SizeRules.LongFile(Source(string.Concat(Enumerable.Repeat("// line\n", lines)))).Count());

    [Theory]
    [InlineData("void M()\n{\n#\n}")]
    [InlineData("C()\n{\n#\n}")]
    [InlineData("int P\n{\nget\n{\n#\nreturn 1;\n}\n}")]
    [InlineData("void M() { void Local()\n{\n#\n} }")]
    public void Body_length(string member)
    {
        string With(int lines) => "class C { " + member.Replace("#", string.Concat(Enumerable.Repeat(";\n", lines)), StringComparison.Ordinal) + " }";
        Assert.Empty(SizeRules.LongBody(Source(With(60))));
        Assert.NotEmpty(SizeRules.LongBody(Source(With(70))));
    }

    [Fact]
    public void Body_length_of_top_level_statements()
    {
        Assert.Empty(SizeRules.LongBody(Source(string.Concat(Enumerable.Repeat(";\n", 70)))));
        Assert.Single(SizeRules.LongBody(Source(string.Concat(Enumerable.Repeat(";\n", 71)))));
    }

    [Theory]
    [InlineData("// TO" + "DO later", 1)]
    [InlineData("// FIX" + "ME", 1)]
    [InlineData("/// <summary>TB" + "D</summary>", 1)]
    [InlineData("throw new NotImplemented" + "Exception();", 1)]
    [InlineData("// HA" + "CK", 1)]
    [InlineData("// XX" + "X", 1)]
    [InlineData("// nothing to do, hackle, XXXL", 0)]
    public void Unfinished_work(string line, int findings) =>
        Assert.Equal(findings, WordRules.UnfinishedWork("a.cs", line).Count());

    [Theory]
    [InlineData("/// <summary>Gets or sets the page size.</summary>\nint PageSize { get; set; }", 1)]
    [InlineData("/// <summary>The mapped pages.</summary>\nint MappedPages;", 1)]
    [InlineData("/// <summary>Maps a page.</summary>\nvoid MapPage() { }", 1)]
    [InlineData("/// <summary></summary>\nvoid MapPage() { }", 1)]
    [InlineData("/// <summary>\n/// Maps the\n/// page.\n/// </summary>\n[A] void MapPage() { }", 1)]
    [InlineData("/// <summary>Initializes a new instance of C.</summary>\nC() { }", 1)]
    [InlineData("/// <summary>Bytes per base page.</summary>\nint PageSize;", 0)]
    [InlineData("/// <summary><c>max_ptes_none</c>.</summary>\nint MaxPtesNone;", 0)]
    [InlineData("/// <inheritdoc/>\nint PageSize;", 0)]
    public void Restated_name(string member, int findings) =>
        Assert.Equal(findings, WordRules.RestatedName(Source($"class C {{\n{member}\n}}")).Count());

    [Theory]
    [InlineData("[Fact(Skip = \"slow\")] void T() { Assert.True(true); }", 1)]
    [InlineData("[Theory(SkipUnless = \"x\")] void T() { Assert.True(true); }", 1)]
    [InlineData("[Fact(DisplayName = \"Skip\")] void T() { Assert.True(true); }", 0)]
    public void Skipped_test(string test, int findings) =>
        Assert.Equal(findings, TestRules.Skipped(Source($"class C {{ {test} }}")).Count());

    [Theory]
    [InlineData("[Fact] void T() { new C(); }", 1)]
    [InlineData("[Theory] void T() => Run(Assertions);", 1)]
    [InlineData("[Xunit.Fact] void T() { var x = 1; }", 1)]
    [InlineData("[Fact] void T() => Assert.True(true);", 0)]
    [InlineData("[Fact] async Task T() { await probe.ExpectMsgAsync<int>(); }", 0)]
    [InlineData("[Fact] void T() { Gen.Int.Sample(i => i == i); }", 0)]
    [InlineData("[Fact] void T() { VerifyAll(); }", 0)]
    [InlineData("void Helper() { }", 0)]
    public void Test_without_assertion(string test, int findings) =>
        Assert.Equal(findings, TestRules.WithoutAssertion(Source($"class C {{ {test} }}")).Count());

    [Theory]
    [InlineData("src/MmActors.Model/a.csproj", "MmActors.Runtime", 1)]
    [InlineData("src/MmActors.Runtime/a.csproj", "MmActors.Model", 1)]
    [InlineData("src/MmActors.Tracing/a.csproj", "MmActors.Runtime", 1)]
    [InlineData("src/MmActors.Actors/a.csproj", "MmActors.Tracing", 1)]
    [InlineData("src/MmActors.Experiments/a.csproj", "MmActors.Cli", 1)]
    [InlineData("src/MmActors.Cli/a.csproj", "MmActors.Cli.Tests", 1)]
    [InlineData("src/MmActors.Unheard/a.csproj", "MmActors.Model", 1)]
    [InlineData("tests/MmActors.Model.Tests/a.csproj", "MmActors.Cli.Tests", 1)]
    [InlineData("src/MmActors.Actors/a.csproj", "MmActors.Runtime", 0)]
    [InlineData("src/MmActors.Experiments/a.csproj", "MmActors.Tracing", 0)]
    [InlineData("src/MmActors.Cli/a.csproj", "MmActors.Experiments", 0)]
    [InlineData("tests/MmActors.Model.Tests/a.csproj", "MmActors.Model", 0)]
    public void Reference_direction(string project, string target, int findings)
    {
        var xml = $"<Project><ItemGroup><ProjectReference Include=\"..\\{target}\\{target}.csproj\" /></ItemGroup></Project>";
        Assert.Equal(findings, ReferenceRules.Projects(project, xml).Count());
        var source = new SourceFile(project.Replace(".csproj", ".cs", StringComparison.Ordinal), $"using {target}.Inner;\nusing System;");
        // The namespace MmActors.Cli.Tests begins with that of Cli itself: only the project reference gives it away.
        var sameProject = target.StartsWith(project.Split('/')[1], StringComparison.Ordinal) || target.EndsWith(".Tests", StringComparison.Ordinal);
        Assert.Equal(sameProject ? 0 : findings, ReferenceRules.Usings(source).Count());
    }

    [Fact]
    public void Namespace_outside_its_project()
    {
        Assert.Single(ReferenceRules.Namespaces(new SourceFile("src/MmActors.Model/a.cs", "namespace MmActors.Modelling;")));
        Assert.Empty(ReferenceRules.Namespaces(new SourceFile("src/MmActors.Model/a.cs", "namespace MmActors.Model.Units;")));
    }

    [Theory]
    [InlineData("<PackageReference Include=\"Akka\" Version=\"1.5.74\" />", 1)]
    [InlineData("<PackageReference Include=\"Akka\" VersionOverride=\"1.5.74\" />", 1)]
    [InlineData("<PackageReference Include=\"Akka\"><Version>1.5.74</Version></PackageReference>", 1)]
    [InlineData("<PackageReference Include=\"Akka\" />", 0)]
    public void Own_package_version(string item, int findings) =>
        Assert.Equal(findings, ProjectRules.OwnVersions("a.csproj", $"<Project><ItemGroup>{item}</ItemGroup></Project>").Count());

    [Fact]
    public void Project_without_lock_or_solution_entry()
    {
        Assert.Single(ProjectRules.Unlocked("src/A/A.csproj", _ => false));
        Assert.Empty(ProjectRules.Unlocked("src/A/A.csproj", path => path == "src/A/packages.lock.json"));
        Assert.Single(ProjectRules.Unlisted("src/A/A.csproj", "\"src\\AB\\A.csproj\""));
        Assert.Empty(ProjectRules.Unlisted("src/A/A.csproj", "\"src\\A\\A.csproj\""));
    }

    [Fact]
    public void Stray_root_entry() =>
        Assert.Equal(["notes.txt"], ProjectRules.StrayEntries([".ci", "README.md", "notes.txt", "src"]).Select(f => f.Path));

    [Theory]
    [InlineData("a.json", "{ \"a\": }", 1)]
    [InlineData("a.yaml", "a: [1, 2", 1)]
    [InlineData("a.props", "<Project>", 1)]
    [InlineData("a.json", "{ \"a\": 1 }", 0)]
    [InlineData("a.yml", "a: [1, 2]", 0)]
    public void Unreadable_file(string path, string text, int findings) =>
        Assert.Equal(findings, ProjectRules.Unreadable(path, text).Count());

    private static SourceFile Source(string text) => new("src/MmActors.Model/Snippet.cs", text);
}
