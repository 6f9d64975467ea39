namespace MmActors.Model.Events;

/// <summary>What kind of operation something is done for.</summary>
public enum OriginKind : byte
{
    /// <summary>Nobody asked; or nobody follows the steps, and origins are not made.</summary>
    None,
    /// <summary>One VISIT of khugepaged.</summary>
    Visit,
    /// <summary>One attempt to collapse a range.</summary>
    Collapse,
    /// <summary>One call of direct reclaim, or one run of kswapd.</summary>
    Reclaim,
    /// <summary>Faults of one access of a task.</summary>
    Fault,
    /// <summary>A system call of a task, or its write to a file of the kernel.</summary>
    Call,
}

/// <summary>The operation on whose behalf something is done. It travels with the requests between actors, so that whoever acts on one
/// can say for whom: several operations are under way at a time, and no event stream tells them apart. It decides nothing and is no
/// part of the hash.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="By">In whose context: an mm or a <see cref="KernelThread"/>.</param>
/// <param name="Number">Tells it from every other operation of the run.</param>
public readonly record struct Origin(OriginKind Kind, int By, int Number);
