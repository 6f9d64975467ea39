namespace MmActors.Runtime;

/// <summary>A thread other than the simulation's own sent a message, scheduled a timer or ran an actor. The order of such
/// an event is the operating system's, so the run could never be repeated. Usual causes: Task.Run, an awaited call with
/// ConfigureAwait(false), PipeTo, Ask with a timeout, a real timer.</summary>
public sealed class ForeignThreadException : InvalidOperationException
{
    internal ForeignThreadException(int ownerThread, int foreignThread)
        : base($"The simulation belongs to thread {ownerThread} but was entered on thread {foreignThread}. "
            + "Nothing inside a simulation may run on another thread; to move a whole idle simulation, call "
            + $"{nameof(SimKernel)}.{nameof(SimKernel.BindToCurrentThread)} on the new one.")
    {
    }
}
