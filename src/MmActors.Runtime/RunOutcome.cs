namespace MmActors.Runtime;

/// <summary>Why a call that runs the simulation returned. A failed run does not return: it throws
/// <see cref="SimulationFailedException"/>.</summary>
public enum RunOutcome
{
    /// <summary>No mailbox is runnable and no timer is armed: nothing can ever happen again without outside help.</summary>
    Quiescent,

    /// <summary>Everything due up to and including the horizon has happened; the clock stands at the horizon.</summary>
    HorizonReached,

    /// <summary>The run used up its step limit. What remains is still queued.</summary>
    StepLimit,

    /// <summary>An actor or the host asked for the end with <see cref="SimKernel.RequestStop"/>.</summary>
    Stopped,

    /// <summary>The cancellation token fired. The only outcome that depends on the wall clock.</summary>
    Cancelled,
}
