namespace MmActors.House.Tests.Repository;

/// <summary>A broken house rule, printed as an editor jumps to it.</summary>
internal sealed record Finding(string Path, int Line, string Message)
{
    public override string ToString() => $"{Path}:{Line}: {Message}";

    /// <summary>Fails with every finding listed, one per line.</summary>
    public static void RequireNone(IEnumerable<Finding> findings)
    {
        var all = findings.Select(finding => finding.ToString()).ToList();
        Assert.True(all.Count == 0, $"{all.Count} finding(s):\n" + string.Join('\n', all));
    }
}
