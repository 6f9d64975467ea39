using CsCheck;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Tests.Scenarios;

/// <summary>Whatever stands in a file: it loads, or one ScenarioException says why not.</summary>
public class FuzzTests
{
    private static readonly string[] Originals =
        [.. ScenarioCatalog.Shipped.Scenarios.Select(n => Text($"scenarios/{n}.yaml")), AllSteps];

    private static readonly string[] Fragments =
    [
        "&a", "*a", "!!binary", "<<: *a", "---\n", "...\n", "%YAML 1.2\n", "\t", "\0", "\uFEFF", "\u2028", "- ", ": ",
        "{", "}", "[", "]", "|\n", ">\n", "'", "\"", "#", "? ", "-1", "99999999999999999999", "1e400", "NaN", "null", "~",
        "0", "128M", "-4K", "1s", "i", "\n", "\r", "\n\n      ", ",", "\\x", "\ud800", "name", "do:", "- exit\n", "@", "`",
        "max", " swappiness=10", "only: ", "a-*", "'*'", "cgroup/", "g/", "none", "vm/",
    ];

    private const string AllSteps = """
        duration: 10s
        knobs: {khugepaged/pages_to_scan: 512}
        kernel_memory: 40M
        uptime: 2838ms
        swap: {size: 128M, device: ram}
        vm: {swappiness: 60, min_free_kbytes: 22528, watermark_scale_factor: 10}
        cgroups:
          - {name: g, memory.max: 88M, memory.high: max, memory.low: 0, memory.min: 4K, memory.swap.max: 1G}
          - name: g/a
        variants:
          - {name: a-noswap, vm: {swappiness: 0}, swap: none}
          - {name: a-swap}
          - {name: b-swap, swap: {size: 1G, device: disk}}
        tasks:
          - name: a
            count: 2
            every: 1s
            cgroup: g/a
            image: {below: 1, above: 1, pages: 21, touched: 11, file_pages: 195}
            residual_young: 0.5
            program:
              - map: {region: r, size: 4H, populate: true, droppable: true, fixed: 0}
              - madvise: {region: r, advice: free, offset: 1H, length: 1H}
              - loop: {times: 3, do: [write: {region: r, byte: i, stride: 4K}, read: {region: r}]}
              - fork: {child: c, do: [munmap: {region: r}, exit]}
              - mprotect: {region: r, writable: false, length: 1P}
              - stripe: {region: r, stripes: 3}
              - count: {region: r}
              - set: {knob: khugepaged/max_ptes_none, value: 0}
              - set: {knob: vm/drop_caches, value: 2}
              - set: {knob: cgroup/g/memory.reclaim, value: 8M swappiness=10}
              - set: {knob: /sys/fs/cgroup/g/a/memory.max, value: 1M}
              - only: {variants: [a-*], do: [map: {region: s, size: 1H}, munmap: {region: s}]}
              - only:
                  variants: ['*-swap', b-*]
                  do:
                    - madvise: {region: r, advice: cold}
                    - only: {variants: [b-swap], do: [madvise: {region: r, advice: pageout}]}
              - thp_disable: true
              - until: 5s
              - snap: s
        """;

    private static readonly Gen<string> Mutated =
        from original in Gen.Int[0, Originals.Length - 1]
        from edits in Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1 << 20], Gen.Int[0, 1 << 20]).Array[1, 6]
        select edits.Aggregate(Originals[original], Edit);

    [Fact]
    public void Every_original_loads() => Assert.All(Originals, text => Assert.NotEmpty(Yaml.Load(text).Tasks));

    [Fact]
    public void A_mutated_scenario_loads_or_is_refused() => Mutated.Sample(Check, iter: 4000);

    [Fact]
    public void Random_text_loads_or_is_refused() => Gen.String.Sample(Check, iter: 2000);

    [Fact]
    public void Random_bytes_load_or_are_refused()
    {
        using var file = new TemporaryFile("noise.yaml", []);
        Gen.Byte.Array[0, 300].Sample(
            bytes =>
            {
                File.WriteAllBytes(file.Path, bytes);
                return Loads(() => ScenarioLoader.Load(file.Path, ScenarioCatalog.Shipped));
            },
            iter: 500, threads: 1);
    }

    private static bool Check(string text) => Loads(() => Yaml.Load(text));

    private static bool Loads(Func<Scenario> load)
    {
        try
        {
            return load().Variants.All(variant => variant.Tasks.Length > 0);
        }
        catch (ScenarioException fault)
        {
            return fault.Message.Length is > 0 and < 2000 && fault.Line is null or >= 1
                && !fault.Located.Contains('\n', StringComparison.Ordinal);
        }
    }

    /// <summary>One edit: drop a stretch, repeat a line, swap two lines, insert a fragment, or change one character.</summary>
    private static string Edit(string text, (int Kind, int At, int What) edit)
    {
        var (kind, at, what) = edit;
        at %= Math.Max(1, text.Length);
        switch (kind)
        {
            case 0:
                return text.Remove(at, Math.Min(1 + (what % 40), text.Length - at));
            case 1:
            case 2:
                var lines = text.Split('\n').ToList();
                var (from, to) = (at % lines.Count, what % lines.Count);
                if (kind == 1)
                {
                    lines.Insert(to, lines[from]);
                }
                else
                {
                    (lines[from], lines[to]) = (lines[to], lines[from]);
                }

                return string.Join('\n', lines);
            case 3:
                return text.Insert(at, Fragments[what % Fragments.Length]);
            default:
                return text.Length == 0 ? "x" : text.Remove(at, 1).Insert(at, $"{(char)(what % 128)}");
        }
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(ScenarioCatalog.Shipped.Directory, file));
}
