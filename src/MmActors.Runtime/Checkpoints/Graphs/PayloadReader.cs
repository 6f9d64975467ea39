using System.Buffers.Binary;

namespace MmActors.Runtime.Checkpoints.Graphs;

/// <summary>Reads what <see cref="PayloadBuffer"/> wrote, from blocks of any size that may still be on their way.</summary>
public sealed class PayloadReader(IEnumerable<ReadOnlyMemory<byte>> blocks) : IDisposable
{
    private readonly IEnumerator<ReadOnlyMemory<byte>> _blocks = blocks.GetEnumerator();
    private ReadOnlyMemory<byte> _current;
    private int _position;

    /// <summary>The next byte.</summary>
    public byte ReadByte()
    {
        if (_position == _current.Length)
        {
            NextBlock();
        }

        return _current.Span[_position++];
    }

    /// <summary>The next number.</summary>
    public int ReadNumber()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = ReadByte();
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return (int)value;
            }
        }

        throw new CheckpointException("a number in the checkpoint has no end");
    }

    /// <summary>The next bytes, as many as fit.</summary>
    public void ReadBytes(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_position == _current.Length)
            {
                NextBlock();
            }

            var part = _current.Span.Slice(_position, Math.Min(bytes.Length, _current.Length - _position));
            part.CopyTo(bytes);
            _position += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>The next bytes of those that were written as many zeros, as many as fit.</summary>
    public void ReadSparse(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var group = bytes[..Math.Min(bytes.Length, PayloadBuffer.SparseGroup)];
            bytes = bytes[group.Length..];
            var mask = ReadByte();
            for (var start = 0; start < group.Length; start += PayloadBuffer.SparseStretch)
            {
                var stretch = group.Slice(start, Math.Min(PayloadBuffer.SparseStretch, group.Length - start));
                if ((mask & (1 << (start / PayloadBuffer.SparseStretch))) != 0)
                {
                    ReadBytes(stretch);
                }
                else
                {
                    stretch.Clear();
                }
            }
        }
    }

    /// <summary>The next text.</summary>
    public string ReadText() => string.Create(ReadNumber(), this, static (letters, reader) =>
    {
        Span<byte> unit = stackalloc byte[sizeof(char)];
        foreach (ref var letter in letters)
        {
            reader.ReadBytes(unit);
            letter = (char)BinaryPrimitives.ReadUInt16LittleEndian(unit);
        }
    });

    /// <inheritdoc/>
    public void Dispose() => _blocks.Dispose();

    private void NextBlock()
    {
        do
        {
            if (!_blocks.MoveNext())
            {
                throw new CheckpointException("the checkpoint ends too early");
            }

            _current = _blocks.Current;
            _position = 0;
        }
        while (_current.IsEmpty);
    }
}
