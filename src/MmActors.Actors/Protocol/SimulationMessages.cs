using MmActors.Model.AddressSpaces;

namespace MmActors.Actors.Protocol;

/// <summary>Asks an address space for its smaps figures. Reply: <see cref="SmapsReply"/> with the same tag.</summary>
public sealed record SmapsQuery(int Tag);

/// <summary>smaps figures of one mm.</summary>
public sealed record SmapsReply(int Mm, int Tag, SmapsFigures Figures);
