using System.IO.Hashing;
using System.Numerics;
using System.Text;

namespace MmActors.Runtime;

/// <summary>Random numbers that are the same on every machine and every .NET version, which System.Random does not
/// promise. xoshiro256** seeded through SplitMix64 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
/// Generators", 2021).</summary>
public sealed class SeededRandom
{
    private ulong _state0;
    private ulong _state1;
    private ulong _state2;
    private ulong _state3;

    /// <summary>Starts the stream that belongs to the seed.</summary>
    public SeededRandom(ulong seed)
    {
        _state0 = SplitMix(ref seed);
        _state1 = SplitMix(ref seed);
        _state2 = SplitMix(ref seed);
        _state3 = SplitMix(ref seed);
    }

    /// <summary>Starts a stream of its own for one named user of randomness. Give every actor one, named by its stable
    /// name: then no actor's draws depend on how often another one draws.</summary>
    public static SeededRandom ForStream(ulong seed, string streamName) =>
        new(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(streamName), unchecked((long)seed)));

    /// <summary>Draws 64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_state1 * 5, 7) * 9;
        var shifted = _state1 << 17;
        _state2 ^= _state0;
        _state3 ^= _state1;
        _state1 ^= _state2;
        _state0 ^= _state3;
        _state2 ^= shifted;
        _state3 = BitOperations.RotateLeft(_state3, 45);
        return result;
    }

    /// <summary>Draws uniformly from 0 … <paramref name="exclusiveMaximum"/> − 1, without modulo bias (Lemire, "Fast Random
    /// Integer Generation in an Interval", 2019).</summary>
    public long NextInt64(long exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMaximum);
        var range = (ulong)exclusiveMaximum;
        var high = Math.BigMul(NextUInt64(), range, out var low);
        if (low < range)
        {
            var threshold = unchecked(0UL - range) % range;
            while (low < threshold)
            {
                high = Math.BigMul(NextUInt64(), range, out low);
            }
        }

        return (long)high;
    }

    /// <summary>Draws uniformly from 0 … <paramref name="exclusiveMaximum"/> − 1.</summary>
    public int NextInt32(int exclusiveMaximum) => (int)NextInt64(exclusiveMaximum);

    /// <summary>Draws uniformly from [0, 1) in steps of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    private static ulong SplitMix(ref ulong state)
    {
        state = unchecked(state + 0x9E3779B97F4A7C15);
        var mixed = state;
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
        return mixed ^ (mixed >> 31);
    }
}
