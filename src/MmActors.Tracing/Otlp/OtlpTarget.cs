using System.Globalization;
using OpenTelemetry.Exporter;

namespace MmActors.Tracing.Otlp;

/// <summary>Where one kind of telemetry goes.</summary>
/// <param name="Endpoint">With OTLP/HTTP the full address, path included; with gRPC the server.</param>
/// <param name="Protocol">gRPC or protobuf over HTTP.</param>
/// <param name="Headers">Sent with every request.</param>
/// <param name="Timeout">Of one request.</param>
public sealed record OtlpTarget(
    Uri Endpoint, OtlpExportProtocol Protocol, IReadOnlyList<KeyValuePair<string, string>> Headers, TimeSpan Timeout)
{
    /// <summary>Reads what the standard variables and the command line say.</summary>
    /// <param name="signal">TRACES, METRICS or LOGS.</param>
    /// <param name="endpoint">The address the command line gives; it goes before the variables. Null: theirs, or the local default.</param>
    /// <param name="variable">The environment.</param>
    /// <returns>Null when the variables switch this kind off.</returns>
    /// <exception cref="FormatException">A value is not allowed; the message names it.</exception>
    public static OtlpTarget? For(string signal, string? endpoint, Func<string, string?> variable)
    {
        string? Value(string name) => NonEmpty(variable($"OTEL_EXPORTER_OTLP_{signal}_{name}")) ?? NonEmpty(variable($"OTEL_EXPORTER_OTLP_{name}"));
        if (IsDisabled(variable) || variable($"OTEL_{signal}_EXPORTER") == "none")
        {
            return null;
        }

        // An address for this signal alone is complete; any other gets the signal's path (OTLP exporter specification).
        string? own = endpoint is null ? NonEmpty(variable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")) : null;
        string? given = endpoint ?? own ?? NonEmpty(variable("OTEL_EXPORTER_OTLP_ENDPOINT"));
        OtlpExportProtocol protocol = ProtocolOf(Value("PROTOCOL"), given);
        string address = given ?? (protocol == OtlpExportProtocol.Grpc ? "http://localhost:4317" : "http://localhost:4318");
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new FormatException($"'{address}' is not an OTLP endpoint; allowed: http://HOST:PORT or https://HOST:PORT");
        }

        if (protocol == OtlpExportProtocol.HttpProtobuf && own is null)
        {
            uri = new Uri($"{uri.AbsoluteUri.TrimEnd('/')}/v1/{signal.ToLowerInvariant()}");
        }

        return new OtlpTarget(uri, protocol, HeadersOf(Value("HEADERS")), TimeoutOf(Value("TIMEOUT")));
    }

    /// <summary>Whether OTEL_SDK_DISABLED switches everything off.</summary>
    public static bool IsDisabled(Func<string, string?> variable) =>
        string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    private static string? NonEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    /// <summary>Port 4318 is OTLP/HTTP's own; elsewhere gRPC is the default, as in the SDK.</summary>
    private static OtlpExportProtocol ProtocolOf(string? name, string? endpoint) => name switch
    {
        "grpc" => OtlpExportProtocol.Grpc,
        "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
        null => Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) && uri.Port == 4318
            ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc,
        _ => throw new FormatException($"OTEL_EXPORTER_OTLP_PROTOCOL is '{name}'; allowed: grpc, http/protobuf"),
    };

    private static List<KeyValuePair<string, string>> HeadersOf(string? list)
    {
        List<KeyValuePair<string, string>> headers = [];
        foreach (string entry in (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new FormatException("OTEL_EXPORTER_OTLP_HEADERS has an entry without '='; allowed: name=value,…");
            }

            headers.Add(new(entry[..equals].Trim(), Uri.UnescapeDataString(entry[(equals + 1)..].Trim())));
        }

        return headers;
    }

    private static TimeSpan TimeoutOf(string? milliseconds) => milliseconds is null ? TimeSpan.FromSeconds(10)
        : int.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? TimeSpan.FromMilliseconds(value)
            : throw new FormatException($"OTEL_EXPORTER_OTLP_TIMEOUT is '{milliseconds}'; allowed: milliseconds, 1 or more");
}
