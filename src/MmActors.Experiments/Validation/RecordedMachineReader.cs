using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Validation;

/// <summary>The machine of a recorded run: scenario.json, zoneinfo.txt and the script's set-up lines.</summary>
internal sealed class RecordedMachineReader(string directory, JsonElement description, DriverScript script, ScenarioCatalog catalog)
{
    /// <summary>Boot of the clock that the trace shows until the kernel's timers ran, s: the phase of periodic work (RC-16g).</summary>
    private const double ClockBeforeTimers = 0.1;

    private string File => Path.Combine(directory, RecordedRunReader.Marker);

    /// <summary>Trace time at which the scenario began.</summary>
    public TimeSpan TraceStart => TimeSpan.FromSeconds(
        description.TryGetProperty("trace_t0_s", out JsonElement value) && value.TryGetDouble(out double seconds) && seconds is >= 0 and < 1e9
            ? seconds : throw new ScenarioException(File, null, "'trace_t0_s' is the trace time, in s, at which the scenario began"));

    /// <param name="freePages">nr_free_pages at the start.</param>
    /// <param name="cpuFreePages">Free pages that the CPUs kept to themselves then.</param>
    public RecordedMachine Read(long freePages, long cpuFreePages)
    {
        long managed = ManagedPages() & ~(Geometry.PtesPerTable - 1L);
        if (managed is < 4096 or > 1L << 28 || freePages is <= 0 || freePages > managed)
        {
            throw new ScenarioException(Path.Combine(directory, "zoneinfo.txt"), null,
                $"{managed} managed pages, {freePages} of them free: the model takes 16 MiB to 1 TiB, some of it free");
        }

        long kept = Math.Min(cpuFreePages, managed - freePages);
        return new RecordedMachine
        {
            Memory = ByteSize.FromPages(managed),
            KernelPages = (int)(managed - freePages - kept),
            CpuFreePages = (int)kept,
            Cpus = description.TryGetProperty("smp", out JsonElement smp) && smp.TryGetInt32(out int cpus) && cpus is > 0 and <= 64 ? cpus : 1,
            Switches = Switches(),
            Thp = Thp(),
            Vm = Vm(),
            Swap = Swap(),
            Cgroups = Cgroups(),
            Uptime = TraceStart - TimeSpan.FromSeconds(ClockBeforeTimers) is var uptime && uptime > TimeSpan.Zero ? uptime : TimeSpan.Zero,
        };
    }

