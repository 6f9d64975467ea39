using System.Globalization;
using MmActors.Experiments.Soaking;

namespace MmActors.Cli.Execution;

/// <summary>The command line that repeats a soak.</summary>
internal static class SoakCommand
{
    /// <summary>With everything that has an influence on the run.</summary>
    public static string For(SoakRequest request, RunChoices choices)
    {
        string machine = choices.MachineArgument is { } named ? $" --machine {RunChoices.Quote(named)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{MmActorsCommand.Name} soak {RunChoices.Quote(choices.ScenarioArgument)} --variant {RunChoices.Quote(request.Run.Variant.Name)} "
            + $"--seed {request.Run.Seed} --for {Time(request.Horizon)} --tasks {request.Population.Tasks} "
            + $"--memory {request.Run.Scenario.Memory} --audit-every {Time(request.AuditEvery)}{machine}");
    }

    /// <summary>A time as an option takes it: 30d, 36h, 90m or 75s.</summary>
    public static string Time(TimeSpan time)
    {
        foreach ((TimeSpan unit, string name) in ((TimeSpan, string)[])[
            (TimeSpan.FromDays(1), "d"), (TimeSpan.FromHours(1), "h"), (TimeSpan.FromMinutes(1), "m"), (TimeSpan.FromSeconds(1), "s"),
            (TimeSpan.FromMilliseconds(1), "ms")])
        {
            if (time.Ticks % unit.Ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / unit.Ticks}{name}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / TimeSpan.TicksPerMicrosecond}us");
    }

    /// <summary>A time to be read: as <see cref="Time"/> says it, or 1d17h37m52.6s where a run was stopped at no whole second.</summary>
    public static string Moment(TimeSpan time)
    {
        if (time.Ticks % TimeSpan.TicksPerSecond == 0)
        {
            return Time(time);
        }

        time = TimeSpan.FromTicks(time.Ticks - (time.Ticks % (TimeSpan.TicksPerSecond / 10))); // not 60.0s for 59.96
        (int Count, string Unit)[] parts = [(time.Days, "d"), (time.Hours, "h"), (time.Minutes, "m")];
        string whole = string.Concat(parts.Where(static part => part.Count > 0).Select(static part => part.Count + part.Unit));
        double seconds = time.Ticks % TimeSpan.TicksPerMinute / (double)TimeSpan.TicksPerSecond;
        return string.Create(CultureInfo.InvariantCulture, $"{whole}{seconds:0.0}s");
    }
}
