using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using MmActors.Tracing.Otlp.Protocol;
using OpenTelemetry.Exporter;
using Span = MmActors.Tracing.Spans.Span;

namespace MmActors.Tracing.Otlp;

/// <summary>The receiver did not take what was sent to it.</summary>
public sealed class OtlpException(string message) : Exception(message);

/// <summary>Sends spans by OTLP, over gRPC or HTTP. It blocks: it runs when the simulation is over.</summary>
public sealed class SpanSender : IDisposable
{
    private const int Attempts = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private readonly OtlpTarget _target;
    private readonly HttpClient _http;
    private readonly GrpcChannel? _channel;

    /// <summary>Connects with the first request.</summary>
    public SpanSender(OtlpTarget target)
    {
        _target = target;
        _http = new HttpClient { Timeout = target.Timeout };
        _channel = target.Protocol == OtlpExportProtocol.Grpc ? GrpcChannel.ForAddress(target.Endpoint) : null;
    }

    /// <summary>Sends the spans of a run.</summary>
    /// <param name="resource">The resource of the run.</param>
    /// <param name="run">Whose spans they are.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="epoch">What stands for simulated time 0.</param>
    /// <exception cref="OtlpException">They were not taken, or not all of them.</exception>
    public void Send(IEnumerable<KeyValuePair<string, object>> resource, RunIdentity run, IReadOnlyList<Span> spans, DateTimeOffset epoch)
    {
        foreach (ExportTraceServiceRequest request in SpanMessages.Of(resource, run, spans, epoch))
        {
            ExportTraceServiceResponse response = Send(request);
            if (response.PartialSuccess is { RejectedSpans: > 0 } partial)
            {
                throw new OtlpException($"{_target.Endpoint} rejected {partial.RejectedSpans} spans: {partial.ErrorMessage}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel?.Dispose();
        _http.Dispose();
    }

    /// <summary>Tries again, ever later, what the receiver says may succeed later.</summary>
    private ExportTraceServiceResponse Send(ExportTraceServiceRequest request)
    {
        TimeSpan pause = FirstPause;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return _channel is null ? SendByHttp(request) : SendByGrpc(request, _channel);
            }
            catch (RetryLaterException) when (attempt < Attempts)
            {
                Thread.Sleep(pause);
                pause *= 2;
            }
            catch (RetryLaterException later)
            {
                throw new OtlpException($"{_target.Endpoint} is busy: {later.Message}");
            }
            catch (HttpRequestException fault)
            {
                throw new OtlpException($"{_target.Endpoint}: {fault.Message}");
            }
            catch (TaskCanceledException)
            {
                throw new OtlpException($"{_target.Endpoint} did not answer within {_target.Timeout.TotalSeconds} s");
            }
            catch (RpcException fault)
            {
                throw new OtlpException($"{_target.Endpoint}: {fault.Status.DebugException?.Message ?? fault.Status.Detail}");
            }
        }
    }

    private ExportTraceServiceResponse SendByHttp(ExportTraceServiceRequest request)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, _target.Endpoint);
        message.Content = new ByteArrayContent(request.ToByteArray());
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        foreach ((string name, string value) in _target.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage answer = _http.Send(message);
        if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
        {
            throw new RetryLaterException($"status {(int)answer.StatusCode}");
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw new OtlpException($"{_target.Endpoint} answered with status {(int)answer.StatusCode}");
        }

        using Stream body = answer.Content.ReadAsStream();
        return ExportTraceServiceResponse.Parser.ParseFrom(body);
    }

    private ExportTraceServiceResponse SendByGrpc(ExportTraceServiceRequest request, GrpcChannel channel)
    {
        var headers = new Metadata();
        foreach ((string name, string value) in _target.Headers)
        {
            headers.Add(name, value);
        }

        try
        {
            return new TraceService.TraceServiceClient(channel).Export(request, headers, DateTime.UtcNow + _target.Timeout);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.ResourceExhausted
            || (fault.StatusCode == StatusCode.Unavailable && fault.Status.DebugException is null))
        {
            throw new RetryLaterException(fault.Status.Detail);
        }
    }

    private sealed class RetryLaterException(string message) : Exception(message);
}
