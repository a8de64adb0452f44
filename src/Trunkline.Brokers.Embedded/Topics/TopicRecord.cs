using System.Text.Json;
using System.Text.Json.Serialization;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;

namespace Trunkline.Brokers.Embedded.Topics;

/// <summary>A topic's settings as stored: JSON, so that an older store lacks a newer setting and nothing else.</summary>
internal sealed record TopicRecord(
    string Name, int Partitions, DurabilityKind Durability, TimeSpan Interval, TimeSpan? RetentionAge, long? RetentionBytes,
    TimeSpan DedupeWindow, int MessageBytesMax, bool Compacted)
{
    public static byte[] Encode(TopicSettings settings) => JsonSerializer.SerializeToUtf8Bytes(
        new TopicRecord(settings.Name, settings.Partitions, settings.Durability.Kind, settings.Durability.Interval, settings.RetentionAge,
            settings.RetentionBytes, settings.DedupeWindow, settings.MessageBytesMax, settings.Compacted),
        TopicRecordJson.Default.TopicRecord);

    public static TopicSettings Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var record = JsonSerializer.Deserialize(bytes, TopicRecordJson.Default.TopicRecord)!;
            return new TopicSettings
            {
                Name = record.Name,
                Partitions = record.Partitions,
                Durability = new Durability(record.Durability, record.Interval),
                RetentionAge = record.RetentionAge,
                RetentionBytes = record.RetentionBytes,
                DedupeWindow = record.DedupeWindow,
                MessageBytesMax = record.MessageBytesMax,
                Compacted = record.Compacted,
            };
        }
        catch (JsonException broken)
        {
            throw new BrokerException(BrokerErrorCode.StoreDamaged, "A topic's stored settings cannot be read. Restore a backup.", broken);
        }
    }
}

/// <summary>Source-generated, so that nothing is found by reflection.</summary>
[JsonSerializable(typeof(TopicRecord))]
internal sealed partial class TopicRecordJson : JsonSerializerContext;
