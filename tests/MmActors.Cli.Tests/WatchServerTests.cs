using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MmActors.Cli.Execution;

namespace MmActors.Cli.Tests;

/// <summary>What is answered on the port of --watch-port, and to whom.</summary>
public class WatchServerTests
{
    private static readonly WatchFigures Figures = new([("time_s", 600), ("pgfault", 9373844)], [("rss_bytes", 123456789)]);

    [Fact]
    public async Task Metrics_are_the_figures_last_published()
    {
        int port = FreePort();
        using WatchServer server = WatchServer.Start(port);
        server.Publish(new WatchFigures([("time_s", 0)], []));
        server.Publish(Figures);
        (HttpStatusCode code, string body) = await Get(port, "/metrics");
        using JsonDocument json = JsonDocument.Parse(body);
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal(600, json.RootElement.GetProperty("simulated").GetProperty("time_s").GetInt32());
        Assert.Equal(9373844, json.RootElement.GetProperty("simulated").GetProperty("pgfault").GetInt32());
        Assert.Equal(123456789, json.RootElement.GetProperty("measured").GetProperty("rss_bytes").GetInt32());
    }

    [Fact]
    public async Task A_run_is_healthy_until_it_fails()
    {
        int port = FreePort();
        using WatchServer server = WatchServer.Start(port);
        server.Publish(Figures);
        (HttpStatusCode code, string body) = await Get(port, "/health");
        Assert.Equal((HttpStatusCode.OK, true), (code, body.StartsWith("""{"status": "ok", """, StringComparison.Ordinal)));
        server.Fail("pfn 5: \"gone\"");
        (code, body) = await Get(port, "/health");
        using JsonDocument json = JsonDocument.Parse(body);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Equal(("failed", "pfn 5: \"gone\""), (json.RootElement.GetProperty("status").GetString(), json.RootElement.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_run_that_finishes_no_slice_for_too_long_is_stuck()
    {
        int port = FreePort();
        using WatchServer server = WatchServer.Start(port, patience: TimeSpan.Zero);
        server.Publish(Figures);
        (HttpStatusCode code, string body) = await Get(port, "/health");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (code, body.StartsWith("""{"status": "stuck", """, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Everything_else_is_refused()
    {
        int port = FreePort();
        using WatchServer server = WatchServer.Start(port);
        Assert.Equal(HttpStatusCode.NotFound, (await Get(port, "/")).Code);
        using var client = new HttpClient();
        using HttpResponseMessage posted = await client.PostAsync(new Uri($"http://127.0.0.1:{port}/metrics"), new StringContent(""));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public void A_port_that_is_taken_is_one_line()
    {
        int port = FreePort();
        using WatchServer server = WatchServer.Start(port);
        var fault = Assert.Throws<UsageException>(() => WatchServer.Start(port));
        Assert.StartsWith($"cannot listen on port {port} (--watch-port): ", fault.Message);
    }

    [Fact]
    public void Only_this_machine_is_listened_to()
    {
        int port = FreePort();
        using WatchServer server = WatchServer.Start(port);
        IPEndPoint[] heard = [.. System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(end => end.Port == port)];
        Assert.NotEmpty(heard);
        Assert.All(heard, static end => Assert.True(IPAddress.IsLoopback(end.Address)));
    }

    private static async Task<(HttpStatusCode Code, string Body)> Get(int port, string path)
    {
        using var client = new HttpClient();
        using HttpResponseMessage response = await client.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
