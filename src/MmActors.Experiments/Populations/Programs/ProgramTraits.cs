using MmActors.Model.Costs;

namespace MmActors.Experiments.Populations.Programs;

/// <summary>What one task has drawn at its birth.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Class">Its class.</param>
/// <param name="Ranges">Its memory in 2 MiB ranges.</param>
/// <param name="Lifetime">How long it lives.</param>
/// <param name="Huge">When it asks for huge pages; not <see cref="HugeAdvice.Mixed"/>.</param>
/// <param name="Random">Its own random stream.</param>
internal sealed record ProgramTraits(
    string Name, PopulationClass Class, int Ranges, TimeSpan Lifetime, HugeAdvice Huge, RandomStream Random)
{
    /// <summary>The program of its kind.</summary>
    public DrawnProgram Program() => Class.Kind switch
    {
        TaskKind.Server => new ServerProgram(this),
        TaskKind.Batch => new BatchProgram(this),
        TaskKind.Forker => new ForkerProgram(this),
        TaskKind.Allocator => new AllocatorProgram(this),
        TaskKind.Idle => new IdleProgram(this),
        _ => new SparseProgram(this),
    };
}
