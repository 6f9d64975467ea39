using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MmActors.Telemetry.Tests.Protocol;
using MmActors.Tracing.Otlp.Protocol;

namespace MmActors.Telemetry.Tests.Receiver;

/// <summary>A real OTLP receiver on loopback: gRPC over HTTP/2 on one port, protobuf over HTTP/1.1 on another.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _application;

    private OtlpReceiver(WebApplication application) => _application = application;

    public string Grpc => _application.Urls.First();

    public string Http => _application.Urls.Last();

    public static async Task<OtlpReceiver> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, static port => port.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, static port => port.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Received>();
        WebApplication application = builder.Build();
        application.MapGrpcService<Traces>();
        application.MapGrpcService<Metrics>();
        application.MapGrpcService<Logs>();
        application.MapPost("/v1/traces", static async (HttpContext context, Received received) =>
        {
            received.Refuse(context);
            if (context.Response.StatusCode == StatusCodes.Status200OK)
            {
                received.Note(context);
                received.Traces.Enqueue(ExportTraceServiceRequest.Parser.ParseFrom(await BodyOfAsync(context)));
                await context.Response.Body.WriteAsync(new ExportTraceServiceResponse().ToByteArray());
            }
        });
        application.MapPost("/v1/metrics", static async (HttpContext context, Received received) =>
        {
            received.Note(context);
            received.Metrics.Enqueue(ExportMetricsServiceRequest.Parser.ParseFrom(await BodyOfAsync(context)));
        });
        application.MapPost("/v1/logs", static async (HttpContext context, Received received) =>
            received.Logs.Enqueue(ExportLogsServiceRequest.Parser.ParseFrom(await BodyOfAsync(context))));
        await application.StartAsync();
        return new OtlpReceiver(application);
    }

    public Received Received => _application.Services.GetRequiredService<Received>();

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static async Task<byte[]> BodyOfAsync(HttpContext context)
    {
        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private sealed class Traces(Received received) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            received.Note(context.GetHttpContext());
            received.Traces.Enqueue(request);
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class Logs(Received received) : LogsService.LogsServiceBase
    {
        public override Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context)
        {
            received.Logs.Enqueue(request);
            return Task.FromResult(new ExportLogsServiceResponse());
        }
    }

    private sealed class Metrics(Received received) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context)
        {
            received.Note(context.GetHttpContext());
            received.Metrics.Enqueue(request);
            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }
}

/// <summary>What has arrived, decoded.</summary>
internal sealed class Received
{
    private int _refusals;

    public ConcurrentQueue<ExportTraceServiceRequest> Traces { get; } = new();

    public ConcurrentQueue<ExportMetricsServiceRequest> Metrics { get; } = new();

    public ConcurrentQueue<ExportLogsServiceRequest> Logs { get; } = new();

    /// <summary>The header "token" of every request.</summary>
    public ConcurrentQueue<string> Tokens { get; } = new();

    public IReadOnlyList<Span> Spans => [.. Traces.SelectMany(static request => request.ResourceSpans)
        .SelectMany(static resource => resource.ScopeSpans).SelectMany(static scope => scope.Spans)];

    public Metric Metric(string name) => Metrics.SelectMany(static request => request.ResourceMetrics)
        .SelectMany(static resource => resource.ScopeMetrics).SelectMany(static scope => scope.Metrics)
        .Single(metric => metric.Name == name);

    /// <summary>Refuses the next requests with status 503.</summary>
    public void RefuseNext(int requests) => _refusals = requests;

    public void Refuse(HttpContext context)
    {
        if (Interlocked.Decrement(ref _refusals) >= 0)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    public void Note(HttpContext context) => Tokens.Enqueue(context.Request.Headers["token"].ToString());
}
