using System.Collections.Immutable;
using MmActors.Experiments.Results;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Programs;

namespace MmActors.Experiments.Rendering;

/// <summary>Everything a report is computed from; nothing else is consulted, so a sentence can always be checked
/// against these figures.</summary>
public sealed record ReportInput
{
    /// <summary>The scenario that ran: its programs tell which task frees lazily and which one measures.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>The variants on the main machine, in declared order.</summary>
    public required ComparisonResult Result { get; init; }

    /// <summary>The two published columns, run again on every machine the publication names.</summary>
    public ImmutableArray<PublishedRuns> Published { get; init; } = [];

    /// <summary>Whether every access went through the exact TLB, so that the presets' reach E was not used.</summary>
    public bool ExactTlb { get; init; }

    /// <summary>Further comparisons that belong to the evidence; the default command has them.</summary>
    public ImmutableArray<ReportInput> Evidence { get; init; } = [];

    /// <summary>The same variants with the seeds that follow, in order; empty for a single seed.</summary>
    public ImmutableArray<ComparisonResult> MoreSeeds { get; init; } = [];

    /// <summary>Variants an interruption kept from starting.</summary>
    public ImmutableArray<string> NotRun { get; init; } = [];

    internal bool IsPartial =>
        !NotRun.IsEmpty || Result.Variants.Any(variant => variant.Partial)
        || MoreSeeds.Any(seed => seed.Variants.Length < Result.Variants.Length || seed.Variants.Any(variant => variant.Partial)) || Evidence.Any(static more => more.IsPartial);

    /// <summary>A variant's complete runs over all seeds; the main one even when it is partial.</summary>
    internal IEnumerable<VariantResult> OverSeeds(string variant) =>
    [
        .. Result.Variants.Where(result => result.Name == variant),
        .. MoreSeeds.SelectMany(static seed => seed.Variants).Where(result => result.Name == variant && !result.Partial),
    ];

    /// <summary>Declared variant of a result.</summary>
    internal Variant? Declared(VariantResult result) =>
        Scenario.Variants.FirstOrDefault(variant => variant.Name == result.Name);

    /// <summary>Whether the machine of a result has a swap device.</summary>
    internal bool HasSwap(VariantResult result) => Declared(result)?.Swap is not null;

    /// <summary>How replicas were added up; null when every task is shown by itself.</summary>
    internal Folding? Fold { get; private init; }

    /// <summary>Tasks whose program calls MADV_FREE in some variant, as they are shown.</summary>
    internal IEnumerable<string> LazyfreeTasks => Scenario.Variants
        .SelectMany(variant => variant.Tasks)
        .Where(task => ScenarioFacts.Steps(task.Program).Any(step => step is MadviseStep { Advice: Advice.Free }))
        .Select(task => Shown(task.Name))
        .Distinct();

    /// <summary>The name a task is shown under.</summary>
    internal string Shown(string task) => Fold?.Label(task) ?? task;

    /// <summary>The same figures with replicas added up where there are too many tasks for a page.</summary>
    internal ReportInput Folded() => Folding.Of(Result.Variants) is not { } fold ? this : this with
    {
        Fold = fold,
        Result = Result with { Variants = [.. Result.Variants.Select(fold.Fold)] },
        MoreSeeds = [.. MoreSeeds.Select(seed => seed with { Variants = [.. seed.Variants.Select(fold.Fold)] })],
    };
}

/// <summary>One published machine and our two runs on its preset; a column an interruption kept from running is
/// null.</summary>
public sealed record PublishedRuns(PublishedMachine Machine, VariantResult? Without, VariantResult? With);

/// <summary>Questions about a scenario's programs.</summary>
internal static class ScenarioFacts
{
    /// <summary>All steps, those inside loops and fork bodies included.</summary>
    public static IEnumerable<Step> Steps(ImmutableArray<Step> program) => program.SelectMany(step => step switch
    {
        LoopStep loop => Steps(loop.Body),
        ForkStep fork => Steps(fork.Body),
        _ => [step],
    });

    /// <summary>Number of a variant's tasks that map memory; one that only takes snapshots does not.</summary>
    public static int MappingTasks(Variant variant) =>
        variant.Tasks.Count(task => Steps(task.Program).Any(step => step is MapStep));

    /// <summary>Reads the measurement of the published column "without" makes, or null when nothing is measured.</summary>
    public static long? MeasuredReads(Scenario scenario, PublishedComparison published) => scenario.Variants
        .Where(variant => variant.Name == published.Without)
        .SelectMany(variant => variant.Tasks)
        .Where(spec => spec.Name == published.Task)
        .SelectMany(spec => Steps(spec.Program))
        .OfType<RandomReadsStep>()
        .Select(step => (long?)step.Batches * step.AccessesPerBatch)
        .FirstOrDefault();
}
