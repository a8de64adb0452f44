using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using CsCheck;
using Trunkline.Messaging.Records;

namespace Trunkline.Messaging.Tests.Records;

public class RecordBatchTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Frozen: whoever has to change it has broken every store there is.</summary>
    private const string Golden =
        "544C5242C24E0ABC010030006C000000070000000000000002000000020000000020E17C00CA3E001047E17C00CA3E00" +
        "300000070269310273310A746578742F706C61696E808089CE8F80E53E78016B05646B2D31370201610200FF01610068650A02904E00026932000000";

    private static readonly Gen<Message> Messages = Gen.Select(
        Gen.String[1, 40].Select(Wellformed), Gen.String[0, 40].Select(Wellformed), Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 20].Null(),
        Gen.Select(Gen.String[1, 10].Select(Wellformed), Gen.Byte.Array[0, 20]).Array[0, 4],
        Gen.Select(Gen.Bool, Gen.Long[0, DateTimeOffset.MaxValue.Ticks - (2 * TimeSpan.TicksPerDay)], Gen.Int[-840, 840]))
        .Select((id, source, payload, key, headers, time) => new Message
        {
            Id = new MessageId(id),
            Source = source,
            ContentType = source.Length % 2 == 0 ? "application/json" : source,
            Payload = payload,
            Key = key is null ? null : new MessageKey(key),
            Headers = Headers.Of(headers.Select(h => new Header(h.Item1, h.Item2))),
            Time = time.Item1 ? new DateTimeOffset(time.Item2 + TimeSpan.TicksPerDay, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(time.Item3)) : null,
        });

    [Fact]
    public void Texts_neighbours_share_come_back_whatever_the_size_of_their_records()
    {
        // Texts are copied from a neighbour; records of less than 128 bytes or more than 16 KiB are moved after they are written.
        string[] sources = ["https://example.com/a", "https://example.com/ä", ""];
        string[] types = ["application/json", "text/plain"];
        var message = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 9], Gen.Int[0, 3].Select(i => new[] { 0, 20, 200, 20_000 }[i])).Select((source, type, headers, size) => new Message
        {
            IdUtf8 = "id ü"u8.ToArray(),
            Source = sources[source],
            ContentType = types[type],
            Headers = Headers.Of(Enumerable.Range(0, headers).Select(i => new Header(types[(i + source) % 2], "v"))),
            Payload = new byte[size],
        });
        message.Array[1, 30].Sample(messages =>
        {
            var writer = new RecordBatchWriter();
            writer.Begin(0);
            for (var i = 0; i < messages.Length; i++)
            {
                writer.Add(i, Noon, messages[i]);
            }

            var read = new List<StoredMessage>();
            foreach (var stored in RecordBatch.Read(writer.Finish().Bytes).Messages(0))
            {
                read.Add(stored);
            }

            Assert.Equal(messages.Select(Told), read.Select(stored => Told(stored.Message)));
        });

        static string Told(Message message) =>
            $"{message.Id} {message.Source} {message.ContentType} {string.Join(',', message.Headers.Select(header => header.Name))} {message.Payload.Length}";
    }

    [Fact]
    public void An_id_is_the_same_as_text_and_in_UTF_8()
    {
        Gen.String[1, 40].Select(Wellformed).Sample(text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Assert.Equal(text, new Message { IdUtf8 = bytes }.Id.Value);
            Assert.Equal(bytes, new Message { Id = new MessageId(text) }.IdUtf8);
        });
        Assert.Throws<ArgumentException>(() => new Message { IdUtf8 = new byte[] { 0xC3, 0x28 } });
    }

    [Fact]
    public void Any_messages_come_back_as_they_were_with_gaps_and_times()
    {
        Gen.Select(Gen.Select(Messages, Gen.Int[0, 5], Gen.Int[0, 1_000_000]).Array[1, 20], Gen.Long[0, 1L << 40]).Sample((records, start) =>
        {
            var written = new List<StoredMessage>();
            var writer = new RecordBatchWriter();
            writer.Begin(start);
            var (offset, time) = (start, Noon);
            foreach (var (message, gap, ticks) in records)
            {
                offset += gap;
                time = time.AddTicks(ticks);
                writer.Add(offset, time, message);
                written.Add(new StoredMessage(message, new Position(3, offset++), time));
            }

            var batch = RecordBatch.Read(writer.Finish().Bytes);
            Assert.Equal((start, offset - 1, records.Length), (batch.BaseOffset, batch.LastOffset, batch.Count));
            AssertSame(written, Read(batch));
        });
    }

    [Fact]
    public void Merged_batches_say_what_their_parts_said()
    {
        Gen.Select(Messages.Array[1, 10], Messages.Array[1, 10]).Sample((first, second) =>
        {
            var (a, b) = (Batch(5, first), Batch(5 + first.Length, second));
            var writer = new RecordBatchWriter();
            writer.Begin(5);
            writer.Add(a);
            writer.Add(b);
            AssertSame([.. Read(a), .. Read(b)], Read(RecordBatch.Read(writer.Finish().Bytes)));
        });
    }

    [Fact]
    public void Batches_that_share_memory_stay_as_they_were_whatever_comes_after_them()
    {
        var (writer, memory) = (new RecordBatchWriter(), new BatchMemory());
        var batches = new List<(RecordBatch Batch, byte[] Bytes)>();
        // Across many of its arrays, with a batch too large for one in between.
        for (var number = 0; number < 600; number++)
        {
            writer.Begin(number);
            writer.Add(number, Noon, new Message { Id = new MessageId("m"), Source = "s", Payload = new byte[number == 300 ? 200_000 : number * 3] });
            var batch = writer.Finish(memory);
            batches.Add((batch, batch.Bytes.ToArray()));
        }

        Assert.All(batches, b => Assert.Equal(b.Bytes, b.Batch.Bytes.ToArray()));
        Assert.All(batches, b => Assert.Equal(1, RecordBatch.Read(b.Batch.Bytes).Count));
    }

    [Fact]
    public void The_format_is_frozen()
    {
        var bytes = GoldenBatch().Bytes.ToArray();
        Assert.Equal(Golden, Convert.ToHexString(bytes));
    }

    [Fact]
    public void A_data_key_id_is_carried()
    {
        var reader = GoldenBatch().Messages(0);
        Assert.True(reader.MoveNext());
        Assert.Equal("dk-17", reader.CurrentDataKey);
        Assert.True(reader.MoveNext());
        Assert.Null(reader.CurrentDataKey);
    }

    [Fact]
    public void Every_flipped_bit_is_detected()
    {
        var bytes = GoldenBatch().Bytes.ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var altered = (byte[])bytes.Clone();
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<RecordBatchException>(() => RecordBatch.Read(altered));
        }
    }

    [Fact]
    public void Every_cut_and_every_added_byte_is_detected()
    {
        var bytes = GoldenBatch().Bytes.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<RecordBatchException>(() => RecordBatch.Read(bytes.AsMemory(0, length)));
        }

        Assert.Throws<RecordBatchException>(() => RecordBatch.Read((byte[])[.. bytes, 0]));
    }

    [Fact]
    public void Hostile_content_under_a_right_checksum_is_refused_or_read_never_worse()
    {
        var bytes = Batch(7, [.. Enumerable.Range(0, 5).Select(i => new Message { Id = new MessageId($"id-{i}"), Key = MessageKey.FromText("k"), Headers = Headers.Of(new Header("h", "v")), Payload = new byte[20] })]).Bytes.ToArray();
        Gen.Select(Gen.Int[8, bytes.Length - 1], Gen.Byte).Array[1, 4].Sample(changes =>
        {
            var altered = (byte[])bytes.Clone();
            foreach (var (at, value) in changes)
            {
                altered[at] = value;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(altered.AsSpan(4), Checksum.Crc32C(altered.AsSpan(8)));
            try
            {
                Read(RecordBatch.Read(altered));
            }
            catch (RecordBatchException)
            {
                // The only failure there may be.
            }
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF7F")]
    [InlineData("FFFFFFFF0F")]
    [InlineData("8080808080808080808001")]
    [InlineData("8000")]
    public void Huge_and_overlong_lengths_are_refused(string length)
    {
        var bytes = GoldenBatch().Bytes.ToArray();
        Convert.FromHexString(length).CopyTo(bytes, 48);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Checksum.Crc32C(bytes.AsSpan(8)));
        Assert.Equal(RecordBatchFault.Malformed, Assert.Throws<RecordBatchException>(() => Read(RecordBatch.Read(bytes))).Fault);
    }

    [Fact]
    public void A_newer_format_is_named_as_such()
    {
        var bytes = GoldenBatch().Bytes.ToArray();
        bytes[8] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Checksum.Crc32C(bytes.AsSpan(8)));
        Assert.Equal(RecordBatchFault.NewerFormat, Assert.Throws<RecordBatchException>(() => RecordBatch.Read(bytes)).Fault);
    }

    [Fact]
    public void Payloads_are_slices_of_the_batch()
    {
        var batch = RecordBatch.Read(GoldenBatch().Bytes);
        var payload = Read(batch)[0].Message.Payload;
        Assert.True(batch.Bytes.Span.Overlaps(payload.Span));
    }

    [Fact]
    public void The_checksum_is_that_of_RFC_3720()
    {
        Assert.Equal(0x8a9136aau, Checksum.Crc32C(new byte[32]));
        Assert.Equal(0xe3069283u, Checksum.Crc32C("123456789"u8));
    }

    [Fact]
    public void The_checksum_of_any_length_is_that_of_its_bytes_one_by_one()
    {
        var bytes = new byte[10_000];
        new Random(7).NextBytes(bytes);
        foreach (var length in Enumerable.Range(0, 40).Concat([1023, 3071, 3072, 3073, 6143, 6144, 6151, 9_999, 10_000]))
        {
            var expected = ~bytes.AsSpan(0, length).ToArray().Aggregate(uint.MaxValue, BitOperations.Crc32C);
            Assert.Equal(expected, Checksum.Crc32C(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_text_that_is_no_UTF16_is_refused_and_the_batch_stays_as_it_was()
    {
        var writer = new RecordBatchWriter();
        writer.Begin(0);
        writer.Add(0, Noon, new Message { Payload = new byte[3] });
        Assert.Throws<ArgumentException>(() => writer.Add(1, Noon, new Message { Source = "\uD800" }));
        Assert.Single(Read(RecordBatch.Read(writer.Finish().Bytes)));
    }

    private static RecordBatch GoldenBatch()
    {
        var writer = new RecordBatchWriter();
        writer.Begin(7);
        writer.Add(7, Noon, new Message
        {
            Id = new MessageId("i1"),
            Source = "s1",
            ContentType = "text/plain",
            Time = Noon.ToOffset(TimeSpan.FromHours(1)),
            Key = MessageKey.FromText("k"),
            Headers = Headers.Of(new Header("a", new byte[] { 0, 255 }), new Header("a", Array.Empty<byte>())),
            Payload = "he"u8.ToArray(),
        }, "dk-17");
        writer.Add(9, Noon.AddMilliseconds(1), new Message { Id = new MessageId("i2") });
        return writer.Finish();
    }

    private static RecordBatch Batch(long offset, Message[] messages)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(offset);
        foreach (var message in messages)
        {
            writer.Add(offset, Noon.AddTicks(offset), message);
            offset++;
        }

        return writer.Finish();
    }

    private static List<StoredMessage> Read(RecordBatch batch)
    {
        var read = new List<StoredMessage>();
        foreach (var stored in batch.Messages(3))
        {
            read.Add(stored);
        }

        return read;
    }

    private static string Wellformed(string text)
    {
        var fixedUp = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        return fixedUp.Length == 0 ? "x" : fixedUp;
    }

    private static void AssertSame(List<StoredMessage> expected, List<StoredMessage> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            var (e, a) = (expected[i], actual[i]);
            Assert.Equal((e.Position, e.AppendedAt), (a.Position, a.AppendedAt));
            Assert.Equal((e.Message.Id, e.Message.Source, e.Message.ContentType), (a.Message.Id, a.Message.Source, a.Message.ContentType));
            Assert.Equal((e.Message.Time, e.Message.Time?.Offset), (a.Message.Time, a.Message.Time?.Offset));
            Assert.Equal(e.Message.Key is null, a.Message.Key is null);
            Assert.True((e.Message.Key ?? default) == (a.Message.Key ?? default));
            Assert.True(e.Message.Payload.Span.SequenceEqual(a.Message.Payload.Span));
            Assert.Equal(e.Message.Headers.Select(h => h.Name), a.Message.Headers.Select(h => h.Name));
            Assert.Equal(e.Message.Headers.Select(h => Convert.ToHexString(h.Value.Span)), a.Message.Headers.Select(h => Convert.ToHexString(h.Value.Span)));
        }
    }
}
