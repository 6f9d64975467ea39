namespace MmActors.Runtime.Checkpoints;

/// <summary>A field that no checkpoint holds, because it is no part of what determines the run: after a resume it has its type's
/// default value.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class NotInCheckpointAttribute : Attribute;
