using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace MmActors.Runtime.Dispatch;

/// <summary>Gives every actor the queue that its kernel makes for it. Akka instantiates it by name from
/// <see cref="SimConfig"/>.</summary>
internal sealed class KernelMailbox : MailboxType, IProducesMessageQueue<IKernelQueue>
{
    /// <summary>Called by Akka.</summary>
    public KernelMailbox(Settings settings, Config config)
        : base(settings, config)
    {
    }

    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) =>
        system.Scheduler is RunKernel kernel
            ? kernel.CreateQueue(owner)
            : throw new InvalidOperationException($"{nameof(KernelMailbox)} needs a {nameof(RunKernel)} as the scheduler.");
}

/// <summary>A queue that an actor can stash in front of.</summary>
internal interface IKernelQueue : IMessageQueue, IUnboundedDequeBasedMessageQueueSemantics;
