using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace MmActors.Experiments.Checkpoints;

/// <summary>A piece of a checkpoint as it is stored: length and hash of what it holds, then that, compressed.</summary>
internal static class CheckpointChunk
{
    /// <summary>Bytes in a piece before compression; small enough for any database's row.</summary>
    public const int Size = 8 << 20;

    private const int HashLength = 16;
    private const int HeaderLength = sizeof(int) + HashLength;
    private const int FastestBrotli = 1;
    private const int Window = 22;

    /// <summary>Room that packing needs at most.</summary>
    public static readonly int MostPacked = HeaderLength + BrotliEncoder.GetMaxCompressedLength(Size);

    /// <summary>Packs what fits into one piece.</summary>
    /// <param name="bytes">At most <see cref="Size"/>.</param>
    /// <param name="room">At least <see cref="MostPacked"/>, overwritten.</param>
    public static byte[] Pack(ReadOnlySpan<byte> bytes, byte[] room)
    {
        BinaryPrimitives.WriteInt32LittleEndian(room, bytes.Length);
        XxHash128.Hash(bytes, room.AsSpan(sizeof(int)));
        return BrotliEncoder.TryCompress(bytes, room.AsSpan(HeaderLength), out int written, FastestBrotli, Window)
            ? room[..(HeaderLength + written)]
            : throw new InvalidOperationException("The compressor did not keep to the length it gave.");
    }

    /// <summary>What a piece holds; null when it is damaged.</summary>
    public static byte[]? Unpack(ReadOnlySpan<byte> packed)
    {
        if (packed.Length < HeaderLength || BinaryPrimitives.ReadInt32LittleEndian(packed) is not (>= 0 and <= Size and var length))
        {
            return null;
        }

        byte[] bytes = new byte[length];
        return BrotliDecoder.TryDecompress(packed[HeaderLength..], bytes, out int written) && written == length
            && XxHash128.Hash(bytes).AsSpan().SequenceEqual(packed.Slice(sizeof(int), HashLength)) ? bytes : null;
    }
}
