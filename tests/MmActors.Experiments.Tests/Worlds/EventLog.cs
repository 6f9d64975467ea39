using MmActors.Model;
using MmActors.Model.Events;

namespace MmActors.Experiments.Tests.Worlds;

/// <summary>Keeps the event stream of one run.</summary>
internal sealed class EventLog : IKernelEventSink
{
    private readonly List<KernelEvent> _events = [];

    public IReadOnlyList<KernelEvent> All => _events;

    public void Emit(in KernelEvent kernelEvent) => _events.Add(kernelEvent);

    public IEnumerable<KernelEvent> Of(KernelEventKind kind) => _events.Where(entry => entry.Kind == kind);

    public int Count(KernelEventKind kind, ScanResult status) => Of(kind).Count(entry => entry.Status == status);
}
