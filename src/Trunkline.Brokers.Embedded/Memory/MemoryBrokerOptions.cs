namespace Trunkline.Brokers.Embedded.Memory;

/// <summary>Bounds of a <see cref="MemoryBroker"/>.</summary>
public sealed record MemoryBrokerOptions
{
    /// <summary>
    /// Bytes all messages, state, dedupe entries and producers may hold together, about. At the bound appends and commits are refused with
    /// <see cref="Messaging.Brokers.BrokerErrorCode.Overloaded"/> until retention or deletion makes room. Default 1 GiB.
    /// </summary>
    public long BytesMax { get; init; } = 1L << 30;

    /// <summary>Groups that may exist over all topics; one more is refused likewise. Default 100,000.</summary>
    public int GroupsMax { get; init; } = 100_000;
}
