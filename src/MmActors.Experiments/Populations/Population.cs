using System.Globalization;
using MmActors.Experiments.Populations.Programs;
using MmActors.Model.Costs;
using MmActors.Model.Programs;
using MmActors.Model.Units;

namespace MmActors.Experiments.Populations;

/// <summary>The tasks of one world: a fixed number of places, each of one class; a place whose task has ended is empty for an
/// exponentially distributed time, then the next task of the class comes. Everything about a task is drawn from the seed by
/// its name.</summary>
public sealed class Population : IPopulation
{
    private const int OverrunTimes = 4;
    private static readonly ProcessImage Image = new(7, 3) { OwnPages = 21, TouchedPages = 11, FilePages = 195 };
    private readonly PopulationSpec _spec;
    private readonly ByteSize _memory;
    private readonly ulong _seed;
    private readonly Place[] _places;

    /// <summary>The population of a machine.</summary>
    /// <param name="spec">Its classes.</param>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="seed">Seed of the run.</param>
    public Population(PopulationSpec spec, ByteSize memory, ulong seed)
    {
        _spec = spec;
        _memory = memory;
        _seed = seed;
        _places = Places(spec);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Arrival> Begin() => [.. Enumerable.Range(0, _places.Length).Select(Next)];

    /// <inheritdoc/>
    public Arrival? Follow(int slot) => Next(slot);

    /// <summary>Places of each class: as its weight, the largest remainders rounded up.</summary>
    internal static int[] Shares(PopulationSpec spec)
    {
        double total = spec.Classes.Sum(static one => (double)one.Weight);
        double[] exact = [.. spec.Classes.Select(one => spec.Tasks * one.Weight / total)];
        int[] shares = [.. exact.Select(static share => (int)share)];
        foreach (int index in Enumerable.Range(0, shares.Length).OrderByDescending(index => exact[index] - shares[index]).ToArray())
        {
            shares[index] += shares.Sum() < spec.Tasks ? 1 : 0;
        }

        return shares;
    }

    private static Place[] Places(PopulationSpec spec)
    {
        int[] shares = Shares(spec);
        List<Place> places = [];
        for (int index = 0; index < shares.Length; index++)
        {
            for (int number = 1; number <= shares[index]; number++)
            {
                places.Add(new Place(spec.Classes[index], number, shares[index]));
            }
        }

        return [.. places];
    }

    private Arrival Next(int slot)
    {
        Place place = _places[slot];
        PopulationClass own = place.Class;
        string name = string.Create(CultureInfo.InvariantCulture, $"{own.Name}-{place.Number}.{++place.Generation}");
        var random = new RandomStream(_seed, "population/" + name);
        TimeSpan delay = Exponential(own.Gap ?? _spec.Gap, random);
        ProgramTraits traits = Draw(place, name, random);
        string group = own.Cgroups.IsEmpty ? "" : own.Cgroups[(place.Number - 1) % own.Cgroups.Length];
        var task = new TaskSpec(name, TimeSpan.Zero, Image, [], 0) { Cgroup = group };
        return new Arrival(slot, delay, task, traits.Program());
    }

    private ProgramTraits Draw(Place place, string name, RandomStream random)
    {
        PopulationClass own = place.Class;
        double share = _memory.Bytes * own.MemoryPercent / 100 / place.Peers;
        double size = share * (0.5 + random.NextDouble()) * (random.NextDouble() * 100 < own.OverrunPercent ? OverrunTimes : 1);
        int ranges = (int)Math.Clamp(size / Geometry.PmdSize, 1, _memory.Bytes / 2 / Geometry.PmdSize);
        HugeAdvice huge = own.Huge != HugeAdvice.Mixed ? own.Huge : (HugeAdvice)(1 + random.NextBelow(3));
        return new ProgramTraits(name, own, ranges, Exponential(own.Lifetime, random), huge, random);
    }

    /// <summary>An exponentially distributed time, cut off at six times its mean. By von Neumann's comparisons ("Various
    /// techniques used in connection with random digits", 1951): no logarithm, whose last bit may differ between
    /// machines.</summary>
    private static TimeSpan Exponential(TimeSpan mean, RandomStream random)
    {
        const int Longest = 6;
        for (int whole = 0; whole < Longest; whole++)
        {
            double first = random.NextDouble();
            double last = first;
            int falling = 1;
            for (double next = random.NextDouble(); next < last; next = random.NextDouble())
            {
                last = next;
                falling++;
            }

            if (falling % 2 == 1)
            {
                return mean * (whole + first);
            }
        }

        return mean * Longest;
    }

    private sealed class Place(PopulationClass own, int number, int peers)
    {
        public PopulationClass Class { get; } = own;

        public int Number { get; } = number;

        public int Peers { get; } = peers;

        /// <summary>Tasks it has had.</summary>
        public long Generation { get; set; }
    }
}
