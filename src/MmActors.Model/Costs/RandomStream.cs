using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace MmActors.Model.Costs;

/// <summary>A named stream of pseudo-random numbers that is the same in every process: xoshiro256** (Blackman and Vigna,
/// "Scrambled Linear Pseudorandom Number Generators", 2021), its state filled by SplitMix64 from the run's seed and the
/// stream's name. Streams of different names are independent, so a new consumer does not shift the numbers of the others.
/// Not for concurrent use.</summary>
public sealed class RandomStream
{
    private Xoshiro256 _state;

    /// <summary>The stream <paramref name="name"/> of the run with the given seed.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="name">A stable name, e.g. the task and the purpose.</param>
    public RandomStream(ulong seed, string name)
    {
        var seeder = new SplitMix64(seed);
        seeder = new SplitMix64(seeder.Next() ^ Fnv1a(name));
        _state = new Xoshiro256(seeder.Next(), seeder.Next(), seeder.Next(), seeder.Next());
    }

    private RandomStream(Xoshiro256 state) => _state = state;

    /// <summary>A stream that goes on from a given generator state, e.g. a published test vector's.</summary>
    public static RandomStream FromState(ulong s0, ulong s1, ulong s2, ulong s3)
    {
        ArgumentOutOfRangeException.ThrowIfZero(s0 | s1 | s2 | s3);
        return new RandomStream(new Xoshiro256(s0, s1, s2, s3));
    }

    /// <summary>The generator's state, for hot loops that keep it in registers and put it back.</summary>
    internal Xoshiro256 State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64() => _state.Next();

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without bias (Lemire, "Fast Random Integer Generation
    /// in an Interval", 2019).</summary>
    public int NextBelow(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (uint)bound;
        var product = (_state.Next() >> 32) * range;
        if ((uint)product < range)
        {
            var threshold = (0u - range) % range;
            while ((uint)product < threshold)
            {
                product = (_state.Next() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A uniform multiple of 2⁻⁵³ in [0, 1).</summary>
    public double NextDouble() => (_state.Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>64 independent bits, each set with the given probability: which of 64 pages a batch of random accesses
    /// touched. Compares 64 bit-sliced uniform numbers with the probability, top bit first, and stops when all 64 are
    /// decided: about eight draws, precise to 2⁻⁶⁴.</summary>
    /// <param name="probability">0 or less gives no bit, 1 or more all bits.</param>
    public ulong NextMask(double probability)
    {
        if (!(probability > 0))
        {
            return 0;
        }

        if (probability >= 1)
        {
            return ulong.MaxValue;
        }

        const double TwoPower64 = 18446744073709551616.0;
        var remaining = (ulong)(probability * TwoPower64);
        var below = 0UL;
        var undecided = ulong.MaxValue;
        while (remaining != 0 && undecided != 0)
        {
            var drawn = _state.Next();
            if ((long)remaining < 0)
            {
                below |= undecided & ~drawn;
                undecided &= drawn;
            }
            else
            {
                undecided &= ~drawn;
            }

            remaining <<= 1;
        }

        return below;
    }

    /// <summary>FNV-1a, 64 bits, over the UTF-8 bytes: stable across processes, unlike string.GetHashCode.</summary>
    private static ulong Fnv1a(string text)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 0x100000001b3UL;
        }

        return hash;
    }
}

/// <summary>State and step of xoshiro256**; the words must not all be 0.</summary>
internal struct Xoshiro256(ulong s0, ulong s1, ulong s2, ulong s3)
{
    private ulong _s0 = s0, _s1 = s1, _s2 = s2, _s3 = s3;

    /// <summary>64 uniform bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }
}

/// <summary>SplitMix64, the seeder the authors of xoshiro recommend: successive outputs are distinct, so at most one word
/// of a state is 0.</summary>
internal struct SplitMix64(ulong state)
{
    private ulong _state = state;

    /// <summary>64 well-mixed bits.</summary>
    public ulong Next()
    {
        var mixed = _state += 0x9e3779b97f4a7c15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL;
        return mixed ^ (mixed >> 31);
    }
}
