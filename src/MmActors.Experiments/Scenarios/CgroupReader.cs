using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads the <c>cgroups</c> list: paths unique, parents first, limits in range.</summary>
internal static class CgroupReader
{
    /// <summary>Most groups of one scenario.</summary>
    public const int MaxGroups = 256;

    private const int MaxPathLength = 64;

    /// <summary>All groups in order of declaration.</summary>
    public static ImmutableArray<CgroupSpec> Read(ConfigList list)
    {
        if (list.Items.Count > MaxGroups)
        {
            throw list.Fault($"'cgroups' takes at most {MaxGroups} groups, not {list.Items.Count}");
        }

        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var groups = ImmutableArray.CreateBuilder<CgroupSpec>(list.Items.Count);
        foreach (var item in list.Items)
        {
            var map = item.AsMap();
            map.CheckKeys(ScenarioKeys.Cgroup);
            groups.Add(new CgroupSpec(Path(map.RequireScalar("name"), lines), Limits(map)));
        }

        return groups.MoveToImmutable();
    }

    /// <summary>The path of a group that a task or a step refers to; it must be one of the declared.</summary>
    /// <param name="groups">The declared groups.</param>
    /// <param name="name">Where the path stands in the file.</param>
    /// <param name="path">The path without the directory.</param>
    public static string Declared(ImmutableArray<CgroupSpec> groups, ConfigScalar name, string path)
    {
        if (groups.Any(group => group.Path == path))
        {
            return path;
        }

        var shown = Suggestion.Shorten(path);
        throw name.Fault(groups.IsEmpty
            ? $"cgroup '{shown}' is not declared: the scenario has no 'cgroups'"
            : Suggestion.Unknown($"cgroup '{shown}'", path, [.. groups.Take(20).Select(group => group.Path)]));
    }

    /// <summary>The amount written to a limit file, in pages rounded down as in the kernel; memory.max has a least
    /// value (RC-60).</summary>
    public static long Limit(MemcgFile file, ConfigScalar value)
    {
        if (value.Text == "max")
        {
            return MemcgLimits.Unlimited;
        }

        if (!char.IsAsciiDigit(value.Text.FirstOrDefault()))
        {
            throw value.Fault($"EINVAL: {value.Label} takes a size such as 128M, or max, not {value.Kind}");
        }

        var pages = value.AsSize().Pages;
        return file != MemcgFile.Max || pages >= MemcgFiles.LeastMaxPages
            ? pages
            : throw value.Fault(
                $"'{value.Label}' takes at least {ByteSize.FromPages(MemcgFiles.LeastMaxPages)}, one charge batch of "
                + $"{MemcgFiles.LeastMaxPages} pages, or max, not {value.Kind}");
    }

    private static MemcgLimits Limits(ConfigMap map)
    {
        var limits = new MemcgLimits();
        foreach (var entry in map.Entries)
        {
            if (MemcgFiles.Find(entry.Key) is { } file)
            {
                limits = MemcgFiles.Write(limits, file, Limit(file, entry.Value.AsScalar()));
            }
        }

        return limits;
    }

    private static string Path(ConfigScalar name, Dictionary<string, int> lines)
    {
        var path = name.Text;
        if (path.Length > MaxPathLength)
        {
            throw name.Fault($"'name' of a cgroup takes 1…{MaxPathLength} characters, not {path.Length}");
        }

        foreach (var part in path.Split('/'))
        {
            if (part is "" or "." or ".." || !part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            {
                throw name.Fault(
                    "'name' of a cgroup takes a path such as g or g/a of letters, digits, '-', '_' and '.', "
                    + $"not {name.Kind}");
            }

            if (part.StartsWith("memory.", StringComparison.Ordinal) || part.StartsWith("cgroup.", StringComparison.Ordinal))
            {
                throw name.Fault($"EEXIST: '{part}' could be a file of the group above; choose another name");
            }
        }

        if (path.LastIndexOf('/') is > 0 and var end && !lines.ContainsKey(path[..end]))
        {
            throw name.Fault($"cgroup '{path}' needs its parent '{path[..end]}' before it in the list");
        }

        return lines.TryAdd(path, name.Line)
            ? path
            : throw name.Fault($"cgroup '{path}' appears twice, first on line {lines[path]}");
    }
}
