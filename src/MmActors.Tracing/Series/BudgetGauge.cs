using MmActors.Model.Events;

namespace MmActors.Tracing.Series;

/// <summary>What is left of khugepaged's scan budget (KH-4): of the pass under way, or of the last one once it has ended.</summary>
public struct BudgetGauge
{
    /// <summary>Pages left; an overdrawn budget counts as spent.</summary>
    public long Left { get; private set; }

    /// <summary>Follows the stream.</summary>
    public void Observe(in KernelEvent kernelEvent)
    {
        switch (kernelEvent.Kind)
        {
            case KernelEventKind.PassBegin:
                Left = kernelEvent.Amount;
                break;
            case KernelEventKind.ScanPmd when kernelEvent.Flag:
                Left = Math.Max(0, Left - kernelEvent.Amount);
                break;
            case KernelEventKind.Visit:
                // A VISIT tells its own progress, VMAs stepped over included (KH-13): that replaces the sum of its ranges.
                Left = Math.Max(0, kernelEvent.Extra - kernelEvent.Amount);
                break;
        }
    }
}
