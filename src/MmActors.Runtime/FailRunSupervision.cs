using Akka.Actor;

namespace MmActors.Runtime;

/// <summary>Supervision of last resort: a failure that reaches it fails the run, and the child is stopped. The user
/// guardian uses it; an actor may return it from SupervisorStrategy to make its children's failures final.</summary>
public sealed class FailRunStrategy : OneForOneStrategy
{
    /// <summary>Stops every failed child, after reporting it to the kernel.</summary>
    public FailRunStrategy()
        : base(static _ => Directive.Stop, loggingEnabled: false)
    {
    }

    /// <inheritdoc/>
    protected override Directive Handle(IActorRef child, Exception exception)
    {
        if (child is ActorRefWithCell { Underlying.System.Scheduler: RunKernel kernel })
        {
            kernel.SupervisorGaveUp(exception);
        }

        return base.Handle(child, exception);
    }
}

/// <summary>Installs <see cref="FailRunStrategy"/> at the user guardian. Akka instantiates it by name from
/// <see cref="SimConfig"/>.</summary>
internal sealed class FailRunSupervision : SupervisorStrategyConfigurator
{
    /// <inheritdoc/>
    public override SupervisorStrategy Create() => new FailRunStrategy();
}
