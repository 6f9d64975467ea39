using MmActors.Runtime.Checkpoints;
using MmActors.Runtime.Checkpoints.Graphs;

namespace MmActors.Runtime.Tests.Checkpoints;

/// <summary>Graphs of objects as bytes and back.</summary>
public class GraphTests
{
    [Fact]
    public void Every_kind_of_field_comes_back()
    {
        Everything copy = Copy(new Everything());

        Assert.Equal((7, "text\ud800", 2.5, true, 'x', DayOfWeek.Friday), (copy.Number, copy.Text, copy.Real, copy.Flag, copy.Letter, copy.Day));
        Assert.Equal(3, copy.Some);
        Assert.Null(copy.None);
        Assert.Equal(new TimeSpan(4), copy.Time);
        Assert.Equal(new Padded(1, 2L, 3), copy.Padded);
        Assert.Equal([1L, 2L, 3L], copy.Longs);
        Assert.Equal(new int[,] { { 1, 2 }, { 3, 4 } }, copy.Table);
        Assert.Equal((8, "pair"), copy.Pair);
        Assert.Equal(9, Assert.IsType<int>(copy.Boxed));
        Assert.Same(copy.Shared, copy.Again);
        Assert.Same(copy, copy.Self);
        Assert.Same(Singleton.Instance, copy.Single);
        Assert.Equal(typeof(List<Padded>), copy.Type);
        Assert.Null(copy.Forgotten);
    }

    [Fact]
    public void Functions_come_back_with_what_they_hold()
    {
        int added = 5;
        Func<int, int> closure = value => value + added;
        Func<int, int> plain = static value => value * 2;
        Action<List<int>> both = static list => list.Add(1);
        both += list => list.Add(added);
        var copy = Copy(new object[] { closure, plain, both, new Func<int, int>(new Adder { By = 3 }.Add), new Func<string, int>(Generic) });

        Assert.Equal(12, ((Func<int, int>)copy[0])(7));
        Assert.Equal(14, ((Func<int, int>)copy[1])(7));
        List<int> list = [];
        ((Action<List<int>>)copy[2])(list);
        Assert.Equal([1, 5], list);
        Assert.Equal(10, ((Func<int, int>)copy[3])(7));
        Assert.Equal(6, ((Func<string, int>)copy[4])("String"));
    }

    [Fact]
    public void An_iterator_goes_on_where_it_stood()
    {
        IEnumerator<int> count = Count().GetEnumerator();
        count.MoveNext();
        count.MoveNext();
        IEnumerator<int> copy = Copy(new Holder(count)).Count;
        Assert.True(copy.MoveNext());
        Assert.Equal(3, copy.Current);
        Assert.Equal(2, count.Current);
    }

    /// <summary>The kept places are what later additions fill: without them the two would part in order.</summary>
    [Fact]
    public void A_dictionary_keeps_its_order_through_further_changes()
    {
        var names = new Dictionary<string, int>();
        var objects = new HashSet<Adder>(ReferenceEqualityComparer.Instance);
        for (int number = 0; number < 100; number++)
        {
            names[$"name{number}"] = number;
            objects.Add(new Adder { By = number });
        }

        Thin(names, objects);
        (Dictionary<string, int> namesCopy, HashSet<Adder> objectsCopy) = Copy(new Tuple<Dictionary<string, int>, HashSet<Adder>>(names, objects));
        Assert.All(objectsCopy, one => Assert.Contains(one, objectsCopy));
        Assert.Equal(names.Keys, namesCopy.Keys);
        for (int number = 200; number < 230; number++)
        {
            names[$"name{number}"] = number;
            namesCopy[$"name{number}"] = number;
        }

        Assert.Equal(names, namesCopy);
        Assert.Equal(names.Keys, namesCopy.Keys);
        Assert.All(names, pair => Assert.Equal(pair.Value, namesCopy[pair.Key]));
    }

    [Fact]
    public void Depth_is_no_matter()
    {
        Link? chain = null;
        for (int number = 0; number < 1_000_000; number++)
        {
            chain = new Link(chain);
        }

        int length = 0;
        for (Link? at = Copy(chain!); at is not null; at = at.Next)
        {
            length++;
        }

        Assert.Equal(1_000_000, length);
    }

    [Fact]
    public void Equal_graphs_give_equal_bytes_and_what_differs_does_not()
    {
        string hash = RunCheckpoint.HashOf(new Everything());
        Assert.Equal(hash, RunCheckpoint.HashOf(new Everything()));
        Assert.Equal(hash, RunCheckpoint.HashOf(Copy(new Everything())));
        Assert.NotEqual(hash, RunCheckpoint.HashOf(new Everything { Number = 8 }));
    }

