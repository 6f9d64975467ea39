using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace MmActors.Runtime.Tracing;

/// <summary>Turns a stream of values into 128 bits that are equal exactly when the streams are, on every machine: little
/// endian, strings as UTF-8 after their length in bytes, hashed with XxHash128. Appending allocates nothing. The method
/// names carry the width on purpose: with overloads, a change of a field's type would silently change the format.</summary>
public sealed class CanonicalHasher
{
    private const int BufferSize = 4096;

    private readonly XxHash128 _hash = new();
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly Stream? _copy;
    private int _used;
    private long _flushed;

    /// <summary>Starts an empty stream.</summary>
    /// <param name="copy">Also receives every byte, when given; complete after <see cref="Finish"/>.</param>
    public CanonicalHasher(Stream? copy = null)
    {
        _copy = copy;
    }

    /// <summary>Bytes appended since the start.</summary>
    public long Length => _flushed + _used;

    /// <summary>Appends one byte.</summary>
    public void AppendByte(byte value)
    {
        Reserve(sizeof(byte));
        _buffer[_used++] = value;
    }

    /// <summary>Appends four bytes.</summary>
    public void AppendInt32(int value)
    {
        Reserve(sizeof(int));
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_used), value);
        _used += sizeof(int);
    }

    /// <summary>Appends eight bytes.</summary>
    public void AppendInt64(long value)
    {
        Reserve(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(_used), value);
        _used += sizeof(long);
    }

    /// <summary>Appends the length in bytes (four bytes) and the UTF-8 text.</summary>
    public void AppendString(string value)
    {
        var byteCount = Encoding.UTF8.GetByteCount(value);
        AppendInt32(byteCount);
        if (byteCount <= BufferSize)
        {
            Reserve(byteCount);
            _used += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_used));
        }
        else
        {
            AppendSpan(Encoding.UTF8.GetBytes(value));
        }
    }

    /// <summary>Appends the bytes as they are. No length goes before them: append it first if it can vary.</summary>
    public void AppendSpan(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= BufferSize - _used)
        {
            bytes.CopyTo(_buffer.AsSpan(_used));
            _used += bytes.Length;
            return;
        }

        Flush();
        _hash.Append(bytes);
        _copy?.Write(bytes);
        _flushed += bytes.Length;
    }

    /// <summary>The hash of everything appended so far, as 32 lower-case hexadecimal digits. Appending may go on.</summary>
    public string Finish()
    {
        Flush();
        Span<byte> digest = stackalloc byte[16];
        _hash.GetCurrentHash(digest);
        return Convert.ToHexStringLower(digest);
    }

    /// <summary>Starts over with an empty stream. What went to the copy stays there.</summary>
    public void Reset()
    {
        _hash.Reset();
        _used = 0;
        _flushed = 0;
    }

    private void Reserve(int byteCount)
    {
        if (_used + byteCount > BufferSize)
        {
            Flush();
        }
    }

    private void Flush()
    {
        var pending = _buffer.AsSpan(0, _used);
        _hash.Append(pending);
        _copy?.Write(pending);
        _flushed += _used;
        _used = 0;
    }
}
