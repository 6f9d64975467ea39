using System.CommandLine;
using System.Reflection;

namespace MmActors.Cli.Verbs;

/// <summary><c>mmactors version</c>.</summary>
internal static class VersionVerb
{
    /// <summary>The version every result carries.</summary>
    public static string Number { get; } = typeof(VersionVerb).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The verb.</summary>
    public static Command Create(Terminal terminal)
    {
        var verb = new Command("version", "Print the version.");
        verb.SetAction(_ =>
        {
            Write(terminal.Out);
            return ExitCode.Success;
        });
        return verb;
    }

    /// <summary>The line both <c>version</c> and <c>--version</c> print.</summary>
    public static void Write(TextWriter writer) =>
        writer.Write($"{MmActorsCommand.Name} {Number} (.NET {Environment.Version})\n");
}
