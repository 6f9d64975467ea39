using MmActors.Cli.Execution;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;

namespace MmActors.Cli.Tests;

/// <summary>The real thing, interrupted as soon as a run tells that it has come so far.</summary>
internal sealed class StoppingSimulator(TimeSpan time, CancellationTokenSource cancel) : ISimulator
{
    private readonly ShippedSimulator _shipped = new();

    public IReadOnlyList<string> Scenarios => _shipped.Scenarios;

    public IReadOnlyList<string> Machines => _shipped.Machines;

    public string ConfigDirectory => _shipped.ConfigDirectory;

    public Scenario Load(string nameOrPath) => _shipped.Load(nameOrPath);

    public MachinePreset Machine(string nameOrPath) => _shipped.Machine(nameOrPath);

    public VariantResult Run(RunRequest request, IProgress<RunProgress>? progress, CancellationToken token) =>
        _shipped.Run(request, new Alarm(time, cancel), token);

    private sealed class Alarm(TimeSpan time, CancellationTokenSource cancel) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Simulated >= time)
            {
                cancel.Cancel();
            }
        }
    }
}
