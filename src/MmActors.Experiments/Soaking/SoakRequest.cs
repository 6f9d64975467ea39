using MmActors.Experiments.Populations;
using MmActors.Experiments.Running;

namespace MmActors.Experiments.Soaking;

/// <summary>A soak: a population on the machine of a scenario, for days or weeks of simulated time.</summary>
/// <param name="Run">Scenario, variant, machine and seed. The scenario's own tasks run besides the population.</param>
/// <param name="Population">The tasks that come and go.</param>
/// <param name="Horizon">Simulated time at which it ends.</param>
/// <param name="ReportEvery">Simulated time between two summaries.</param>
/// <param name="AuditEvery">Simulated time between two full audits.</param>
public sealed record SoakRequest(
    RunRequest Run, PopulationSpec Population, TimeSpan Horizon, TimeSpan ReportEvery, TimeSpan AuditEvery)
{
    /// <summary>How often everything stands still for a moment: to look whether somebody wants to stop it, and for the
    /// status line. It has no influence on the run.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromMinutes(10);
}
