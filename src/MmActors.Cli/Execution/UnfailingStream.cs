namespace MmActors.Cli.Execution;

/// <summary>A full disk must not look like a fault of the simulator: the first fault is kept, and what follows is
/// dropped.</summary>
internal sealed class UnfailingStream(Stream inner) : Stream
{
    /// <summary>What went wrong first; null as long as nothing did.</summary>
    public IOException? Fault { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => inner.Length;

    /// <inheritdoc/>
    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
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

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
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
