using Akka.Actor;

namespace MmActors.Runtime;

/// <summary>An actor system and the kernel that runs it, for one run after another or for a single one.</summary>
public interface IRunHost : IDisposable
{
    /// <summary>The actor system.</summary>
    ActorSystem System { get; }

    /// <summary>Its clock and engine.</summary>
    IRunKernel Kernel { get; }

    /// <summary>Whether several actors may be at work at the same time. For whoever builds a world, so that what hears all
    /// actors is told one thing at a time; no actor may ask.</summary>
    bool IsConcurrent { get; }
}
