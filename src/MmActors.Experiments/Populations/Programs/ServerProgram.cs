namespace MmActors.Experiments.Populations.Programs;

/// <summary>A server: by day it works on a window of its heap that drifts a little with every round, by night on a quarter
/// of it and more seldom; now and then somebody asks for something old.</summary>
internal sealed class ServerProgram : DrawnProgram
{
    private const int OldRanges = 3;
    private const double NightShare = 0.25;
    private const double NightPauses = 3;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly double _longitude;
    private int _window;

    public ServerProgram(ProgramTraits traits)
        : base(traits)
    {
        _longitude = Random.NextDouble() / 4; // most of its users live in the same part of the world
        _window = Random.NextBelow(Ranges);
    }

    /// <inheritdoc/>
    protected override void DrawRound(TimeSpan now)
    {
        int ranges = Math.Max(1, (int)(ActiveRanges * (IsDay(now) ? 1 : NightShare)));
        Read(_window, ranges);
        Write(_window + Random.NextBelow(ranges), Math.Max(1, ranges / 4));
        for (int old = 0; old < OldRanges; old++)
        {
            Read(Random.NextBelow(Ranges), 1);
        }

        _window = (_window + Random.NextBelow(1 + Math.Max(1, ActiveRanges / 8))) % Ranges;
    }

    /// <inheritdoc/>
    protected override TimeSpan Pause(TimeSpan now) => base.Pause(now) * (IsDay(now) ? 1 : NightPauses);

    private bool IsDay(TimeSpan now) => ((now / Day) + _longitude) % 1 < 0.6;
}
