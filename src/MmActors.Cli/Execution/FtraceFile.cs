using System.Text;
using MmActors.Experiments.Running;
using MmActors.Tracing.Ftrace;

namespace MmActors.Cli.Execution;

/// <summary>The tracefs text of one run on its way to a file. The lines wait in a passing file, because the head in front of
/// them counts them.</summary>
internal sealed class FtraceFile : IDisposable
{
    private readonly string _path;
    private readonly string _body;
    private readonly StreamWriter _lines;
    private readonly UnfailingStream _stream;

    /// <summary>Opens the passing file.</summary>
    public FtraceFile(string path, RunRequest request, bool lab)
    {
        _path = path;
        _body = AtomicFile.Beside(path, "body");
        try
        {
            _stream = new UnfailingStream(new FileStream(_body, FileMode.Create, FileAccess.ReadWrite));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{path}': {fault.Message}");
        }

        _lines = new StreamWriter(_stream, new UTF8Encoding(false), bufferSize: 1 << 16);
        Writer = new FtraceWriter(
            _lines, FtraceFormat.Of(request.Variant.Switches, lab), request.Scenario.Uptime, request.Machine.Cpus);
    }

    /// <summary>Takes the events.</summary>
    public FtraceWriter Writer { get; }

    /// <summary>Puts the finished file in its place.</summary>
    public void Save()
    {
        _lines.Flush();
        if (_stream.Fault is { } fault)
        {
            throw new UsageException($"cannot write '{_path}': {fault.Message}");
        }

        AtomicFile.Write(_path, target =>
        {
            target.Write(Encoding.UTF8.GetBytes(Writer.Head()));
            _stream.CopyBackTo(target);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lines.Dispose();
        AtomicFile.Delete(_body);
    }

    /// <summary>A full disk must not look like a fault of the simulator: the first fault is kept, and what follows is
    /// dropped.</summary>
    private sealed class UnfailingStream(FileStream inner) : Stream
    {
        public IOException? Fault { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public void CopyBackTo(Stream target)
        {
            inner.Position = 0;
            inner.CopyTo(target);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                if (Fault is null)
                {
                    inner.Write(buffer);
                }
            }
            catch (IOException fault)
            {
                Fault = fault;
            }
        }

        public override void Flush()
        {
            try
            {
                inner.Flush();
            }
            catch (IOException fault)
            {
                Fault ??= fault;
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            try
            {
                inner.Dispose();
            }
            catch (IOException fault)
            {
                Fault ??= fault;
            }
        }
    }
}
