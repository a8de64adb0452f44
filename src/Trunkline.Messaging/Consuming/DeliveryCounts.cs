using System.Buffers.Binary;

namespace Trunkline.Messaging.Consuming;

/// <summary>
/// How often messages of a partition's window were handed out, as one state value, so that counts survive restarts.
/// Layout: pairs of offset (8 bytes) and count (4 bytes), big-endian; nothing else. One key per partition, rewritten with each
/// change: it holds at most the window and leaves nothing to clean up.
/// </summary>
internal static class DeliveryCounts
{
    private const int PairBytes = 12;

    /// <summary>The state key.</summary>
    public static ReadOnlyMemory<byte> Key { get; } = "deliveries"u8.ToArray();

    /// <summary>The store of a group on a topic; a slash occurs in no topic name, so stores never collide.</summary>
    public static string Store(string topic, string group) => $"leases/{topic}/{group}";

    public static ReadOnlyMemory<byte>? Encode(IEnumerable<(long Offset, int Count)> counts)
    {
        var pairs = counts.ToArray();
        if (pairs.Length == 0)
        {
            return null;
        }

        var bytes = new byte[pairs.Length * PairBytes];
        for (var i = 0; i < pairs.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * PairBytes), pairs[i].Offset);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((i * PairBytes) + 8), pairs[i].Count);
        }

        return bytes;
    }

    public static Dictionary<long, int> Decode(ReadOnlyMemory<byte>? value)
    {
        var counts = new Dictionary<long, int>();
        for (var rest = value ?? default; rest.Length >= PairBytes; rest = rest[PairBytes..])
        {
            counts[BinaryPrimitives.ReadInt64BigEndian(rest.Span)] = BinaryPrimitives.ReadInt32BigEndian(rest.Span[8..]);
        }

        return counts;
    }
}
