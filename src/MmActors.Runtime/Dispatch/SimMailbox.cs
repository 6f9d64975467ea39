using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace MmActors.Runtime.Dispatch;

/// <summary>Gives every actor of a simulation its queue and with it its number in order of creation. Akka instantiates it
/// by name from <see cref="SimConfig"/>.</summary>
internal sealed class SimMailbox : MailboxType, IProducesMessageQueue<SimMessageQueue>
{
    /// <summary>Called by Akka.</summary>
    public SimMailbox(Settings settings, Config config)
        : base(settings, config)
    {
    }

    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) =>
        system.Scheduler is SimKernel kernel
            ? kernel.CreateQueue(owner)
            : throw new InvalidOperationException($"{nameof(SimMailbox)} needs {nameof(SimKernel)} as the scheduler.");
}
