using MmActors.Cli.Execution;
using MmActors.Experiments.Results;
using MmActors.Experiments.Running;
using MmActors.Experiments.Scenarios;
using MmActors.Model.Settings;

namespace MmActors.Cli.Tests;

/// <summary>A simulator that answers from <see cref="Samples"/> and fails or stops where a test wants it to.</summary>
internal sealed class FakeSimulator : ISimulator
{
    private readonly Lock _lock = new();

    public List<RunRequest> Requests { get; } = [];

    public ScenarioException? LoadFault { get; init; }

    public Func<RunRequest, Exception?> RunFault { get; init; } = _ => null;

    public Action<RunRequest> OnRun { get; init; } = _ => { };

    public Func<string, int> Delay { get; init; } = _ => 0;

    public IReadOnlyList<string> Scenarios => ["hot-cold-hot"];

    public IReadOnlyList<string> Machines => ["kvm", "native"];

    public string ConfigDirectory => Path.Combine(AppContext.BaseDirectory, "config");

    public Scenario Load(string nameOrPath) => LoadFault is null ? Samples.Scenario() : throw LoadFault;

    public MachinePreset Machine(string nameOrPath) => Samples.Machine(nameOrPath);

    public VariantResult Run(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        lock (_lock)
        {
            Requests.Add(request);
            OnRun(request);
        }

        cancel.WaitHandle.WaitOne(Delay(request.Variant.Name));
        if (RunFault(request) is { } fault)
        {
            throw fault;
        }

        return Samples.Variant(request.Variant.Name, request.Machine.Name) with
        {
            Partial = cancel.IsCancellationRequested,
        };
    }
}

/// <summary>A writer whose every write fails.</summary>
internal sealed class FailingWriter(Exception fault) : StringWriter
{
    /// <summary>Fails with a system error number.</summary>
    public FailingWriter(int error)
        : this(new IOException("cannot write", error))
    {
    }

    public override void Write(char value) => throw fault;

    public override void Write(string? value) => throw fault;

    public override void Write(char[] buffer, int index, int count) => throw fault;
}
