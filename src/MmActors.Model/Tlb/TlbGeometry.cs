using System.Numerics;

namespace MmActors.Model.Tlb;

/// <summary>Shape of one set-associative translation buffer; one set means fully associative.</summary>
/// <param name="Sets">A power of two; the low bits of the page number select the set.</param>
/// <param name="Ways">Entries per set, 1…64.</param>
public readonly record struct TlbLevel(int Sets, int Ways)
{
    /// <summary>Translations the level can hold.</summary>
    public int Entries => Sets * Ways;

    internal void Check(string name)
    {
        if (Sets <= 0 || !BitOperations.IsPow2(Sets) || Ways is < 1 or > 64)
        {
            throw new ArgumentException($"{name}: {Sets} sets of {Ways} ways; sets must be a power of two, ways 1 to 64");
        }
    }
}

/// <summary>Shape of a two-level data TLB as <see cref="ExactTlb"/> simulates it. Replacement is true LRU everywhere, an
/// assumption: real parts use undisclosed approximations of it.</summary>
public sealed record TlbGeometry
{
    /// <summary>First level for 4 KiB pages.</summary>
    public required TlbLevel FirstSmall { get; init; }

    /// <summary>First level for 2 MiB pages.</summary>
    public required TlbLevel FirstHuge { get; init; }

    /// <summary>Second level; a hit there costs no page walk.</summary>
    public required TlbLevel Second { get; init; }

    /// <summary>Whether 2 MiB translations share the second level; if not, they walk after a first-level miss.</summary>
    public required bool SecondHoldsHuge { get; init; }

    /// <summary>Second level of 1536 entries, 12-way, shared by both page sizes, over 64 entries 4-way and 32 huge entries.
    /// Source: Intel 64 and IA-32 Architectures Optimization Reference Manual, TLB parameters of the Skylake client
    /// microarchitecture. Assumption: the 32 huge entries (4-way there) are fully associative.</summary>
    public static TlbGeometry Second1536 { get; } = new()
    {
        FirstSmall = new TlbLevel(16, 4),
        FirstHuge = new TlbLevel(1, 32),
        Second = new TlbLevel(128, 12),
        SecondHoldsHuge = true,
    };

    /// <summary>The same first level over 2048 entries, 16-way: the E = 2048 the access cost presets assume (CM-3).
    /// Assumption: no particular part; size and associativity of a current server core's second level.</summary>
    public static TlbGeometry Second2048 { get; } = Second1536 with { Second = new TlbLevel(128, 16) };
}
