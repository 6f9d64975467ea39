using MmActors.House.Tests.Repository;

namespace MmActors.House.Tests.Tidy;

/// <summary>The rules, applied to this working copy.</summary>
public sealed class TidyTests
{
    private static readonly string[] TextFolders = ["src", "tests", "config", "docker", ".github", ".ci"];

    [Fact]
    public void Sources_are_found() => Assert.Contains(HouseTree.Sources, file => file.Path.EndsWith("Tidy/TidyTests.cs", StringComparison.Ordinal));

    [Fact]
    public void Files_are_short() => RequireEverySource(SizeRules.LongFile);

    [Fact]
    public void Bodies_fit_a_screen() => RequireEverySource(SizeRules.LongBody);

    [Fact]
    public void Nothing_is_left_unfinished() => Finding.RequireNone(
        TextFolders.SelectMany(folder => HouseTree.Files(folder, ".cs", ".csproj", ".props", ".yaml", ".yml", "run", "Dockerfile"))
            .SelectMany(path => WordRules.UnfinishedWork(path, HouseTree.Read(path))));

    [Fact]
    public void Comments_say_more_than_the_name() => RequireEverySource(WordRules.RestatedName);

    [Fact]
    public void No_test_is_skipped() => RequireEverySource(TestRules.Skipped);

    [Fact]
    public void Every_test_asserts() => RequireEverySource(TestRules.WithoutAssertion);

    [Fact]
    public void Usings_point_down() => RequireEverySource(ReferenceRules.Usings);

    [Fact]
    public void Namespaces_follow_projects() => RequireEverySource(ReferenceRules.Namespaces);

    [Fact]
    public void Project_references_point_down() => RequireEveryProject(ReferenceRules.Projects);

    [Fact]
    public void Package_versions_are_central() => RequireEveryProject(ProjectRules.OwnVersions);

    [Fact]
    public void Every_project_is_locked() => RequireEveryProject((path, _) => ProjectRules.Unlocked(path, HouseTree.Exists));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = HouseTree.Read("MmActors.sln");
        RequireEveryProject((path, _) => ProjectRules.Unlisted(path, solution));
    }

    [Fact]
    public void Root_holds_what_it_should() => Finding.RequireNone(ProjectRules.StrayEntries(TopLevelEntries.Read()));

    [Fact] // Inputs named Bad… or bad… are broken on purpose.
    public void Data_files_are_readable() => Finding.RequireNone(
        TextFolders.SelectMany(folder => HouseTree.Files(folder, ".json", ".yaml", ".yml", ".csproj", ".props", ".targets"))
            .Where(path => !path.Contains("/Bad", StringComparison.Ordinal) && !path.Contains("/bad", StringComparison.Ordinal))
            .SelectMany(path => ProjectRules.Unreadable(path, HouseTree.Read(path))));

    private static void RequireEverySource(Func<SourceFile, IEnumerable<Finding>> rule) =>
        Finding.RequireNone(HouseTree.Sources.SelectMany(rule));

    private static void RequireEveryProject(Func<string, string, IEnumerable<Finding>> rule) =>
        Finding.RequireNone(HouseTree.Projects.SelectMany(path => rule(path, HouseTree.Read(path))));
}
