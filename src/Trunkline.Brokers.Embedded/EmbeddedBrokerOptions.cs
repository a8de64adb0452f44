using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Brokers.Embedded.Storage;

namespace Trunkline.Brokers.Embedded;

/// <summary>How an <see cref="EmbeddedBroker"/> is opened.</summary>
public sealed record EmbeddedBrokerOptions
{
    /// <summary>Where the store lives; created if missing. One process owns it at a time.</summary>
    public required string Directory { get; init; }

    /// <summary>The node's clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where it logs. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>
    /// Bytes of messages that may wait for the disk. Beyond it further appends wait in line before they are queued. Default 64 MiB.
    /// </summary>
    public long QueueBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Calls that may wait for the disk in all; the next is refused with <c>Overloaded</c>. Default 100,000.</summary>
    public int QueueCallsMax { get; init; } = 100_000;

    /// <summary>
    /// Bytes the store holds in memory at most, about, what waits for the disk and what readers hold left out: an eighth each for the newest
    /// batches, for blocks read, and for one table of batches not yet in files, of which there are four while the disk is slow. The log is at most half as
    /// large. Default 512 MiB, at least 16 MiB.
    /// </summary>
    public long MemoryBytes { get; init; } = StoreMemory.Default.Bytes;

    /// <summary>Bytes of the newest batches kept in memory for readers at the end of the log, over all topics. Default: an eighth of <see cref="MemoryBytes"/>.</summary>
    public long? TailBytesMax { get; init; }

    /// <summary>Below so many free bytes on the volume, appends are refused with <c>DiskFull</c> until there is more. Default 64 MiB; 0 switches it off.</summary>
    public long FreeBytesMin { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// Opens a store of which acknowledged data is missing at the end (its log was cut), instead of refusing it. What is gone is logged. Default false.
    /// </summary>
    public bool AcceptLoss { get; init; }
}
