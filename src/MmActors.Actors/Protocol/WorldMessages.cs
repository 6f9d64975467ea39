using System.Collections.Immutable;
using Akka.Actor;
using MmActors.Model.AddressSpaces;
using MmActors.Model.Programs;

namespace MmActors.Actors.Protocol;

/// <summary>A task asks for a named snapshot of everybody's smaps. Reply: <see cref="RequestDone"/>.</summary>
public sealed record TakeSnap(string Name);

/// <summary>A task writes a sysfs knob. Reply: <see cref="RequestDone"/>.</summary>
public sealed record WriteKnob(string Knob, string Value);

/// <summary>A write to a memory.* file has returned. No reply.</summary>
public sealed record CgroupWritten(string Task, CgroupWriteStep Write, Errno Errno, long ReclaimedPages);

/// <summary>A task writes a file below /proc/sys/vm. Reply: <see cref="RequestDone"/>.</summary>
public sealed record WriteVm(Model.Settings.VmFile File, int Value);

/// <summary>The simulation did what the task asked.</summary>
public sealed record RequestDone;

/// <summary>A forking task asks for an empty child. Reply: <see cref="ChildReady"/>.</summary>
public sealed record CreateChild(string Name);

/// <summary>The child's address space exists, empty, for <see cref="ForkInto"/>.</summary>
public sealed record ChildReady(string Name, Mm Mm, IActorRef Space);

/// <summary>The child's address space is filled: its task may run.</summary>
/// <param name="Name">Name given to <see cref="CreateChild"/>.</param>
/// <param name="Program">What it runs.</param>
/// <param name="Regions">Regions it inherits by name: start and length in bytes.</param>
public sealed record StartChild(string Name, ImmutableArray<Step> Program, IReadOnlyList<(string Name, long Start, long Bytes)> Regions)
{
    /// <summary>Where its steps come from instead of <see cref="Program"/>, or null.</summary>
    public IStepSource? Source { get; init; }
}

/// <summary>An address space has stopped: nothing of it is left to be asked. Sent where what has exited is forgotten.</summary>
public sealed record SpaceGone(int Mm);

/// <summary>SIGKILL for the task with this address space, if it runs.</summary>
public sealed record KillTask(int Mm);

/// <summary>A task has torn its address space down.</summary>
public sealed record TaskEnded(string Name);

/// <summary>The run is over: collect everybody's last figures.</summary>
public sealed record CollectFinal;
