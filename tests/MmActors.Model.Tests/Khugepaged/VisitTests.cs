using CsCheck;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Khugepaged;
using MmActors.Model.Khugepaged.Charging;
using MmActors.Model.Memory;
using MmActors.Model.Settings;
using MmActors.Model.Units;

namespace MmActors.Model.Tests.Khugepaged;

/// <summary>What a VISIT steps over and charges (KH-14…17a), the mm list (KH-7, KH-10, KH-18) and what khugepaged finds
/// where it looks for a page table (KH-23).</summary>
public class VisitTests
{
    private const long Base = 0x1000_0000_0000;
    private static readonly ThpSettings Always = new() { Enabled = ThpEnabled.Always };
    private readonly Mm _mm = new(1, new FolioTable(512), new VmStat());

    [Fact] // KH-14.4: within a VISIT an area it is in the middle of is not tested again; at its begin every area is
    public void A_settings_change_takes_effect_at_the_next_area()
    {
        Add(Base, 4 * 512);
        var never = new ThpSettings { Enabled = ThpEnabled.Never };
        long middle = Base + Geometry.PmdSize;
        Assert.Equal(new WalkStep(WalkOutcome.Range, middle, 0), VisitWalk.Next(_mm, middle, never, isWithinVisit: true));
        Assert.Equal(WalkOutcome.EndOfMm, VisitWalk.Next(_mm, middle, never, isWithinVisit: false).Outcome);
    }

    [Fact] // KH-14, KH-17a
    public void Seven_areas_below_and_three_above_are_stepped_over()
    {
        _mm.AddImage(7, 3);
        Add(Base, 4 * 512);
        Assert.Equal(new WalkStep(WalkOutcome.Range, Base, 7), VisitWalk.Next(_mm, 0, Always, isWithinVisit: false));
        Assert.Equal(new WalkStep(WalkOutcome.Range, Base + Geometry.PmdSize, 0), VisitWalk.Next(_mm, Base + Geometry.PmdSize, Always, isWithinVisit: false));
        long end = Base + (4L * Geometry.PmdSize);
        Assert.Equal(new WalkStep(WalkOutcome.EndOfMm, end, 3), VisitWalk.Next(_mm, end, Always, isWithinVisit: false));
    }

    [Fact] // KH-14.3: address == hend costs nothing, address > hend costs 1
    public void Only_a_cursor_behind_the_last_range_pays_for_the_tail()
    {
        Add(Base, 512 + 7);
        long hend = Base + Geometry.PmdSize;
        Assert.Equal(0, VisitWalk.Next(_mm, hend, Always, isWithinVisit: false).SkippedVmas);
        Assert.Equal(1, VisitWalk.Next(_mm, hend + Geometry.PageSize, Always, isWithinVisit: false).SkippedVmas);
    }

    [Fact] // KH-22
    public void Head_and_tail_of_an_area_are_never_looked_at()
    {
        Add(Base + Geometry.PageSize, (3 * 512) - 2);
        WalkStep step = VisitWalk.Next(_mm, 0, Always, isWithinVisit: false);
        Assert.Equal((WalkOutcome.Range, Base + Geometry.PmdSize, 0), (step.Outcome, step.Address, step.SkippedVmas));
        Assert.Equal(WalkOutcome.EndOfMm, VisitWalk.Next(_mm, Base + (2L * Geometry.PmdSize), Always, isWithinVisit: false).Outcome);
    }

    [Fact] // KH-14.1
    public void A_closed_mm_ends_the_iteration_and_costs_1()
    {
        Add(Base, 1024);
        _mm.ThpDisabled = true;
        Assert.Equal(new WalkStep(WalkOutcome.Closed, 0, 1), VisitWalk.Next(_mm, 0, Always, isWithinVisit: false));
        Assert.Equal(
            new WalkStep(WalkOutcome.Closed, Base + Geometry.PmdSize, 0), VisitWalk.Next(_mm, Base + Geometry.PmdSize, Always, isWithinVisit: false));
    }

    [Theory] // KH-20
    [InlineData(VmaFlags.None, ThpEnabled.Always, true)]
    [InlineData(VmaFlags.None, ThpEnabled.Madvise, false)]
    [InlineData(VmaFlags.HugePage, ThpEnabled.Madvise, true)]
    [InlineData(VmaFlags.HugePage, ThpEnabled.Never, false)]
    [InlineData(VmaFlags.NoHugePage, ThpEnabled.Always, false)]
    [InlineData(VmaFlags.Image, ThpEnabled.Always, false)]
    public void Eligibility_follows_flags_and_sysfs(VmaFlags flags, ThpEnabled enabled, bool eligible)
    {
        Vma vma = Add(Base, 512, flags);
        var settings = new ThpSettings { Enabled = enabled };
        Assert.Equal(eligible, Eligibility.IsEligible(_mm, vma, settings, ignoreSysfs: false));
        Assert.Equal((flags & ~VmaFlags.HugePage) == 0, Eligibility.IsEligible(_mm, vma, settings, ignoreSysfs: true)); // KH-21
        vma.HasAnonVma = false;
        Assert.False(Eligibility.IsEligible(_mm, vma, settings, ignoreSysfs: true));
    }

