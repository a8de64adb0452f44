using System.Buffers.Binary;
using System.Globalization;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows;

/// <summary>
/// Messages that wait in the flow's parked topic, in order, behind one that failed: those of a key, or a single message without key.
/// Either the failed one is tried again by itself at a time (a delay), or an operator must release them. Kept as state of the
/// partition, written in the unit that parks, delays or releases. Changed only by one lane group.
/// </summary>
/// <remarks>
/// Format version 2, little-endian: episode, count, released, bytes, from, due (ticks, 0 for an operator), tries of the first in
/// line, its first failure (ticks), releases begun, offset of the message an operator is awaited for. Version 1 ends after bytes.
/// </remarks>
/// <param name="key">Whose messages wait; null for one message without key.</param>
/// <param name="episode">Tells this parking from others: unique in the partition.</param>
/// <param name="from">No message of this parking stands below this offset of the parked partition.</param>
internal sealed class ParkedKey(MessageKey? key, long episode, long from)
{
    private const byte Version = 2;
    private const byte OlderVersion = 1;
    private const int OlderBytes = 1 + 8 + 4 + 4 + 8;
    private const int StoredBytes = OlderBytes + 8 + 8 + 4 + 8 + 4 + 8;

    private int _count;
    private int _released;
    private int _attempts;
    private int _releasing;
    private long _due;
    private long _failedOffset = -1;
    private long _firstFailed;

    /// <summary>Header of a parked message: <c>episode/number/offset/appendedAt</c>, the last two of the original, the time in ticks (UTC).</summary>
    public const string Header = "tl-parked";

    private const string ErasedHeader = "tl-erased";

    /// <summary>Whose messages wait; null for one message without key.</summary>
    public MessageKey? Key => key;

    public long Episode => episode;

    /// <summary>No message of this parking stands below this offset of the parked partition.</summary>
    public long From => from;

    /// <summary>Messages parked, the failed one first.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Of those, released since.</summary>
    public int Released => Volatile.Read(ref _released);

    public long Bytes { get; private set; }

    /// <summary>When the first in line is tried again by itself; null if an operator must release it.</summary>
    public DateTimeOffset? Due => Volatile.Read(ref _due) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>The place in the source of the message that an operator is awaited for; -1 if it is tried by itself.</summary>
    public long FailedOffset => Volatile.Read(ref _failedOffset);

    /// <summary>How often the first in line was tried.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>When the first in line failed first; null if it did not yet.</summary>
    public DateTimeOffset? FirstFailedAt => Volatile.Read(ref _firstFailed) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Releases that were begun and did not end in an orderly way: the process died meanwhile.</summary>
    public int Begun { get; private set; }

    /// <summary>The copy of a message for the parked topic.</summary>
    public Message Add(StoredMessage message)
    {
        var mark = string.Create(
            CultureInfo.InvariantCulture, $"{episode}/{_count}/{message.Position.Offset}/{message.AppendedAt.UtcTicks}");
        Volatile.Write(ref _count, _count + 1);
        Bytes += MessageSize.Of(message.Message);
        return Copy(message.Message, message.Message.Headers.With(Header, mark));
    }

    /// <summary>The message as it was before it was parked; its place in the source included.</summary>
    public static StoredMessage Restore(StoredMessage parked)
    {
        var mark = Mark(parked.Message);
        var message = Copy(parked.Message, parked.Message.Headers.Without(Header));
        return new StoredMessage(
            message, new Position(parked.Position.Partition, mark[2]), new DateTimeOffset(mark[3], TimeSpan.Zero));
    }

    /// <summary>What stands in the place of an erased parked message: its key and number, so that those behind it are still released in order.</summary>
    public static Message Erased(Message parked) => new()
    {
        Id = new MessageId("erased"),
        Key = parked.Key,
        Headers = Headers.Of(new Header(Header, parked.Headers.Text(Header) ?? ""), new Header(ErasedHeader, "1")),
    };

    /// <summary>True for what stands in the place of an erased message: it is passed over.</summary>
    public static bool IsErased(Message parked) => parked.Headers.Text(ErasedHeader) is not null;

    /// <summary>The first in line is through; the next has not been tried.</summary>
    public void Release()
    {
        Volatile.Write(ref _attempts, 0);
        Volatile.Write(ref _firstFailed, 0);
        Volatile.Write(ref _released, _released + 1);
    }

    /// <summary>The first in line failed that often, first then.</summary>
    public void Tried(int attempts, DateTimeOffset firstFailedAt)
    {
        Volatile.Write(ref _attempts, attempts);
        Volatile.Write(ref _firstFailed, firstFailedAt.UtcTicks);
    }

