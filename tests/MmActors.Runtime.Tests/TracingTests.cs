using System.IO.Hashing;
using System.Text;
using Akka.Actor;
using MmActors.Runtime.Tracing;

namespace MmActors.Runtime.Tests;

public class TracingTests
{
    [Fact]
    public void Values_are_hashed_as_little_endian_bytes_with_length_prefixed_text()
    {
        var hasher = new CanonicalHasher();
        hasher.AppendByte(0xAB);
        hasher.AppendInt32(0x01020304);
        hasher.AppendInt64(-2);
        hasher.AppendString("fé");
        hasher.AppendSpan([9, 8]);
        byte[] expected =
        [
            0xAB, 4, 3, 2, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 3, 0, 0, 0, (byte)'f', 0xC3, 0xA9, 9, 8,
        ];
        Assert.Equal(expected.Length, hasher.Length);
        Assert.Equal(Convert.ToHexStringLower(XxHash128.Hash(expected)), hasher.Finish());
    }

    [Fact]
    public void The_empty_stream_has_the_published_hash()
    {
        Assert.Equal("99aa06d3014798d86001c324468d497f", new CanonicalHasher().Finish()); // xxHash's own value for XXH3 128, seed 0
    }

    [Fact]
    public void Pieces_of_any_size_hash_as_their_whole()
    {
        var random = new SeededRandom(5);
        using var copy = new MemoryStream();
        var hasher = new CanonicalHasher(copy);
        for (var piece = 0; piece < 400; piece++)
        {
            var bytes = new byte[random.NextInt32(piece % 40 == 0 ? 20_000 : 60)];
            hasher.AppendSpan(bytes);
            hasher.AppendInt64((long)random.NextUInt64());
            hasher.AppendString(new string('x', random.NextInt32(piece % 50 == 0 ? 9_000 : 30)));
        }

        var hash = hasher.Finish();
        Assert.Equal(Convert.ToHexStringLower(XxHash128.Hash(copy.ToArray())), hash);
        Assert.Equal(copy.Length, hasher.Length);
        Assert.Equal(hash, hasher.Finish());
        hasher.AppendByte(1);
        Assert.NotEqual(hash, hasher.Finish());
        hasher.Reset();
        Assert.Equal(new CanonicalHasher().Finish(), hasher.Finish());
    }

    [Fact]
    public void Appending_allocates_nothing()
    {
        var hasher = new CanonicalHasher();
        Fill(hasher);

        // Of a few times the least: now and then the runtime itself allocates something on the thread that happens to run.
        var least = Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Fill(hasher);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, least);
    }

    [Fact]
    public void A_trace_holds_paths_and_types_and_nothing_of_the_process()
    {
        using var copy = new MemoryStream();
        using var host = SimHost.Start(new SimSettings { Name = "secret", Trace = true, TraceCopy = copy });
        var actor = host.System.ActorOf(LambdaActor.Of(static (_, _) => { }), "target");
        actor.Tell(new List<int> { 1 });
        actor.Tell("text", actor);
        host.Kernel.RunUntilQuiescent();
        var trace = host.Kernel.Trace!;
        Assert.Equal(2, trace.Deliveries);
        Assert.Equal(32, trace.HashHex.Length);
        Assert.Equal(trace.Length, copy.Length);
        var text = Encoding.UTF8.GetString(copy.ToArray());
        Assert.Contains("/user/target", text, StringComparison.Ordinal);
        Assert.Contains("System.Collections.Generic.List`1[System.Int32]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Version=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("#", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_tracing_there_is_no_trace()
    {
        using var host = SimHost.Start();
        Assert.Null(host.Kernel.Trace);
    }

    private static void Fill(CanonicalHasher hasher)
    {
        for (var index = 0; index < 10_000; index++)
        {
            hasher.AppendInt64(index);
            hasher.AppendInt32(index);
            hasher.AppendByte(7);
            hasher.AppendString("page_referenced");
        }
    }
}
