namespace MmActors.Tracing.Output;

/// <summary>Writes a file beside its place and then puts it there in one step: a reader, a full disk or Ctrl-C never meets
/// half a file, and what stood there before is not lost.</summary>
public static class AtomicFile
{
    /// <summary>Replaces or creates a file.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="write">Writes the content; what it throws leaves the old file as it was.</param>
    public static void Write(string path, Action<Stream> write)
    {
        string beside = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
