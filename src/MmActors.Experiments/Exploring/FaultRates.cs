using MmActors.Model.Injection;
using MmActors.Runtime;

namespace MmActors.Experiments.Exploring;

/// <summary>How often each fault point goes wrong: chances out of <see cref="Whole"/>.</summary>
/// <param name="Chances">One entry a <see cref="FaultPoint"/>.</param>
internal sealed record FaultRates(int[] Chances)
{
    /// <summary>A chance that is a certainty.</summary>
    public const int Whole = 1 << 16;
}

/// <summary>Faults drawn from a seed: the same ones in the same schedule. Can be switched off, for the part of a run in which
/// everything must come to an end.</summary>
internal sealed class SeededFaults(FaultRates rates, ulong seed) : IFaultInjector
{
    private readonly SeededRandom _random = SeededRandom.ForStream(seed, "faults");

    /// <summary>False: nothing goes wrong any more.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>Faults made.</summary>
    public int Made { get; private set; }

    /// <inheritdoc/>
    public bool Strikes(FaultPoint point)
    {
        int chance = rates.Chances[(int)point];
        if (!IsOn || chance == 0 || _random.NextInt32(FaultRates.Whole) >= chance)
        {
            return false;
        }

        Made++;
        return true;
    }
}
