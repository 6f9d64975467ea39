using MmActors.Model.Costs;

namespace MmActors.Model.Tests.Costs;

public class AccessCostTests
{
    /// <summary>10 000 batches of 32 768 reads over 128 MiB (CM 9.1).</summary>
    private const long SeedAccesses = 327_680_000;

    [Theory] // CM-6; cycles within 0.025 because the presets round the fitted constants, time within 5 ms
    [InlineData("native", 0, 5.25, 3.18)]
    [InlineData("native", 64, 1.32, 2.88)]
    [InlineData("kvm", 0, 8.73, 3.45)]
    [InlineData("kvm", 64, 2.00, 2.93)]
    public void Presets_reproduce_the_check_values(string machine, int hugeRanges, double cycles, double seconds)
    {
        var cost = AccessCost.OfUniformReads(
            Machines.Named(machine), SeedAccesses, hugeRanges * 512, 512L * (64 - hugeRanges));
        Assert.Equal(cycles, cost.CyclesPerAccess, 0.025);
        Assert.Equal(seconds, cost.Nanoseconds / 1e9, 0.005);
    }

    [Fact] // CM-4, CM-5: only the difference of this machine is usable: 5.1…5.5 cycles between 4 KiB and huge
    public void Third_machine_reproduces_the_difference_between_small_and_huge()
    {
        var small = AccessCost.OfUniformReads(Machines.EpycKvm, SeedAccesses, 0, 32_768);
        var huge = AccessCost.OfUniformReads(Machines.EpycKvm, SeedAccesses, 64 * 512, 0);
        Assert.Equal(24.87, small.CyclesPerAccess, 0.05);
        Assert.InRange(huge.CyclesPerAccess, 19.37, 19.79);
        Assert.InRange(small.CyclesPerAccess - huge.CyclesPerAccess, 5.1, 5.5);
    }

    [Theory] // CM-1, CM-2: the four published rows from their own miss counts; time within the fit's 24 ms
    [InlineData("native", 284_814_532, 4.96, 3.14)]
    [InlineData("native", 69_597_236, 2.21, 2.93)]
    [InlineData("kvm", 241_600_871, 7.29, 3.35)]
    [InlineData("kvm", 3_216_108, 2.07, 2.96)]
    public void Presets_reproduce_the_published_rows_from_their_misses(
        string machine, long misses, double cycles, double seconds)
    {
        var cost = AccessCost.OfBatch(Machines.Named(machine), SeedAccesses, misses);
        Assert.Equal(cycles, cost.CyclesPerAccess, 0.025);
        Assert.Equal(seconds, cost.Nanoseconds / 1e9, 0.025);
    }

    [Theory] // CM-1 with the unrounded constants of the fit: exact up to the table's rounding
    [InlineData(1.321, 4.187, 0.86918, 4.96)]
    [InlineData(1.321, 4.187, 0.21239, 2.21)]
    [InlineData(2.000, 7.175, 0.73731, 7.29)]
    [InlineData(2.000, 7.175, 0.00981, 2.07)]
    public void Fitted_constants_reproduce_the_published_cycles(
        double baseCycles, double penaltyCycles, double missRate, double cycles)
    {
        var machine = Machines.Native with { BaseCycles = baseCycles, MissPenaltyCycles = penaltyCycles };
        Assert.Equal(cycles, AccessCost.OfBatch(machine, 100_000, 100_000 * missRate).CyclesPerAccess, 0.005);
    }

    [Fact]
    public void Costs_of_batches_add_up()
    {
        var first = AccessCost.OfBatch(Machines.Native, 1000, 100);
        var second = AccessCost.OfBatch(Machines.Native, 3000, 1100);
        var whole = AccessCost.OfBatch(Machines.Native, 4000, 1200);
        var sum = first + second;
        Assert.Equal(whole.Accesses, sum.Accesses);
        Assert.Equal(whole.Cycles, sum.Cycles, 1e-6);
        Assert.Equal(whole.Nanoseconds, sum.Nanoseconds, 1e-6);
        Assert.Equal(0.3, sum.MissRate, 1e-12);
    }

    [Fact]
    public void An_empty_batch_costs_nothing_and_has_no_rate()
    {
        var cost = AccessCost.OfBatch(Machines.Native, 0, 0);
        Assert.Equal(default, cost);
        Assert.Equal(0, cost.CyclesPerAccess);
        Assert.Equal(0, cost.MissRate);
    }
}
