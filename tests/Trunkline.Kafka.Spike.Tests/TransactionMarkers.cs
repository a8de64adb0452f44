using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Trunkline.Kafka.Spike.Tests;

/// <summary>
/// The control records by which a broker ends transactions, read from a partition by Fetch requests on a plain connection. No client
/// hands them out, and what a reading consumer is given cannot show them here, since the mock does not tell of aborted ranges.
/// </summary>
internal static class TransactionMarkers
{
    /// <summary>Fetch, version 4: the first with record batches and an isolation level.</summary>
    private const short Fetch = 1;
    private const short FetchVersion = 4;
    private const int AnswerMax = 16 << 20;

    /// <summary>Fields of a record batch (Kafka's message format 2), from its start.</summary>
    private const int LengthAt = 8;
    private const int AttributesAt = 21;
    private const int LastOffsetDeltaAt = 23;
    private const int RecordsAt = 61;
    private const int BeforeLength = 12;
    private const short ControlBatch = 0x20;
    private const short AbortMarker = 0;

    /// <summary>How many transactions were aborted in a partition.</summary>
    /// <exception cref="TimeoutException">The broker did not answer in time.</exception>
    public static async Task<int> CountAbortsAsync(string bootstrap, string topic, int partition, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Bounded.Patience);
        try
        {
            using var client = new TcpClient();
            var address = bootstrap.Split(':');
            await client.ConnectAsync(address[0], int.Parse(address[1], System.Globalization.CultureInfo.InvariantCulture), limit.Token);
            return await CountAsync(client.GetStream(), topic, partition, limit.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{topic}/{partition}: no answer to a Fetch within {Bounded.Patience.TotalSeconds} s.", late);
        }
    }

    private static async Task<int> CountAsync(NetworkStream stream, string topic, int partition, CancellationToken cancellationToken)
    {
        var aborts = 0;
        for (long offset = 0, end = long.MaxValue; offset < end;)
        {
            await stream.WriteAsync(Request(topic, partition, offset), cancellationToken);
            var (highWatermark, records) = Answer(await ReadFrameAsync(stream, cancellationToken), topic);
            Assert.True(records.Length > 0 || offset == highWatermark, $"{topic}/{partition}: nothing at offset {offset} of {highWatermark}");
            end = highWatermark;
            for (var rest = records; rest.Length > 0;)
            {
                var batch = rest[..(BeforeLength + BinaryPrimitives.ReadInt32BigEndian(rest.Span[LengthAt..]))];
                aborts += IsAbort(batch.Span) ? 1 : 0;
                offset = BinaryPrimitives.ReadInt64BigEndian(batch.Span) + BinaryPrimitives.ReadInt32BigEndian(batch.Span[LastOffsetDeltaAt..]) + 1;
                rest = rest[batch.Length..];
            }
        }

        return aborts;
    }

    /// <summary>A control batch holds one record: length, attributes, two deltas, the key's length (a byte each), then version and type.</summary>
    private static bool IsAbort(ReadOnlySpan<byte> batch) =>
        (BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]) & ControlBatch) != 0
        && BinaryPrimitives.ReadInt16BigEndian(batch[(RecordsAt + 5 + sizeof(short))..]) == AbortMarker;

    private static byte[] Request(string topic, int partition, long offset)
    {
        var body = new MemoryStream();
        WriteInt16(body, Fetch);
        WriteInt16(body, FetchVersion);
        WriteInt32(body, 1); // correlation
        WriteText(body, "markers");
        WriteInt32(body, -1); // an ordinary consumer, not a replica
        WriteInt32(body, 100); // wait, ms
        WriteInt32(body, 0); // bytes at least
        WriteInt32(body, AnswerMax);
        body.WriteByte(0); // read uncommitted: what is there
        WriteInt32(body, 1);
        WriteText(body, topic);
        WriteInt32(body, 1);
        WriteInt32(body, partition);
        body.Write(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(offset)));
        WriteInt32(body, AnswerMax);
        var frame = new byte[sizeof(int) + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (int)body.Length);
        body.ToArray().CopyTo(frame, sizeof(int));
        return frame;
    }

    /// <summary>The high watermark and the batches of an answer about one partition.</summary>
    private static (long HighWatermark, ReadOnlyMemory<byte> Records) Answer(ReadOnlyMemory<byte> frame, string topic)
    {
        // Correlation, throttle time, one topic, its name, one partition, its number.
        var partition = frame[(4 + 4 + 4 + sizeof(short) + Encoding.UTF8.GetByteCount(topic) + 4 + 4)..];
        Assert.Equal(0, BinaryPrimitives.ReadInt16BigEndian(partition.Span));
        var highWatermark = BinaryPrimitives.ReadInt64BigEndian(partition.Span[2..]);
        var aborted = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(partition.Span[18..]));
        var records = partition[(22 + (16 * aborted))..];
        var length = BinaryPrimitives.ReadInt32BigEndian(records.Span);
        return (highWatermark, records.Slice(sizeof(int), Math.Max(0, length)));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadFrameAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length, cancellationToken);
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(frame, cancellationToken);
        return frame;
    }

    private static void WriteText(MemoryStream body, string text)
    {
        WriteInt16(body, (short)Encoding.UTF8.GetByteCount(text));
        body.Write(Encoding.UTF8.GetBytes(text));
    }

    private static void WriteInt16(MemoryStream body, short value) => body.Write(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(value)));

    private static void WriteInt32(MemoryStream body, int value) => body.Write(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(value)));
}
