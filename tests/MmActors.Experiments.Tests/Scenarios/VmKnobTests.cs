using MmActors.Model.Settings;

namespace MmActors.Experiments.Tests.Scenarios;

/// <summary>Files below /proc/sys/vm and of memory cgroups: their names and what a write changes.</summary>
public class VmKnobTests
{
    private static readonly VmSettings Boot = new();

    [Theory] // TC-10
    [InlineData("swappiness", "0")]
    [InlineData("swappiness", "200\n")]
    [InlineData("min_free_kbytes", "2147483647")]
    [InlineData("watermark_scale_factor", "1")]
    [InlineData("drop_caches", "3")]
    public void Accepted(string name, string value) => Assert.Null(VmKnobs.Write(name, value).Error);

    [Theory]
    [InlineData("swappiness", "201", "EINVAL: swappiness takes 0…200, not 201")]
    [InlineData("swappiness", "-1", "EINVAL: swappiness takes 0…200, not -1")]
    [InlineData("swappiness", "", "EINVAL: swappiness takes 0…200, not an empty line")]
    [InlineData("swappiness", "\n", "EINVAL: swappiness takes 0…200, not an empty line")]
    [InlineData("swappiness", "1\n\n", "EINVAL: swappiness takes 0…200, not 1\n")]
    [InlineData("swappiness", "010", "EINVAL: swappiness takes 0…200, not 010")]
    [InlineData("swappiness", " 1", "EINVAL: swappiness takes 0…200, not  1")]
    [InlineData("min_free_kbytes", "2147483648", "EINVAL: min_free_kbytes takes 0…2147483647, not 2147483648")]
    [InlineData("watermark_scale_factor", "3001", "EINVAL: watermark_scale_factor takes 1…3000, not 3001")]
    [InlineData("drop_caches", "4", "EINVAL: drop_caches takes 1, 2 or 3, not 4")]
    [InlineData("laptop_mode", "1", "ENOENT: no file 'laptop_mode' below /proc/sys/vm/")]
    public void Refused_as_the_kernel_does(string name, string value, string error)
    {
        var write = VmKnobs.Write(name, value);
        Assert.False(write.Accepted);
        Assert.Equal(error, write.Error);
    }

    [Fact]
    public void Every_vm_file_changes_its_own_setting()
    {
        Assert.Equal(Boot with { Swappiness = 7 }, After("swappiness", "7"));
        Assert.Equal(Boot with { MinFreeKbytes = 7 }, After("min_free_kbytes", "7"));
        Assert.Equal(Boot with { WatermarkScaleFactor = 7 }, After("watermark_scale_factor", "7"));
        Assert.Same(Boot, After("drop_caches", "1"));
        Assert.Equal([.. VmKnobs.SettingNames, "drop_caches"], VmKnobs.Names);
        Assert.Equal(Enum.GetValues<VmFile>().Length, VmKnobs.Names.Count);
    }

    [Fact]
    public void Every_cgroup_file_changes_its_own_limit()
    {
        var limits = new MemcgLimits();
        MemcgLimits Write(string name) => MemcgFiles.Write(limits, MemcgFiles.Find(name)!.Value, 7);
        Assert.Equal(limits with { MaxPages = 7 }, Write("memory.max"));
        Assert.Equal(limits with { HighPages = 7 }, Write("memory.high"));
        Assert.Equal(limits with { LowPages = 7 }, Write("memory.low"));
        Assert.Equal(limits with { MinPages = 7 }, Write("memory.min"));
        Assert.Equal(limits with { SwapMaxPages = 7 }, Write("memory.swap.max"));
        Assert.Same(limits, Write("memory.reclaim"));
        Assert.Null(MemcgFiles.Find("memory.stat"));
        Assert.Equal([.. MemcgFiles.LimitNames, "memory.reclaim"], MemcgFiles.Names);
        Assert.Equal(Enum.GetValues<MemcgFile>().Length, MemcgFiles.Names.Count);
        Assert.Equal([MemcgFile.Reclaim], Enum.GetValues<MemcgFile>().Where(MemcgFiles.ExistsInRoot));
    }

    private static VmSettings After(string name, string value) => VmKnobs.Apply(Boot, VmKnobs.Write(name, value));
}
