namespace MmActors.Model.Programs;

/// <summary>Where the steps of a task come from that nobody has written down beforehand: each is drawn when the one before
/// has returned, so a program may last for weeks and never takes more memory than its next few steps.</summary>
/// <remarks>Plain state only – numbers, lists, random streams – so that a run can be saved and gone on with.</remarks>
public interface IStepSource
{
    /// <summary>Index of the innermost loop: what <see cref="FillByte.LoopIndex"/> stands for.</summary>
    int LoopIndex { get; }

    /// <summary>The next step; null at the end of the program.</summary>
    /// <param name="now">Simulated time.</param>
    Step? Next(TimeSpan now);
}

/// <summary>A task that comes into a running world.</summary>
/// <param name="Slot">The place it takes among the tasks of its population.</param>
/// <param name="Delay">Simulated time until it starts.</param>
/// <param name="Task">What it is; its own program is not used.</param>
/// <param name="Program">What it runs.</param>
public sealed record Arrival(int Slot, TimeSpan Delay, TaskSpec Task, IStepSource Program);

/// <summary>Tasks that come and go for as long as a world runs. In a world that has one, whatever has exited is forgotten:
/// nothing grows with the number of tasks there have been.</summary>
/// <remarks>One instance belongs to one world. Plain state only, as for <see cref="IStepSource"/>.</remarks>
public interface IPopulation
{
    /// <summary>The tasks a world begins with.</summary>
    IReadOnlyList<Arrival> Begin();

    /// <summary>The task that follows one that has ended, or null when its place stays empty.</summary>
    /// <param name="slot">Whose place has become free.</param>
    Arrival? Follow(int slot);
}
