using Trunkline.Messaging.Brokers;

namespace Trunkline.Messaging.Consuming;

/// <summary>How a <see cref="LeasedConsumer"/> consumes.</summary>
public sealed record LeasedConsumerOptions
{
    /// <summary>The topic; must exist.</summary>
    public required string Topic { get; init; }

    /// <summary>The group.</summary>
    public required string Group { get; init; }

    /// <summary>Where a group without a committed position begins. Default earliest.</summary>
    public SubscribeStart Start { get; init; }

    /// <summary>How long a message is handed out for. Default 30 s, 1 ms to <see cref="LeasedConsumer.LeaseMax"/>.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a message is handed out before it goes to the dead letters. Default 5, 1 to 1000.</summary>
    public int DeliveriesMax { get; init; } = 5;

    /// <summary>The most messages handed out at once; at the bound a fetch waits. Default 1000.</summary>
    public int LeasesMax { get; init; } = 1000;

    /// <summary>
    /// The most messages of one partition held in memory: handed out, waiting for their key, or ready. At the bound the partition
    /// is not read further until one is settled, so that a failing key can hold up at most this many later messages. Default 256, at most 10,000.
    /// </summary>
    public int WindowMessages { get; init; } = 256;

    /// <summary>The same in payload bytes, about: passed by at most one read. Default 16 MiB.</summary>
    public long WindowBytes { get; init; } = 16L * 1024 * 1024;

    /// <summary>Where rejected and exhausted messages go; created when first needed. Default <c>&lt;group&gt;.dead</c>.</summary>
    public string? DeadLetterTopic { get; init; }
}
