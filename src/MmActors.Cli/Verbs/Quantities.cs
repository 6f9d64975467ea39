using MmActors.Experiments.Config;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Units;

namespace MmActors.Cli.Verbs;

/// <summary>Amounts with a unit on the command line: what the files take, refused in the words of an option.</summary>
internal static class Quantities
{
    /// <summary>A time such as 6h.</summary>
    public static TimeSpan Time(string option, string given) => Read(() => Quantity.ParseTime(option, given));

    /// <summary>A size such as 64G.</summary>
    public static ByteSize Size(string option, string given) => Read(() => Quantity.ParseSize(option, given));

    private static T Read<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (ScenarioException fault)
        {
            throw new UsageException(fault.Message);
        }
    }
}
