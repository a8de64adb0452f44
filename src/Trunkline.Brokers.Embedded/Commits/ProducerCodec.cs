using System.Buffers.Binary;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>A producer's state as stored: epoch i32, then per batch first sequence i64, count i32, first offset i64, little-endian.</summary>
internal static class ProducerCodec
{
    private const int HeadSize = 4;
    private const int BatchSize = 20;

    public static byte[] Encode(ProducerState state)
    {
        var bytes = new byte[HeadSize + (state.Batches.Count * BatchSize)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, state.Epoch);
        for (var i = 0; i < state.Batches.Count; i++)
        {
            var at = bytes.AsSpan(HeadSize + (i * BatchSize));
            BinaryPrimitives.WriteInt64LittleEndian(at, state.Batches[i].FirstSequence);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], state.Batches[i].Count);
            BinaryPrimitives.WriteInt64LittleEndian(at[12..], state.Batches[i].FirstOffset);
        }

        return bytes;
    }

    public static ProducerState Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadSize + BatchSize || (bytes.Length - HeadSize) % BatchSize != 0)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, "A producer's stored state cannot be read. Restore a backup.");
        }

        var batches = new List<ProducerBatch>();
        for (var at = bytes[HeadSize..]; at.Length > 0; at = at[BatchSize..])
        {
            batches.Add(new ProducerBatch(BinaryPrimitives.ReadInt64LittleEndian(at), BinaryPrimitives.ReadInt32LittleEndian(at[8..]), BinaryPrimitives.ReadInt64LittleEndian(at[12..])));
        }

        return new ProducerState(BinaryPrimitives.ReadInt32LittleEndian(bytes), [.. batches]);
    }
}