    public static TheoryData<object, string> Unfit => new()
    {
        { new Thread(static () => { }), "Inner.Value, a System.Threading.Thread: objects of this type belong to the process" },
        { new MemoryStream(), "Inner.Value, a System.IO.MemoryStream: " },
        { new WeakReference(new object()), "Inner.Value, a System.WeakReference: " },
        { new Address(77), "Inner.Value.Pointer, a System.IntPtr: addresses mean nothing in another process" },
        { System.Collections.Immutable.ImmutableDictionary<string, int>.Empty.Add("a", 1), "its order is that of hash codes" },
        { new object[] { "fine", new CancellationTokenSource() }, "Inner.Value[], a System.Threading.CancellationTokenSource: " },
    };

    [Theory]
    [MemberData(nameof(Unfit), DisableDiscoveryEnumeration = true)]
    public void What_is_no_mere_data_is_refused_with_the_way_to_it(object unfit, string message)
    {
        var fault = Assert.Throws<CheckpointException>(() => Copy(new Outer(new Inner(unfit))));
        Assert.Contains(message, fault.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(1600)]
    public void An_array_comes_back_whichever_byte_of_it_is_used(int length)
    {
        for (int used = 0; used < length; used++)
        {
            byte[] bytes = new byte[length];
            bytes[used] = 1;
            bytes[length - 1 - used] |= 2;
            Assert.Equal(bytes, Copy(bytes));
        }

        Assert.Equal(Enumerable.Repeat((byte)9, length), Copy(Enumerable.Repeat((byte)9, length).ToArray()));
    }

    [Fact]
    public void What_is_zero_takes_one_byte_for_512()
    {
        long[] longs = new long[64_000]; // 1000 groups of 512 bytes
        int empty = Write(longs).Length;
        Assert.InRange(empty - Write(new long[64]).Length, 999, 1003); // and the length in more digits

        longs[30_000] = 1; // and the 64 bytes around it
        Assert.Equal(empty + 64, Write(longs).Length);
    }

    [Fact]
    public void Bytes_that_end_early_are_refused()
    {
        byte[] bytes = Write(new Everything());
        Assert.Throws<CheckpointException>(() => Read(bytes[..^1]));
    }

    private static T Copy<T>(T root)
        where T : class
        => (T)Read(Write(root));

    private static byte[] Write(object root) =>
        [.. new GraphWriter().Write(root, new Unbound()).SelectMany(static block => block.ToArray())];

    /// <summary>In blocks of seven bytes, so that everything lies across a border once.</summary>
    private static object Read(byte[] bytes) =>
        new GraphReader(new PayloadReader(bytes.Chunk(7).Select(static chunk => new ReadOnlyMemory<byte>(chunk))), new Unbound()).Read();

    private static void Thin(Dictionary<string, int> names, HashSet<Adder> objects)
    {
        foreach (int number in (int[])[3, 50, 51, 97, 4])
        {
            names.Remove($"name{number}");
            objects.RemoveWhere(one => one.By == number);
        }
    }

    private static IEnumerable<int> Count()
    {
        for (int number = 1; ; number++)
        {
            yield return number;
        }
    }

    private static int Generic<T>(T value) => typeof(T).Name.Length;

    private sealed class Unbound : IReferenceBinder
    {
        public string? NameOf(object value, out bool hasFields)
        {
            hasFields = false;
            return null;
        }

        public object Find(string name) => throw new InvalidOperationException(name);
    }

    private readonly record struct Padded(byte Small, long Large, short Last);

    private readonly record struct Address(nint Pointer);

    private sealed record Outer(Inner Inner);

    private sealed record Inner(object Value);

    private sealed record Holder(IEnumerator<int> Count);

    private sealed class Link(Link? next)
    {
        public Link? Next { get; } = next;
    }

    private sealed class Adder
    {
        public int By { get; init; }

        public int Add(int value) => value + By;
    }

    private sealed class Singleton
    {
        public static readonly Singleton Instance = new();
    }

    private sealed class Everything
    {
        private readonly double _real = 2.5;

        [NotInCheckpoint]
        private readonly object? _forgotten = new();

        public Everything()
        {
            Again = Shared;
            Self = this;
        }

        public int Number { get; init; } = 7;

        public string Text { get; } = "text\ud800";

        public double Real => _real;

        public bool Flag { get; } = true;

        public char Letter { get; } = 'x';

        public DayOfWeek Day { get; } = DayOfWeek.Friday;

        public int? Some { get; } = 3;

        public int? None { get; }

        public TimeSpan Time { get; } = new(4);

        public Padded Padded { get; } = new(1, 2L, 3);

        public long[] Longs { get; } = [1, 2, 3];

        public int[,] Table { get; } = new int[,] { { 1, 2 }, { 3, 4 } };

        public (int, string) Pair { get; } = (8, "pair");

        public object Boxed { get; } = 9;

        public object Shared { get; } = new();

        public object Again { get; }

        public Everything Self { get; }

        public Singleton Single { get; } = Singleton.Instance;

        public Type Type { get; } = typeof(List<Padded>);

        public object? Forgotten => _forgotten;
    }
}