    private long ManagedPages()
    {
        RecordedFile file = RecordedFile.Open(Path.Combine(directory, "zoneinfo.txt"));
        long pages = 0;
        while (file.Next() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["managed", var number])
            {
                pages += long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long zone) && zone < 1L << 32
                    ? zone : throw file.Fault($"'managed' is a number of pages, not '{number}'");
            }
        }

        return pages;
    }

    /// <summary>The preset of the kernel's version, with the lab patch's knobs on top.</summary>
    private KernelSwitches Switches()
    {
        string kernel = Text("kernel");
        string[] version = kernel.StartsWith("Linux ", StringComparison.Ordinal) ? kernel[6..].Split('.', ' ') : [];
        string preset = version.Length > 1 ? $"v{version[0]}.{version[1]}" : "";
        if (!catalog.Kernels.Contains(preset))
        {
            throw new ScenarioException(File, null, $"'kernel' is '{kernel}'; there are presets for {string.Join(", ", catalog.Kernels)}");
        }

        KernelSwitches switches = PresetLoader.LoadKernel(preset, catalog).Switches;
        if (!description.TryGetProperty("knobs", out JsonElement knobs))
        {
            return switches;
        }

        bool Knob(string name) => knobs.TryGetProperty(name, out JsonElement value) && value.TryGetInt32(out int on) && on != 0;
        return switches with
        {
            Charging = Knob("refine_progress") ? ScanCharging.Visited : ScanCharging.WholeRange,
            Lazyfree = !Knob("skip_lazyfree") ? LazyfreeHandling.Collapse
                : Knob("droppable_exception") ? LazyfreeHandling.SkipExceptDroppable : LazyfreeHandling.Skip,
        };
    }

    private string Text(string name) =>
        description.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>RN-14: the recorded settings are those at the end. At the start a file had them too unless the script writes it;
    /// then it had its default, or what the set-up wrote.</summary>
    private ThpSettings Thp()
    {
        SortedSet<string> written = new(Writes().Select(static op => ThpKnobs.Relative(op.Words[1])), StringComparer.Ordinal);
        var settings = new ThpSettings();
        if (description.TryGetProperty("thp_settings", out JsonElement recorded) && recorded.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty setting in recorded.EnumerateObject().Where(setting => !written.Contains(setting.Name)))
            {
                settings = ThpKnobs.Write(settings, setting.Name, Selected(setting.Value.ToString())).Settings;
            }
        }

        if (description.TryGetProperty("mthp_enabled", out JsonElement sizes) && sizes.TryGetProperty("hugepages-2048kB", out JsonElement size))
        {
            settings = ThpKnobs.Write(settings, "hugepages-2048kB/enabled", Selected(size.ToString())).Settings;
        }

        foreach (DriverOp knob in Knobs(ThpKnobs.Directory))
        {
            settings = ThpKnobs.Write(settings, knob.Words[1], string.Join(' ', knob.Words.Skip(2))).Settings;
        }

        return settings;
    }

    private IEnumerable<DriverOp> Knobs(string below) => script.Setup.Where(
        op => op.Name == "knob" && op.Words.Length > 2 && op.Words[1].StartsWith(below, StringComparison.Ordinal));

    private IEnumerable<DriverOp> Writes() => script.Roles.SelectMany(static role => Flatten(role.Ops)).Where(static op => op.Name == "sysw");

    private static IEnumerable<DriverOp> Flatten(IEnumerable<DriverOp> ops) => ops.SelectMany(static op => Flatten(op.Body).Prepend(op));

    /// <summary>The word in brackets of a file that lists its choices.</summary>
    private static string Selected(string text)
    {
        int open = text.IndexOf('[', StringComparison.Ordinal);
        int close = text.IndexOf(']', StringComparison.Ordinal);
        return open >= 0 && close > open ? text[(open + 1)..close] : text;
    }

    private VmSettings Vm()
    {
        var settings = new VmSettings();
        SortedSet<string> written = new(Writes().Select(static op => op.Words[1]), StringComparer.Ordinal);
        if (description.TryGetProperty("vm_settings", out JsonElement recorded) && recorded.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty setting in recorded.EnumerateObject())
            {
                if (!written.Contains(VmKnobs.Directory + setting.Name) && VmKnobs.Write(setting.Name, setting.Value.ToString()) is { Accepted: true } write)
                {
                    settings = VmKnobs.Apply(settings, write);
                }
            }
        }

        foreach (DriverOp knob in Knobs(VmKnobs.Directory))
        {
            VmWrite write = VmKnobs.Write(knob.Words[1][VmKnobs.Directory.Length..], knob.Words[2]);
            settings = write.Accepted ? VmKnobs.Apply(settings, write) : settings;
        }

        return settings;
    }

    /// <summary>The size that /proc/swaps gave: the device without its header page.</summary>
    private SwapSpec? Swap()
    {
        if (!description.TryGetProperty("swap", out JsonElement swap) || swap.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        string listed = swap.TryGetProperty("proc_swaps", out JsonElement swaps) ? swaps.ToString() : "";
        string[] row = listed.Split('\n') is [_, var second, ..] ? second.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) : [];
        if (row.Length < 3 || !long.TryParse(row[2], NumberStyles.None, CultureInfo.InvariantCulture, out long kib) || kib is < 4 or > 1L << 28)
        {
            throw new ScenarioException(File, null, "'swap' has 'proc_swaps', the text of /proc/swaps, with a size of 4 kB to 256 GiB");
        }

        return new SwapSpec(ByteSize.FromPages(kib / 4), row[0].StartsWith("/dev/ram", StringComparison.Ordinal)
            || row[0].StartsWith("/dev/zram", StringComparison.Ordinal) ? SwapKind.Ram : SwapKind.Disk);
    }

    private ImmutableArray<CgroupSpec> Cgroups()
    {
        var steps = new DriverSteps(script);
        var groups = ImmutableArray.CreateBuilder<CgroupSpec>();
        foreach (DriverOp op in script.Setup.Where(static op => op.Name == "cgroup"))
        {
            var limits = new MemcgLimits();
            foreach (string word in op.Words.Skip(2))
            {
                string[] pair = word.Split('=');
                limits = pair.Length == 2 && MemcgFiles.Find(pair[0]) is { } file
                    ? MemcgFiles.Write(limits, file, steps.Limit(op, pair[1]))
                    : throw script.Fault(op, $"a limit is one of {string.Join(", ", MemcgFiles.LimitNames)} and a size, not '{word}'");
            }

            groups.Add(new CgroupSpec(op.Words[1], limits));
        }

        return groups.ToImmutable();
    }
}
