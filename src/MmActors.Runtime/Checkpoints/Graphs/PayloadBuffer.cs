using System.Buffers.Binary;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Takes bytes one after the other into blocks of equal size, so that gigabytes are written without ever being copied to
/// a larger array. Clearing keeps the blocks for the next time.</summary>
public sealed class PayloadBuffer
{
    /// <summary>Bytes that are left out together if all of them are zero.</summary>
    internal const int SparseStretch = 64;

    /// <summary>Bytes for which one mask stands.</summary>
    internal const int SparseGroup = 8 * SparseStretch;

    private const int BlockSize = 1 << 20;

    private readonly List<byte[]> _blocks = [];
    private byte[] _current = [];
    private int _used;
    private int _full;

    /// <summary>Bytes written.</summary>
    public long Length => _full == 0 ? 0 : ((long)(_full - 1) * BlockSize) + _used;

    /// <summary>What was written, in order; valid until <see cref="Clear"/>.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Blocks
    {
        get
        {
            for (var index = 0; index < _full; index++)
            {
                yield return _blocks[index].AsMemory(0, index == _full - 1 ? _used : BlockSize);
            }
        }
    }

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        _current = [];
        _used = 0;
        _full = 0;
    }

    /// <summary>Appends one byte.</summary>
    public void WriteByte(byte value)
    {
        if (_used == _current.Length)
        {
            NextBlock();
        }

        _current[_used++] = value;
    }

    /// <summary>Appends a number below 2³¹ in one to five bytes, small ones in one.</summary>
    public void WriteNumber(int value)
    {
        var rest = (uint)value;
        while (rest >= 0x80)
        {
            WriteByte((byte)(rest | 0x80));
            rest >>= 7;
        }

        WriteByte((byte)rest);
    }

    /// <summary>Appends bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_used == _current.Length)
            {
                NextBlock();
            }

            var part = bytes[..Math.Min(bytes.Length, _current.Length - _used)];
            part.CopyTo(_current.AsSpan(_used));
            _used += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>Appends bytes of which many may be zero, as the tables of a machine's pages and swap slots are: stretches of 64 bytes,
    /// after each mask of those of the next eight that hold anything.</summary>
    public void WriteSparse(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var group = bytes[..Math.Min(bytes.Length, SparseGroup)];
            bytes = bytes[group.Length..];
            byte mask = 0;
            for (var start = 0; start < group.Length; start += SparseStretch)
            {
                var isUsed = Stretch(group, start).ContainsAnyExcept((byte)0);
                mask |= (byte)(isUsed ? 1 << (start / SparseStretch) : 0);
            }

            WriteByte(mask);
            if (mask == byte.MaxValue)
            {
                WriteBytes(group);
                continue;
            }

            for (var start = 0; start < group.Length; start += SparseStretch)
            {
                if ((mask & (1 << (start / SparseStretch))) != 0)
                {
                    WriteBytes(Stretch(group, start));
                }
            }
        }
    }

    private static ReadOnlySpan<byte> Stretch(ReadOnlySpan<byte> group, int start) =>
        group.Slice(start, Math.Min(SparseStretch, group.Length - start));

    /// <summary>Appends a text: length and UTF-16 code units, which keeps even what is no valid text.</summary>
    public void WriteText(string text)
    {
        WriteNumber(text.Length);
        Span<byte> unit = stackalloc byte[sizeof(char)];
        foreach (var letter in text)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(unit, letter);
            WriteBytes(unit);
        }
    }

    private void NextBlock()
    {
        if (_full == _blocks.Count)
        {
            _blocks.Add(new byte[BlockSize]);
        }

        _current = _blocks[_full++];
        _used = 0;
    }
}
