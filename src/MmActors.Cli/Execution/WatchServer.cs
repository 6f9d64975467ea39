using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace MmActors.Cli.Execution;

/// <summary>What an observer of a soak is told: figures of one moment, never changed once published.</summary>
/// <param name="Simulated">Simulated figures by name; vmstat's have the kernel's names.</param>
/// <param name="Measured">Measured figures by name.</param>
internal sealed record WatchFigures(
    IReadOnlyList<(string Name, double Value)> Simulated, IReadOnlyList<(string Name, double Value)> Measured);

/// <summary>Answers /health and /metrics in JSON, on this machine's loopback address only. The simulation hands it finished
/// figures and never waits for it.</summary>
internal sealed class WatchServer : IDisposable
{
    private const int Attempts = 20;

    /// <summary>Real time without a finished slice after which the run counts as stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpListener _listener = new();
    private readonly TimeSpan _patience;
    private WatchFigures _figures = new([], []);
    private string? _failure;
    private long _lastSlice = Stopwatch.GetTimestamp();

    private WatchServer(int port, TimeSpan patience)
    {
        _patience = patience;
        _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}/"));
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="port">A TCP port, 1 to 65535.</param>
    /// <param name="patience">Real time without a finished slice after which the run is unhealthy; two minutes when null.</param>
    /// <exception cref="UsageException">Somebody else has the port, or it is not for everybody.</exception>
    public static WatchServer Start(int port, TimeSpan? patience = null)
    {
        WatchServer server;
        try
        {
            server = Listening(port, patience ?? Patience);
        }
        catch (Exception fault) when (fault is HttpListenerException or System.Net.Sockets.SocketException)
        {
            throw new UsageException($"cannot listen on port {port} (--watch-port): {fault.Message}");
        }

        new Thread(server.Serve) { IsBackground = true, Name = "watch" }.Start();
        return server;
    }

    /// <summary>Whoever connects before the listener is complete makes it throw: it takes the connection in its constructor and has no
    /// list for it yet (dotnet/corefx issue 35191). What it had bound is given back when it is collected, then it is tried again.</summary>
    private static WatchServer Listening(int port, TimeSpan patience)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                var server = new WatchServer(port, patience);
                server._listener.Start();
                return server;
            }
            catch (ArgumentNullException) when (attempt < Attempts)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
    }

    /// <summary>A slice is over.</summary>
    public void Publish(WatchFigures figures)
    {
        Volatile.Write(ref _figures, figures);
        Volatile.Write(ref _lastSlice, Stopwatch.GetTimestamp());
    }

    /// <summary>The run has failed.</summary>
    public void Fail(string reason) => Volatile.Write(ref _failure, reason);

    /// <inheritdoc/>
    public void Dispose() => _listener.Close();

    private void Serve()
    {
        while (_listener.IsListening)
        {
            try
            {
                Answer(_listener.GetContext());
            }
            catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // Closed, or the other side went away before it had its answer: the next one is served.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        (HttpStatusCode code, string json) = (context.Request.HttpMethod, context.Request.Url?.AbsolutePath) switch
        {
            (not ("GET" or "HEAD"), _) => (HttpStatusCode.MethodNotAllowed, """{"error": "only GET"}"""),
            (_, "/health") => Health(),
            (_, "/metrics") => (HttpStatusCode.OK, Metrics()),
            _ => (HttpStatusCode.NotFound, """{"error": "there are /health and /metrics"}"""),
        };
        byte[] body = Encoding.UTF8.GetBytes(json + "\n");
        context.Response.StatusCode = (int)code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength64 = body.Length;
        if (context.Request.HttpMethod != "HEAD")
        {
            context.Response.OutputStream.Write(body);
        }

        context.Response.Close();
    }

    private (HttpStatusCode Code, string Json) Health()
    {
        double ago = Stopwatch.GetElapsedTime(Volatile.Read(ref _lastSlice)).TotalSeconds;
        string? reason = Volatile.Read(ref _failure);
        string status = reason is not null ? "failed" : ago > _patience.TotalSeconds ? "stuck" : "ok";
        string more = reason is null ? "" : $", \"reason\": {JsonSerializer.Serialize(reason)}";
        return (status == "ok" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, string.Create(
            CultureInfo.InvariantCulture, $"{{\"status\": \"{status}\", \"measured_last_slice_s_ago\": {ago:F1}{more}}}"));
    }

    private string Metrics()
    {
        WatchFigures figures = Volatile.Read(ref _figures);
        return $"{{\"simulated\": {{{Fields(figures.Simulated)}}},\n\"measured\": {{{Fields(figures.Measured)}}}}}";
    }

    private static string Fields(IEnumerable<(string Name, double Value)> figures) => string.Join(", ", figures.Select(
        static figure => string.Create(CultureInfo.InvariantCulture, $"\"{figure.Name}\": {figure.Value}")));
}
