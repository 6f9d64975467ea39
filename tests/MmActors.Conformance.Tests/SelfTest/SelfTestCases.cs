using MmActors.Model.Programs;

namespace MmActors.Conformance.Tests.SelfTest;

/// <summary>The kernel's self-test for anonymous memory as scripts, case by case (ST-1…ST-14): both the single tests and the
/// recorded run are made of them. Each maps its region and unmaps it.</summary>
internal static class SelfTestCases
{
    /// <summary>How long a parent waits for a child that runs one procedure K, two, or one M.</summary>
    private const int OneK = 520;
    private const int TwoK = 1040;
    private const int OneM = 20;

    /// <summary>ST-1, ST-1b: a fault makes a huge page, MADV_DONTNEED on one page splits its PMD. In between khugepaged looks,
    /// as it did in the recording.</summary>
    public static void AllocAtFault(SelfTestScript script) => script
        .Set("enabled", "always").Map().Write(0, 1).Snap("fault").Sleep(20).Set("enabled", "madvise")
        .Advise(Advice.DontNeed, 0, 1).Snap("dontneed").Unmap();

    /// <summary>ST-2.</summary>
    public static void Full(SelfTestScript script, Procedure procedure) => script
        .Map(4).Fill(0, 2048).Try(procedure, $"full {procedure}").Count().Unmap();

    /// <summary>ST-3.</summary>
    public static void Empty(SelfTestScript script, Procedure procedure) => script
        .Map().Try(procedure, $"empty {procedure}").Unmap();

    /// <summary>ST-4.</summary>
    public static void Single(SelfTestScript script, Procedure procedure) => script
        .Map().Fill(0, 1).Try(procedure, $"single {procedure}").Count().Unmap();

    /// <summary>ST-5, ST-5b: 257 and 256 pages none where 256 are allowed.</summary>
    public static void MaxPtesNone(SelfTestScript script, Procedure procedure)
    {
        script.Set("khugepaged/max_ptes_none", 256).Map().Fill(0, 255).Try(procedure, $"none {procedure}").Count();
        if (procedure == Procedure.K)
        {
            script.Fill(0, 256).Try(procedure, "none again K").Count();
        }

        script.Unmap().Set("khugepaged/max_ptes_none", 511);
    }

    /// <summary>ST-8: one PTE maps a subpage of an order-9 folio.</summary>
    public static void SingleCompound(SelfTestScript script, Procedure procedure) => script
        .Map().HugePage().Snap($"huge single {procedure}").Advise(Advice.NoHugePage).Advise(Advice.DontNeed, 1, 512)
        .Try(procedure, $"single compound {procedure}").Count().Unmap();

    /// <summary>ST-9: 512 PTEs map one order-9 folio.</summary>
    public static void FullOfCompound(SelfTestScript script, Procedure procedure) => script
        .Map().HugePage().Snap($"huge full {procedure}").SplitPmd().Try(procedure, $"full of compound {procedure}").Count().Unmap();

    /// <summary>ST-6.</summary>
    public static void SwapinSingle(SelfTestScript script, Procedure procedure) => script
        .Map().Fill(0, 512).Advise(Advice.PageOut, 0, 1).Try(procedure, $"swapin {procedure}").Count().Unmap();

    /// <summary>ST-7, ST-7b: 65 and 64 pages swapped out where 64 are allowed.</summary>
    public static void MaxPtesSwap(SelfTestScript script, Procedure procedure)
    {
        script.Map().Fill(0, 512).Advise(Advice.PageOut, 0, 65).Try(procedure, $"swap {procedure}");
        if (procedure == Procedure.K)
        {
            script.Fill(0, 512).Advise(Advice.PageOut, 0, 64).Try(procedure, "swap again K");
        }

        script.Count().Unmap();
    }

    /// <summary>ST-11: in the child, a page shared with the parent and one of its own.</summary>
    public static void Fork(SelfTestScript script, Procedure procedure) => script
        .Map().Fill(0, 1)
        .Fork($"fork-{procedure}", procedure == Procedure.K ? OneK : OneM, child => child.Fill(1, 2).Try(procedure, $"fork {procedure}").Count())
        .Snap($"parent of fork {procedure}").Count().Unmap();

    /// <summary>ST-12: in the child, a huge page's subpages shared with the parent, one of them copied on write; all may be
    /// shared.</summary>
    public static void ForkCompound(SelfTestScript script, Procedure procedure) => script
        .Map().HugePage()
        .Fork($"compound-{procedure}", procedure == Procedure.K ? OneK : OneM, child => child
            .Snap($"huge child {procedure}").SplitPmd().Fill(0, 1).Set("khugepaged/max_ptes_shared", 511)
            .Try(procedure, $"fork compound {procedure}").Set("khugepaged/max_ptes_shared", 256).Count())
        .Snap($"parent of compound {procedure}").Count().Unmap();

    /// <summary>ST-13, ST-13b: 257 and 256 subpages shared where 256 may be.</summary>
    public static void MaxPtesShared(SelfTestScript script, Procedure procedure) => script
        .Map().HugePage()
        .Fork($"shared-{procedure}", procedure == Procedure.K ? TwoK : OneM, child =>
        {
            child.Fill(0, 255).Try(procedure, $"shared {procedure}");
            if (procedure == Procedure.K)
            {
                child.Fill(0, 256).Try(procedure, "shared again K");
            }

            child.Count();
        })
        .Snap($"parent of shared {procedure}").Count().Unmap();

    /// <summary>ST-14: MADV_COLLAPSE of what is huge already.</summary>
    public static void ExistingThp(SelfTestScript script) => script
        .Map().Fill(0, 512).Try(Procedure.M, "existing").Snap("again:begin").Advise(Advice.Collapse).Snap("again:end").Count().Unmap();
}
