using System.Text;
using System.Text.Unicode;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Config;

/// <summary>Reads a configuration file into text without trusting it: size, encoding and control characters are
/// checked before any parser sees it, and never more than the limit is read.</summary>
internal static class ConfigText
{
    /// <summary>Largest file read; the biggest shipped one is under 1 % of it.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>How long a pipe may take to deliver the file before it is given up.</summary>
    private static readonly TimeSpan PipePatience = TimeSpan.FromSeconds(5);

    /// <summary>The whole file as text.</summary>
    public static string Read(string path)
    {
        try
        {
            return Decode(path, ReadBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException or System.Security.SecurityException)
        {
            throw new ScenarioException(path, null, $"cannot be read: {Suggestion.Shorten(e.Message)}");
        }
    }

    private static byte[] ReadBytes(string path)
    {
        if (Directory.Exists(path))
        {
            throw new ScenarioException(path, null, "is a directory; name one .yaml file in it");
        }

        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new ScenarioException(path, null, "no such file");
        }

        if (info.Length > MaxBytes)
        {
            throw TooLarge(path);
        }

        if (info.Length > 0)
        {
            return ReadBounded(path);
        }

        // Length 0: an empty file, or a pipe or device, which may block for ever.
        var reading = Task.Factory.StartNew(
            () => ReadBounded(path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return reading.Wait(PipePatience)
                ? reading.Result
                : throw new ScenarioException(path, null, "nothing arrives from it; name a regular file");
        }
        catch (AggregateException e) when (e.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    private static byte[] ReadBounded(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[16 << 10];
        var used = 0;
        while (true)
        {
            var read = stream.Read(buffer, used, buffer.Length - used);
            if (read == 0)
            {
                return buffer[..used];
            }

            used += read;
            if (used > MaxBytes)
            {
                throw TooLarge(path);
            }

            if (used == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(2 * buffer.Length, MaxBytes + 1));
            }
        }
    }

    private static ScenarioException TooLarge(string path) =>
        new(path, null, "is larger than 1 MiB, the limit for a configuration file");

    private static string Decode(string path, byte[] bytes)
    {
        ReadOnlySpan<byte> content = bytes;
        if (content is [0xEF, 0xBB, 0xBF, ..])
        {
            content = content[3..];
        }

        if (!Utf8.IsValid(content))
        {
            var (line, bad) = FirstInvalid(content);
            throw new ScenarioException(path, line, $"is not UTF-8 text: byte 0x{bad:x2}");
        }

        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] < 0x20 && content[i] is not ((byte)'\t' or (byte)'\n' or (byte)'\r'))
            {
                throw new ScenarioException(
                    path, LineAt(content[..i]), $"is not a text file: control character 0x{content[i]:x2}");
            }
        }

        return Encoding.UTF8.GetString(content);
    }

    private static (int Line, byte Bad) FirstInvalid(ReadOnlySpan<byte> content)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(content[at..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            at += consumed;
        }

        return (LineAt(content[..at]), content[at]);
    }

    private static int LineAt(ReadOnlySpan<byte> before) => 1 + before.Count((byte)'\n');
}
