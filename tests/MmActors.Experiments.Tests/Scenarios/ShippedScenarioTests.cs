using MmActors.Experiments.Scenarios;
using MmActors.Model.Programs;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Experiments.Tests.Scenarios;

public class ShippedScenarioTests
{
    [Fact]
    public void Every_shipped_scenario_loads_under_its_file_name()
    {
        Assert.NotEmpty(ScenarioCatalog.Shipped.Scenarios);
        foreach (var name in ScenarioCatalog.Shipped.Scenarios)
        {
            Assert.Equal(name, ScenarioLoader.Load(name, ScenarioCatalog.Shipped).Name);
        }
    }

    [Fact]
    public void Hot_cold_hot_is_the_recorded_three_task_program()
    {
        var scenario = ScenarioLoader.Load("hot-cold-hot", ScenarioCatalog.Shipped);

        Assert.Equal(["hot1", "cold", "hot2", "ctl"], scenario.Tasks.Select(t => t.Name));
        Assert.Equal([0, 1, 2, 10.5], scenario.Tasks.Select(t => t.Start.TotalSeconds));
        Assert.Equal(ByteSize.FromMebibytes(2048), scenario.Memory);
        Assert.Equal("native", scenario.Machine.Name);

        var hot = scenario.Tasks[2];
        Assert.Equal(new ProcessImage(7, 3), hot.Image);
        Assert.Equal(new MapStep("buf", ByteSize.FromMebibytes(128), true, false, null), hot.Program[0]);
        Assert.Equal(new MadviseStep("buf", RegionSpan.All, Advice.HugePage), hot.Program[1]);
        var loop = Assert.IsType<LoopStep>(hot.Program[2]);
        Assert.Equal(150, loop.Count);
        Assert.Equal(new AccessStep("buf", RegionSpan.All, default, FillByte.LoopIndex), loop.Body[0]);
        Assert.Equal(new SleepStep(TimeSpan.FromSeconds(1)), loop.Body[1]);
        Assert.Equal(new RandomReadsStep("buf", 10_000, 32_768), hot.Program[3]);

        var cold = scenario.Tasks[1];
        Assert.Equal(new SleepStep(TimeSpan.FromSeconds(10)), cold.Program[2]);
        Assert.Equal(new MadviseStep("buf", RegionSpan.All, Advice.Free), cold.Program[3]);
        Assert.Equal(new SleepStep(TimeSpan.FromSeconds(140)), cold.Program[4]);
        Assert.Equal(
            ["t010", "t030", "t060", "t090", "t120", "t145"],
            scenario.Tasks[3].Program.OfType<SnapStep>().Select(s => s.Name));
        Assert.Equal(
            [30.5, 60.5, 90.5, 120.5, 145.5],
            scenario.Tasks[3].Program.OfType<UntilStep>().Select(s => s.Time.TotalSeconds));
    }

    [Fact] // VR-21, VR-24
    public void Hot_cold_hot_variants_are_the_recorded_combinations()
    {
        var variants = ScenarioLoader.Load("hot-cold-hot", ScenarioCatalog.Shipped).Variants;

        Assert.Equal(["baseline", "skip", "refine", "both"], variants.Select(v => v.Name));
        Assert.All(variants, v => Assert.Equal("v6.12", v.Preset));
        Assert.All(variants, v => Assert.Equal(new ThpSettings(), v.Knobs));
        Assert.Equal(
            [
                (ScanCharging.WholeRange, LazyfreeHandling.Collapse), (ScanCharging.WholeRange, LazyfreeHandling.Skip),
                (ScanCharging.Visited, LazyfreeHandling.Collapse), (ScanCharging.Visited, LazyfreeHandling.Skip),
            ],
            variants.Select(v => (v.Switches.Charging, v.Switches.Lazyfree)));
        Assert.All(variants, v => Assert.True(v.Switches.RequireWritable));
    }

    [Fact]
    public void Hot_cold_hot_carries_the_published_table()
    {
        var published = ScenarioLoader.Load("hot-cold-hot", ScenarioCatalog.Shipped).Published;

        Assert.NotNull(published);
        Assert.Equal(("hot2", "baseline", "both"), (published.Task, published.Without, published.With));
        Assert.Equal(["x86_64", "qemu-kvm"], published.Rows.Select(r => r.Label));
        Assert.Equal(["native", "kvm"], published.Rows.Select(r => r.Machine.Name));
        Assert.Equal(new PublishedFigures(3.14, 4.96, 104.38, 284_814_532), published.Rows[0].Without);
        Assert.Equal(new PublishedFigures(2.93, 2.21, 111.89, 69_597_236), published.Rows[0].With);
        Assert.Equal(new PublishedFigures(3.35, 7.29, 97.67, 241_600_871), published.Rows[1].Without);
        Assert.Equal(new PublishedFigures(2.96, 2.07, 110.77, 3_216_108), published.Rows[1].With);
    }

    [Fact] // KH-5, KH-14…18
    public void Idle_desktop_needs_42_passes_with_old_and_3_with_new_accounting()
    {
        var scenario = ScenarioLoader.Load("idle-desktop", ScenarioCatalog.Shipped);
        Assert.Equal(["baseline", "both"], scenario.Variants.Select(v => v.Name));
        var list = scenario.Tasks.OrderBy(t => t.Start).Select(Mm.Of).ToArray();

        Assert.Equal(142, list.Sum(mm => mm.Huge));
        Assert.Equal(178, list.Sum(mm => mm.Unmapped));
        Assert.Equal(1, list.Count(mm => mm.Collapsible));
        Assert.Equal((111, 7423), (list.Length, list.Sum(mm => mm.Image.VmasBelow + mm.Image.VmasAbove)));
        Assert.Equal((42, 171_928), Mm.FullScan(list, refined: false));
        Assert.Equal((3, 8_368), Mm.FullScan(list, refined: true));
    }

    /// <summary>One idle process as khugepaged sees it, worked out from its program independently of the loader.</summary>
    private sealed record Mm(ProcessImage Image, int Huge, int Unmapped, bool Collapsible)
    {
        public static Mm Of(TaskSpec task)
        {
            var map = (MapStep)task.Program[0];
            var ranges = (int)(map.Size.Bytes / Geometry.PmdSize);
            if (map.Populate)
            {
                return new Mm(task.Image, 0, 0, Collapsible: true);
            }

            var write = (AccessStep)task.Program[2];
            var touched = (int)(((write.Span.Length ?? map.Size).Bytes + Geometry.PmdSize - 1) / Geometry.PmdSize);
            return new Mm(task.Image, touched, ranges - touched, Collapsible: false);
        }

        /// <summary>Passes and progress of one traversal that starts with a pass, B = 4096.</summary>
        public static (int Passes, long Progress) FullScan(Mm[] list, bool refined)
        {
            var (passes, total, progress) = (1, 0L, 0L);
            void Visit()
            {
                if (progress >= 4096)
                {
                    (passes, progress) = (passes + 1, 0);
                }

                Charge(1);
            }

            void Charge(int pages) => (total, progress) = (total + pages, progress + pages);

            foreach (var mm in list)
            {
                Visit();
                Charge(mm.Image.VmasBelow);
                for (var i = 0; i < mm.Huge + mm.Unmapped; i++)
                {
                    Charge(refined ? 1 : 512);
                    if (progress >= 4096)
                    {
                        Visit();
                    }
                }

                if (mm.Collapsible)
                {
                    Charge(512);
                    Visit();
                }

                Charge(mm.Image.VmasAbove);
            }

            return (passes, total);
        }
    }
}
