using System.CommandLine;
using System.Globalization;

namespace MmActors.Cli.Verbs;

/// <summary>Where a soak can be watched from outside, of the verbs that run one.</summary>
internal sealed class WatchOption
{
    private readonly Option<string?> _port = new("--watch-port")
    {
        Description = "TCP port on which /health and /metrics are answered in JSON, on this machine only. Default: none.",
        HelpName = "PORT",
    };

    /// <summary>Adds the option to a verb.</summary>
    public void AddTo(Command verb) => verb.Options.Add(_port);

    /// <summary>The port, or null.</summary>
    /// <exception cref="UsageException">There is no such port.</exception>
    public int? Read(ParseResult parsed) => parsed.GetValue(_port) is not { } given ? null
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= ushort.MaxValue ? port
        : throw new UsageException($"'--watch-port' takes a whole number from 1 to {ushort.MaxValue}, not '{given}'");
}
