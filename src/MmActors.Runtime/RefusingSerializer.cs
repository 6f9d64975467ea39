using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace MmActors.Runtime;

/// <summary>Stands in for Akka's JSON serializer, whose loading takes a sixth of a cold start: messages of a simulation
/// are passed by reference and never serialized. Akka instantiates it by name from <see cref="SimConfig"/>.</summary>
internal sealed class RefusingSerializer : Serializer
{
    /// <summary>The signature Akka looks for where the configuration has a section of settings for the serializer.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system)
    {
    }

    /// <summary>Any number outside Akka's reserved 0 … 16.</summary>
    public override int Identifier => 1974;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) => throw Refusal(obj.GetType());

    public override object FromBinary(byte[] bytes, Type type) => throw Refusal(type);

    private static NotSupportedException Refusal(Type type) =>
        new($"A simulation passes messages by reference; nothing may serialize {type}.");
}
