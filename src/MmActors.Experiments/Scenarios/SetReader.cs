using System.Collections.Immutable;
using MmActors.Experiments.Config;
using MmActors.Model.Programs;
using MmActors.Model.Settings;

namespace MmActors.Experiments.Scenarios;

/// <summary>Reads <c>set</c> steps: writes to files of transparent huge pages, of /proc/sys/vm and of memory cgroups, by
/// short name or full path. What the kernel would refuse is refused here.</summary>
internal sealed class SetReader(ImmutableArray<CgroupSpec> groups)
{
    private const string VmPrefix = "vm/";
    private const string CgroupPrefix = "cgroup/";
    private const string SwappinessOption = " swappiness=";

    private static readonly string[] AllNames =
    [
        .. ThpKnobs.Names,
        .. VmKnobs.Names.Select(static name => VmPrefix + name),
        .. MemcgFiles.Names.Select(static name => $"{CgroupPrefix}GROUP/{name}"),
    ];

    /// <summary>The step.</summary>
    public Step Read(ConfigMap args)
    {
        var knob = args.RequireScalar("knob");
        var value = args.RequireScalar("value");
        if (After(knob.Text, VmPrefix, VmKnobs.Directory) is { } vmFile)
        {
            return VmWrite(knob, vmFile, value);
        }

        if (After(knob.Text, CgroupPrefix, MemcgFiles.Directory) is { } groupFile)
        {
            return CgroupWrite(knob, groupFile, value);
        }

        KnobReader.CheckName(knob.File, knob.Line, knob.Text, AllNames);
        KnobReader.Write(new ThpSettings(), knob.Text, value);
        return new SetKnobStep(ThpKnobs.Relative(knob.Text), value.Text);
    }

    private static string? After(string knob, string prefix, string directory) =>
        knob.StartsWith(prefix, StringComparison.Ordinal) ? knob[prefix.Length..]
        : knob.StartsWith(directory, StringComparison.Ordinal) ? knob[directory.Length..]
        : null;

    private static VmWriteStep VmWrite(ConfigScalar knob, string file, ConfigScalar value)
    {
        if (!VmKnobs.Names.Contains(file))
        {
            throw knob.Fault(Suggestion.Unknown(
                $"file '{Suggestion.Shorten(file)}' below {VmKnobs.Directory}", file, VmKnobs.Names));
        }

        var write = VmReader.Write(file, value);
        return new VmWriteStep(write.File, write.Value);
    }

    private CgroupWriteStep CgroupWrite(ConfigScalar knob, string path, ConfigScalar value)
    {
        var end = path.LastIndexOf('/');
        var name = path[(end + 1)..];
        var file = MemcgFiles.Find(name) ?? throw knob.Fault(Suggestion.Unknown(
            $"cgroup file '{Suggestion.Shorten(name)}'", name, MemcgFiles.Names));
        if (end < 0 && !MemcgFiles.ExistsInRoot(file))
        {
            throw knob.Fault($"ENOENT: the root cgroup has no {name}; name a group: {CgroupPrefix}GROUP/{name}");
        }

        var group = end < 0 ? "" : CgroupReader.Declared(groups, knob, path[..end]);
        var named = value with { Label = name };
        if (file != MemcgFile.Reclaim)
        {
            return new CgroupWriteStep(group, file, CgroupReader.Limit(file, named), null);
        }

        var (pages, swappiness) = Reclaim(named);
        return new CgroupWriteStep(group, file, pages, swappiness);
    }

    /// <summary>RC-40: an amount, then perhaps <c>swappiness=N</c>.</summary>
    private static (long Pages, int? Swappiness) Reclaim(ConfigScalar value)
    {
        var at = value.Text.IndexOf(SwappinessOption, StringComparison.Ordinal);
        var amount = (at < 0 ? value.Text : value.Text[..at]).TrimEnd(' ');
        if (!char.IsAsciiDigit(amount.FirstOrDefault()) || amount.TrimStart("0123456789 ".ToCharArray()).Contains(' '))
        {
            throw value.Fault(
                $"EINVAL: {value.Label} takes a size such as 8M, perhaps followed by swappiness=0…200, not {value.Kind}");
        }

        var pages = (value with { Text = amount }).AsSize().Pages;
        if (at < 0)
        {
            return (pages, null);
        }

        var option = value.Text[(at + SwappinessOption.Length)..].TrimEnd(' ');
        return (pages, VmReader.Write("swappiness", value with { Text = option }).Value);
    }
}
