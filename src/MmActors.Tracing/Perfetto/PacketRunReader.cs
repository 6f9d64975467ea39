using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MmActors.Tracing.Perfetto;

/// <summary>Reads one sorted run, packet by packet.</summary>
internal sealed class PacketRunReader
{
    private readonly SafeFileHandle _file;
    private readonly long _end;
    private byte[] _buffer = new byte[1 << 14];
    private long _next;
    private int _from;
    private int _to;

    /// <summary>Begins in front of the first packet.</summary>
    public PacketRunReader(SafeFileHandle file, long begin, long end) => (_file, _next, _end) = (file, begin, end);

    /// <summary>The head of the packet.</summary>
    public PacketHead Head { get; private set; }

    /// <summary>The packet, until the next one is read.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_from - Head.Length, Head.Length);

    /// <summary>Goes to the next packet; false behind the last.</summary>
    public bool Read()
    {
        int headLength = Unsafe.SizeOf<PacketHead>();
        if (_from == _to && _next == _end)
        {
            return false;
        }

        Need(headLength);
        Head = MemoryMarshal.Read<PacketHead>(_buffer.AsSpan(_from));
        _from += headLength;
        Need(Head.Length);
        _from += Head.Length;
        return true;
    }

    /// <summary>So many bytes in the buffer.</summary>
    private void Need(int length)
    {
        if (_to - _from >= length)
        {
            return;
        }

        byte[] target = length <= _buffer.Length ? _buffer : new byte[2 * length];
        _buffer.AsSpan(_from, _to - _from).CopyTo(target);
        (_buffer, _from, _to) = (target, 0, _to - _from);
        while (_to < length)
        {
            int read = RandomAccess.Read(_file, _buffer.AsSpan(_to, (int)Math.Min(_buffer.Length - _to, _end - _next)), _next);
            _to += read > 0 ? read : throw new EndOfStreamException("a passing file of the trace is shorter than it was");
            _next += read;
        }
    }
}
