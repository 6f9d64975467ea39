namespace MmActors.Model.Memory;

/// <summary>Outcome of splitting an order-9 folio (T20, DS-21): what the node must do with its 512 pages.</summary>
/// <param name="Head">Head of the folio that was split.</param>
/// <param name="Flags">Its flags before the split; every surviving page inherits them.</param>
/// <param name="WasOnLru">Whether it was on an LRU list.</param>
/// <param name="Freed">Subpages that were unmapped or zero-filled and go back to the free lists.</param>
/// <param name="IsIsolated">The folio was isolated by reclaim, and its surviving pages are, each with a reference.</param>
public sealed record FolioSplit(int Head, FolioFlags Flags, bool WasOnLru, Bits512 Freed, bool IsIsolated = false);
