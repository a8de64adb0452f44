using System.Buffers.Binary;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using KafkaHeader = Confluent.Kafka.Header;
using KafkaHeaders = Confluent.Kafka.Headers;
using KafkaMessage = Confluent.Kafka.Message<byte[]?, byte[]?>;

namespace Trunkline.Kafka.Spike.Tests;

/// <summary>How messages, progress and state look as Kafka records. CloudEvents' Kafka binding gives id and source their headers.</summary>
internal static class KafkaRecords
{
    private const string IdHeader = "ce_id";
    private const string SourceHeader = "ce_source";

    public static KafkaMessage ToKafka(Message message)
    {
        var headers = new KafkaHeaders { { IdHeader, Encoding.UTF8.GetBytes(message.Id.Value) }, { SourceHeader, Encoding.UTF8.GetBytes(message.Source) } };
        foreach (var header in message.Headers)
        {
            headers.Add(new KafkaHeader(header.Name, header.Value.ToArray()));
        }

        return new KafkaMessage { Key = message.Key?.Bytes.ToArray(), Value = message.Payload.ToArray(), Headers = headers };
    }

    public static StoredMessage FromKafka(Confluent.Kafka.ConsumeResult<byte[]?, byte[]?> read) => new(
        new Message
        {
            Id = new MessageId(Encoding.UTF8.GetString(read.Message.Headers.GetLastBytes(IdHeader))),
            Source = Encoding.UTF8.GetString(read.Message.Headers.GetLastBytes(SourceHeader)),
            Key = read.Message.Key is { } key ? new MessageKey(key) : null,
            Headers = Headers.Of(read.Message.Headers.Where(h => h.Key is not (IdHeader or SourceHeader)).Select(h => new Header(h.Key, h.GetValueBytes()))),
            Payload = read.Message.Value ?? [],
        },
        new Position(read.Partition.Value, read.Offset.Value),
        read.Message.Timestamp.UtcDateTime);

    public static byte[] ProgressKey(string group, string topic) => Encoding.UTF8.GetBytes($"{group}\n{topic}");

    public static byte[] Encode(Progress progress)
    {
        var bytes = new byte[8 + (16 * progress.CompletedAbove.Count)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, progress.Next);
        for (var i = 0; i < progress.CompletedAbove.Count; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8 + (16 * i)), progress.CompletedAbove[i].From);
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16 + (16 * i)), progress.CompletedAbove[i].Until);
        }

        return bytes;
    }

    public static Progress Decode(ReadOnlySpan<byte> bytes)
    {
        var above = new List<OffsetRange>();
        for (var rest = bytes[8..]; rest.Length >= 16; rest = rest[16..])
        {
            above.Add(new OffsetRange(BinaryPrimitives.ReadInt64BigEndian(rest), BinaryPrimitives.ReadInt64BigEndian(rest[8..])));
        }

        return new Progress(BinaryPrimitives.ReadInt64BigEndian(bytes), above);
    }

    /// <summary>A state key is its store's name, a line end, which no store's name has, and the key.</summary>
    public static byte[] StateKey(string store, ReadOnlySpan<byte> key) => [.. Encoding.UTF8.GetBytes(store + "\n"), .. key];

    /// <summary>The refusal a Kafka error means to the port.</summary>
    public static BrokerErrorCode ToBroker(Confluent.Kafka.Error error) => error.Code switch
    {
        Confluent.Kafka.ErrorCode.ProducerFenced or Confluent.Kafka.ErrorCode.InvalidProducerEpoch or Confluent.Kafka.ErrorCode.InvalidProducerIdMapping
            or Confluent.Kafka.ErrorCode.Local_Fenced or Confluent.Kafka.ErrorCode.FencedInstanceId
            or Confluent.Kafka.ErrorCode.IllegalGeneration or Confluent.Kafka.ErrorCode.UnknownMemberId => BrokerErrorCode.Fenced,
        Confluent.Kafka.ErrorCode.MsgSizeTooLarge => BrokerErrorCode.MessageTooLarge,
        Confluent.Kafka.ErrorCode.UnknownTopicOrPart or Confluent.Kafka.ErrorCode.Local_UnknownTopic or Confluent.Kafka.ErrorCode.Local_UnknownPartition => BrokerErrorCode.TopicNotFound,
        _ => BrokerErrorCode.Unreachable,
    };
}
