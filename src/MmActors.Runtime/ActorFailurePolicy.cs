namespace MmActors.Runtime;

/// <summary>What an exception that leaves an actor's handler means for the run.</summary>
public enum ActorFailurePolicy
{
    /// <summary>It fails the run at once, whatever the supervisor would have decided. Akka's own default, a silent restart
    /// with the state lost, would turn a bug into a wrong result.</summary>
    FailRun,

    /// <summary>Supervisors decide, as in production Akka; only what escalates to the user guardian fails the run.</summary>
    LeaveToSupervisors,
}