    /// <summary>The first in line is tried again by itself at this time.</summary>
    public void Delay(DateTimeOffset due)
    {
        Begun = 0;
        Volatile.Write(ref _failedOffset, -1);
        Volatile.Write(ref _due, due.UtcTicks);
    }

    /// <summary>An operator must release it; its tries are counted anew then.</summary>
    /// <param name="failedOffset">The place of the first in line in the source.</param>
    public void AwaitOperator(long failedOffset)
    {
        Begun = 0;
        Volatile.Write(ref _failedOffset, failedOffset);
        Volatile.Write(ref _due, 0);
        Volatile.Write(ref _attempts, 0);
        Volatile.Write(ref _firstFailed, 0);
    }

    /// <summary>A release begins; kept until it ends in an orderly way.</summary>
    public void Begin() => Begun++;

    /// <summary>Whatever was begun ended in an orderly way.</summary>
    public void Settle() => Begun = 0;

    /// <summary>True for the one who may release it now; ended by <see cref="EndRelease"/>. Thread-safe.</summary>
    public bool TryBeginRelease() => Interlocked.CompareExchange(ref _releasing, 1, 0) == 0;

    /// <summary>Others may release it. Thread-safe.</summary>
    public void EndRelease() => Volatile.Write(ref _releasing, 0);

    /// <summary>True while somebody releases it. Thread-safe.</summary>
    public bool IsReleasing => Volatile.Read(ref _releasing) != 0;

    /// <summary>The number of a parked message in this episode, or -1 if it belongs to another.</summary>
    public int NumberOf(Message message)
    {
        if (message.Key != key)
        {
            return -1;
        }

        var mark = Mark(message);
        return mark.Length == 4 && mark[0] == episode ? (int)mark[1] : -1;
    }

    public byte[] Write()
    {
        var stored = new byte[StoredBytes];
        var rest = stored.AsSpan(OlderBytes);
        stored[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(1), episode);
        BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(9), _count);
        BinaryPrimitives.WriteInt32LittleEndian(stored.AsSpan(13), _released);
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(17), Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(rest, from);
        BinaryPrimitives.WriteInt64LittleEndian(rest[8..], _due);
        BinaryPrimitives.WriteInt32LittleEndian(rest[16..], _attempts);
        BinaryPrimitives.WriteInt64LittleEndian(rest[20..], _firstFailed);
        BinaryPrimitives.WriteInt32LittleEndian(rest[28..], Begun);
        BinaryPrimitives.WriteInt64LittleEndian(rest[32..], _failedOffset);
        return stored;
    }

    /// <summary>Throws <see cref="BrokerErrorCode.StoreDamaged"/> if the value is not of this format.</summary>
    public static ParkedKey Read(MessageKey? key, ReadOnlySpan<byte> stored)
    {
        var isOlder = stored.Length == OlderBytes && stored[0] == OlderVersion;
        if (!isOlder && !(stored.Length == StoredBytes && stored[0] == Version))
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, "the state of a parked key is not of a known format; a newer version may have written it");
        }

        var rest = isOlder ? new byte[StoredBytes - OlderBytes] : stored[OlderBytes..];
        return new ParkedKey(key, BinaryPrimitives.ReadInt64LittleEndian(stored[1..]), BinaryPrimitives.ReadInt64LittleEndian(rest))
        {
            _count = BinaryPrimitives.ReadInt32LittleEndian(stored[9..]),
            _released = BinaryPrimitives.ReadInt32LittleEndian(stored[13..]),
            Bytes = BinaryPrimitives.ReadInt64LittleEndian(stored[17..]),
            _due = BinaryPrimitives.ReadInt64LittleEndian(rest[8..]),
            _attempts = BinaryPrimitives.ReadInt32LittleEndian(rest[16..]),
            _firstFailed = BinaryPrimitives.ReadInt64LittleEndian(rest[20..]),
            Begun = BinaryPrimitives.ReadInt32LittleEndian(rest[28..]),

            // The older version was named by the offset of the message that failed, and knew nothing but operators.
            _failedOffset = BinaryPrimitives.ReadInt64LittleEndian(isOlder ? stored[1..] : rest[32..]),
        };
    }

    private static long[] Mark(Message message)
    {
        var parts = (message.Headers.Text(Header) ?? "").Split('/');
        var numbers = new List<long>();
        foreach (var part in parts)
        {
            if (long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
        }

        return numbers.Count == 4 ? [.. numbers] : [];
    }

    private static Message Copy(Message original, Headers headers) => new()
    {
        Id = original.Id,
        Source = original.Source,
        Time = original.Time,
        Key = original.Key,
        ContentType = original.ContentType,
        Headers = headers,
        Payload = original.Payload,
    };
}
