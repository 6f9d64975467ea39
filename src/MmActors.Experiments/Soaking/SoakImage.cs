using MmActors.Actors;
using MmActors.Runtime;
using MmActors.Runtime.Checkpoints;

namespace MmActors.Experiments.Soaking;

/// <summary>What a checkpoint of a soak holds: everything that <see cref="SoakRun"/> is made of.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="World">The world.</param>
/// <param name="State">What is kept between slices.</param>
public sealed record SoakImage(SoakRequest Request, World World, SoakState State)
{
    /// <summary>Takes a soak down.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Capture(RunCheckpoint checkpoint, SoakRun run) =>
        checkpoint.Capture(run.Host, new SoakImage(run.Request with { Run = run.Request.Run with { Log = null } }, run.World, run.State));

    /// <summary>Sets a soak up.</summary>
    /// <exception cref="CheckpointException">The bytes are no soak.</exception>
    public static SoakRun Restore(IEnumerable<ReadOnlyMemory<byte>> bytes, ulong seed)
    {
        SimHost host = SimHost.Start(new SimSettings { Seed = seed, StepLimit = long.MaxValue });
        try
        {
            return RunCheckpoint.Restore(host, bytes) is SoakImage image
                ? new SoakRun(image.Request, host, image.World, image.State)
                : throw new CheckpointException("the checkpoint is of no soak");
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Hash of everything that determines a soak, whatever its length.</summary>
    public static string IdentityOf(SoakRequest request) => RunCheckpoint.HashOf(SoakRun.SpecOf(request));
}
