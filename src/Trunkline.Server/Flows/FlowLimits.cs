namespace Trunkline.Server.Flows;

/// <summary>The bounds of one running flow. At each, the source is paused, never the work already taken.</summary>
internal sealed record FlowLimits
{
    /// <summary>Messages delivered and not committed, over all partitions. At the bound all partitions pause. Default 16,384.</summary>
    public int InFlightMessagesMax { get; init; } = 16 * 1024;

    /// <summary>Their bytes. At the bound all partitions pause; one delivery may pass it. Default 64 MiB.</summary>
    public long InFlightBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>The same count for one partition, so that a stuck key pauses its own partition only. Default 8,192.</summary>
    public int PartitionInFlightMax { get; init; } = 8 * 1024;

    /// <summary>
    /// Completed ranges above the lowest open offset of a partition: what each commit carries, 16 bytes each. With what is in flight it
    /// stays below the 16,384 a broker keeps. Default 6,144.
    /// </summary>
    public int CompletedRangesMax { get; init; } = 6 * 1024;

    /// <summary>Messages asked of the source at once. Default 1,024.</summary>
    public int DeliveryMessagesMax { get; init; } = 1024;

    /// <summary>Longest a far side may make a message wait by its Retry-After; a later one is cut to this. Default 5 minutes.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Waits between tries of a commit, or of the source, that failed for the moment: doubling up to this. Default 5 s.</summary>
    public TimeSpan BrokerBackoffMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The same for a sink's outbox, whose messages are kept anyway: a sink that hangs holds no more than 1,024 messages, or 8 MiB, in
    /// memory, however long.
    /// </summary>
    public FlowLimits OfSink() => this with
    {
        InFlightMessagesMax = Math.Min(InFlightMessagesMax, 1024),
        InFlightBytesMax = Math.Min(InFlightBytesMax, 8L * 1024 * 1024),
        PartitionInFlightMax = Math.Min(PartitionInFlightMax, 512),
        DeliveryMessagesMax = Math.Min(DeliveryMessagesMax, 256),
    };

    /// <summary>How long a refused partition may stay without news from the broker before the flow subscribes afresh. Default 5 s.</summary>
    public TimeSpan FencedWaitMax { get; init; } = TimeSpan.FromSeconds(5);
}