    [Fact] // KH-20
    public void An_area_without_an_aligned_range_is_not_eligible()
    {
        Vma vma = Add(Base + Geometry.PageSize, 1022);
        Assert.False(Eligibility.IsEligible(_mm, vma, Always, ignoreSysfs: false));
    }

    [Fact] // KH-15, KH-17
    public void Legacy_budget_charges_512_and_the_new_one_what_was_visited()
    {
        RangeScan huge = RangeScan.WithoutTable(ScanResult.PmdMapped);
        RangeScan early = huge with { HasPteTable = true, VisitedPtes = 65 };
        Assert.Equal((512, 512), (new ChargeWholeRange().Charge(huge), new ChargeWholeRange().Charge(early)));
        Assert.Equal((1, 65), (new ChargeVisited().Charge(huge), new ChargeVisited().Charge(early)));
    }

    [Theory] // KH-23
    [InlineData(null, ScanResult.PmdNull, ScanResult.NoPteTable)]
    [InlineData(PmdState.None, ScanResult.PmdNone, ScanResult.NoPteTable)]
    [InlineData(PmdState.Migration, ScanResult.PmdNull, ScanResult.PmdMapped)]
    [InlineData(PmdState.Huge, ScanResult.PmdMapped, ScanResult.PmdMapped)]
    [InlineData(PmdState.HugeZero, ScanResult.PmdMapped, ScanResult.PmdMapped)]
    [InlineData(PmdState.Table, ScanResult.Succeed, ScanResult.Succeed)]
    public void The_PMD_state_decides_what_is_found(PmdState? state, ScanResult old, ScanResult merged)
    {
        if (state is { } known)
        {
            _mm.Directory.Ensure(Base).State = known;
        }

        var switches = new KernelSwitches { Charging = ScanCharging.WholeRange, Lazyfree = LazyfreeHandling.Collapse };
        Assert.Equal(old, PmdLookup.Find(_mm, Base, switches));
        Assert.Equal(merged, PmdLookup.Find(_mm, Base, switches with { MergedNoPteTable = true, MigrationReportedAsMapped = true }));
    }

    [Fact] // KH-33, in order
    public void Revalidation_names_the_first_thing_that_is_wrong()
    {
        Vma vma = Add(Base, 1024);
        Assert.Equal(ScanResult.Succeed, Revalidation.Check(_mm, Base, Always, true, out _));
        vma.HasAnonVma = false;
        Assert.Equal(ScanResult.PageAnon, Revalidation.Check(_mm, Base, Always, true, out _));
        vma.Flags |= VmaFlags.NoHugePage;
        Assert.Equal(ScanResult.VmaCheck, Revalidation.Check(_mm, Base, Always, true, out _));
        Assert.Equal(ScanResult.AddressRange, Revalidation.Check(_mm, Base - Geometry.PmdSize, Always, true, out _));
        Assert.Equal(ScanResult.VmaNull, Revalidation.Check(_mm, Base + (2L * Geometry.PmdSize), Always, true, out _));
        _mm.IsExiting = true;
        Assert.Equal(ScanResult.AnyProcess, Revalidation.Check(_mm, Base, Always, true, out _));
    }

    [Fact] // KH-7, KH-10, KH-18: against a list and an index
    public void The_mm_list_agrees_with_a_plain_list() => Gen.Int[0, 3].Array[0, 60].Sample(actions =>
    {
        var slots = new MmSlots<int>();
        List<int> oracle = [];
        int cursor = -1;
        for (int step = 0; step < actions.Length; step++)
        {
            switch (actions[step])
            {
                case 0:
                    Assert.Equal(oracle.Count == 0, slots.Add(step, step));
                    oracle.Add(step);
                    break;
                case 1 when oracle.Count > 0:
                    cursor = Math.Max(cursor, 0);
                    Assert.Equal(oracle[cursor], slots.Begin().Mm);
                    break;
                case 2 when cursor >= 0:
                    bool free = (step & 1) == 0;
                    oracle.RemoveRange(cursor, free ? 1 : 0);
                    cursor = cursor + (free ? 0 : 1) is var next && next < oracle.Count ? next : -1;
                    Assert.Equal(cursor < 0, slots.Leave(free));
                    break;
                case 3 when oracle.Count > 0:
                    Exit(slots, oracle, step % oracle.Count, ref cursor);
                    break;
            }

            Assert.Equal((oracle.Count, cursor < 0 ? null : oracle[cursor]), (slots.Count, slots.Cursor?.Mm));
        }
    });

    private static void Exit(MmSlots<int> slots, List<int> oracle, int index, ref int cursor)
    {
        int mm = oracle[index];
        Assert.Equal(index != cursor, slots.TryRemoveExiting(mm));
        if (index == cursor)
        {
            slots.MarkExiting(mm);
            Assert.True(slots.Cursor!.IsExiting);
        }
        else
        {
            oracle.RemoveAt(index);
            cursor -= index < cursor ? 1 : 0;
        }
    }

    private Vma Add(long start, int pages, VmaFlags flags = VmaFlags.None) => _mm.Vmas.Insert(
        new Vma { Start = start, End = start + ((long)pages * Geometry.PageSize), Flags = flags, HasAnonVma = true });
}
