using System.IO.Compression;
using System.Text;
using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;

namespace MmActors.Experiments.Traces;

/// <summary>The lines of a trace file, plain or compressed by gzip, read without trusting it: a line and the number of
/// lines have limits, and whatever goes wrong is one fault with file and line.</summary>
internal sealed class TraceText : IDisposable
{
    /// <summary>Longest line in characters; the kernel's own limit is 8192.</summary>
    public const int MaxLine = 1 << 16;

    /// <summary>Most lines read.</summary>
    public const int MaxLines = 20_000_000;

    private readonly string _file;
    private readonly StreamReader _reader;
    private readonly char[] _buffer = new char[1 << 15];
    private readonly StringBuilder _partial = new();
    private int _at;
    private int _used;

    private TraceText(string file, Stream stream)
    {
        _file = file;
        _reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    /// <summary>Lines handed out so far.</summary>
    public int Line { get; private set; }

    /// <summary>The last line handed out has no line end: the file stops in the middle of it.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Opens a file; what kind it is, its first bytes say.</summary>
    public static TraceText Open(string path)
    {
        try
        {
            if (path.Length == 0 || Directory.Exists(path))
            {
                throw new ScenarioException(path, null, "is not a file; name the text of one trace");
            }

            return From(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        }
        catch (Exception e) when (IsReadFault(e))
        {
            string message = e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message;
            throw new ScenarioException(path, null, $"cannot be read: {Suggestion.Shorten(message)}");
        }
    }

    /// <summary>Reads a stream; one that cannot seek is taken as plain text.</summary>
    public static TraceText From(string file, Stream stream)
    {
        if (!stream.CanSeek)
        {
            return new TraceText(file, stream);
        }

        Span<byte> magic = stackalloc byte[10];
        magic = magic[..stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (magic.StartsWith("\u0017\bDtracing"u8))
        {
            stream.Dispose();
            throw new ScenarioException(
                file, null, "is the binary file of trace-cmd; give its text: trace-cmd report -i FILE > trace.txt");
        }

        return new TraceText(
            file, magic is [0x1f, 0x8b, ..] ? new GZipStream(stream, CompressionMode.Decompress) : stream);
    }

    /// <summary>The next line without its end, or null after the last.</summary>
    public string? Next()
    {
        try
        {
            return ReadLine();
        }
        catch (Exception e) when (IsReadFault(e))
        {
            throw new ScenarioException(_file, Line + 1, $"cannot be read any further: {Suggestion.Shorten(e.Message)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private string? ReadLine()
    {
        _partial.Clear();
        while (true)
        {
            if (_at == _used)
            {
                (_at, _used) = (0, _reader.Read(_buffer, 0, _buffer.Length));
                if (_used == 0)
                {
                    IsCut = _partial.Length > 0;
                    return IsCut ? Take([]) : null;
                }
            }

            ReadOnlySpan<char> rest = _buffer.AsSpan(_at, _used - _at);
            int end = rest.IndexOf('\n');
            if (end >= 0)
            {
                _at += end + 1;
                return Take(rest[..end]);
            }

            _at = _used;
            Append(rest);
        }
    }

    private string Take(ReadOnlySpan<char> tail)
    {
        if (Line == MaxLines)
        {
            throw new ScenarioException(_file, null, $"has more than {MaxLines} lines; cut it to the time of interest");
        }

        Append(tail);
        Line++;
        int length = _partial.Length > 0 && _partial[^1] == '\r' ? _partial.Length - 1 : _partial.Length;
        return _partial.ToString(0, length);
    }

    private void Append(ReadOnlySpan<char> text)
    {
        if (_partial.Length + text.Length > MaxLine)
        {
            throw new ScenarioException(
                _file, Line + 1, $"is longer than {MaxLine} characters; expected the text of a trace, one event a line");
        }

        _partial.Append(text);
    }

    private static bool IsReadFault(Exception e) => e is IOException or InvalidDataException or UnauthorizedAccessException
        or ArgumentException or NotSupportedException or System.Security.SecurityException;
}
