using System.Buffers.Binary;
using System.Text;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Flows.Redrives;

/// <summary>What was done with a dead letter. Frozen numbers: they are stored.</summary>
public enum LetterDeed
{
    /// <summary>Its message was run again; if that failed there is a newer dead letter.</summary>
    Redriven = 1,

    /// <summary>Its message was run again with another payload; the original stays with the dead letter.</summary>
    Edited = 2,

    /// <summary>An operator dropped it.</summary>
    Dropped = 3,

    /// <summary>It was dropped because of its age.</summary>
    Expired = 4,
}

/// <summary>Where a dead letter stands in its topic.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
public readonly record struct LetterPlace(int Partition, long Offset);

/// <summary>
/// The mark of a dead letter that is dealt with: state, written in the unit that holds what became of its message, so that it is
/// dealt with once whatever happens between.
/// </summary>
/// <remarks>Store <c>dead.&lt;flow&gt;</c>, the dead letter's partition, key <c>mark/</c> and its offset (big-endian); value: version 1, deed, time in ticks.</remarks>
/// <param name="Deed">What was done.</param>
/// <param name="At">When.</param>
internal readonly record struct LetterMark(LetterDeed Deed, DateTimeOffset At)
{
    private const byte Version = 1;
    private const int StoredBytes = 1 + 1 + 8;

    private static readonly byte[] Prefix = Encoding.UTF8.GetBytes("mark/");

    /// <summary>The write that keeps a mark.</summary>
    public StateWrite Write(string flow, LetterPlace place)
    {
        var stored = new byte[StoredBytes];
        stored[0] = Version;
        stored[1] = (byte)Deed;
        BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(2), At.UtcTicks);
        return new StateWrite(FlowNames.DeadStore(flow), place.Partition, StateKey(place), stored);
    }

    /// <summary>The mark of a dead letter; null if it is open.</summary>
    public static async ValueTask<LetterMark?> FindAsync(IBroker broker, string flow, LetterPlace place, CancellationToken cancellationToken) =>
        await broker.ReadStateAsync(FlowNames.DeadStore(flow), place.Partition, StateKey(place), cancellationToken) is { } stored ? Read(stored.Span) : null;

    /// <summary>The marks of a partition, by offset.</summary>
    public static async Task<Dictionary<long, LetterMark>> LoadAsync(IBroker broker, string flow, int partition, CancellationToken cancellationToken)
    {
        var marks = new Dictionary<long, LetterMark>();
        await foreach (var entry in broker.ScanStateAsync(FlowNames.DeadStore(flow), partition, Prefix, cancellationToken))
        {
            marks.Add(BinaryPrimitives.ReadInt64BigEndian(entry.Key.Span[Prefix.Length..]), Read(entry.Value.Span));
        }

        return marks;
    }

    /// <summary>The write that removes a mark: its dead letter is gone.</summary>
    public static StateWrite Delete(string flow, LetterPlace place) => new(FlowNames.DeadStore(flow), place.Partition, StateKey(place), null);

    private static LetterMark Read(ReadOnlySpan<byte> stored) => stored.Length == StoredBytes && stored[0] == Version
        ? new LetterMark((LetterDeed)stored[1], new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(stored[2..]), TimeSpan.Zero))
        : throw new BrokerException(BrokerErrorCode.StoreDamaged, "the mark of a dead letter is not of a known format; a newer version may have written it");

    private static byte[] StateKey(LetterPlace place)
    {
        var key = new byte[Prefix.Length + sizeof(long)];
        Prefix.CopyTo(key, 0);
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(Prefix.Length), place.Offset);
        return key;
    }
}
