using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmActors.Tracing.Output;

namespace MmActors.Tracing.Perfetto;

/// <summary>A passing file of packets in sorted runs, one run behind the other. It is gone once it is closed, and also when the
/// process is killed: gigabytes that nobody knows of would be left behind otherwise.</summary>
internal sealed class PacketRuns(string path) : IDisposable
{
    private readonly SafeFileHandle _file = Open(path);
    private readonly List<(long Begin, long End)> _runs = [];
    private readonly byte[] _waiting = new byte[1 << 16];
    private int _filled;
    private long _written;

    /// <summary>Runs in the file.</summary>
    public int Count => _runs.Count;

    /// <summary>Adds a packet to the run that is being written; the keys must go up.</summary>
    public void Append(in PacketHead head, ReadOnlySpan<byte> bytes)
    {
        PacketHead copy = head;
        Append(MemoryMarshal.AsBytes(new ReadOnlySpan<PacketHead>(in copy)));
        Append(bytes);
    }

    /// <summary>The run ends here.</summary>
    public void EndRun()
    {
        Flush();
        _runs.Add((_runs.Count == 0 ? 0 : _runs[^1].End, _written));
    }

    /// <summary>Readers of all runs, each at its first packet.</summary>
    public IEnumerable<PacketRunReader> Readers() => _runs.Select(run => new PacketRunReader(_file, run.Begin, run.End));

    /// <summary>All runs have been merged into another file: begins anew, and gives the disk its space back.</summary>
    public void Clear()
    {
        _runs.Clear();
        _written = 0;
        RandomAccess.SetLength(_file, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>On Windows the system deletes it when it is closed, by whatever; elsewhere a file needs no name to be open.</summary>
    private static SafeFileHandle Open(string path)
    {
        bool isWindows = OperatingSystem.IsWindows();
        SafeFileHandle file = File.OpenHandle(
            path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, isWindows ? FileOptions.DeleteOnClose : FileOptions.None);
        if (!isWindows)
        {
            AtomicFile.Delete(path);
        }

        return file;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int fits = Math.Min(bytes.Length, _waiting.Length - _filled);
            bytes[..fits].CopyTo(_waiting.AsSpan(_filled));
            _filled += fits;
            bytes = bytes[fits..];
            if (_filled == _waiting.Length)
            {
                Flush();
            }
        }
    }

    private void Flush()
    {
        RandomAccess.Write(_file, _waiting.AsSpan(0, _filled), _written);
        _written += _filled;
        _filled = 0;
    }
}
