using System.Buffers.Binary;

namespace Trunkline.Messaging.Brokers;

/// <summary>
/// What a restored store says of itself, as state that every broker with <see cref="BrokerCapabilities.State"/> can be asked for: whoever gives
/// numbers that must never be given twice learns from it that some may have been given after the backup. Thread-safe.
/// </summary>
public static class RestoreMark
{
    /// <summary>The state store it stands in, in partition 0.</summary>
    public const string Store = "trunkline.store";

    /// <summary>Its key there.</summary>
    public static ReadOnlyMemory<byte> Key { get; } = "restored"u8.ToArray();

    /// <summary>The mark of a restore at a time.</summary>
    public static byte[] Encode(DateTimeOffset at)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.UtcTicks);
        return bytes;
    }

    /// <summary>When a broker's store was restored last; null if it never was, or keeps no state.</summary>
    public static async ValueTask<DateTimeOffset?> ReadAsync(IBroker broker, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(broker);
        if (!broker.Capabilities.HasFlag(BrokerCapabilities.State))
        {
            return null;
        }

        var mark = await broker.ReadStateAsync(Store, 0, Key, cancellationToken).ConfigureAwait(false);
        return mark is { Length: sizeof(long) } bytes ? new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(bytes.Span), TimeSpan.Zero) : null;
    }
}
