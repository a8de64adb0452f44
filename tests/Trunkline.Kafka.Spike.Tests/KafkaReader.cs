using Confluent.Kafka;

namespace Trunkline.Kafka.Spike.Tests;

/// <summary>Reads a partition from its start to its end, committed records only.</summary>
internal static class KafkaReader
{
    public static List<ConsumeResult<byte[]?, byte[]?>> ReadAll(string bootstrap, string topic, int partition)
    {
        var consumer = Quiet(new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "unused: partitions are assigned by hand",
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
            FetchWaitMaxMs = 10,
        })).SetLogHandler((_, _) => { }).Build();
        try
        {
            consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
            return ReadToEnd(consumer, $"{topic}/{partition}");
        }
        finally
        {
            // Not closed first: a close waits for the group, and no group is used.
            Bounded.Run($"destroying the reader of {topic}/{partition}", consumer.Dispose);
        }
    }

    private static List<ConsumeResult<byte[]?, byte[]?>> ReadToEnd(IConsumer<byte[]?, byte[]?> consumer, string what)
    {
        var all = new List<ConsumeResult<byte[]?, byte[]?>>();
        while (true)
        {
            var read = consumer.Consume(Bounded.Patience) ?? throw new TimeoutException($"{what} has no end");
            if (read.IsPartitionEOF)
            {
                return all;
            }

            all.Add(read);
        }
    }

    /// <summary>Errors that matter come as exceptions.</summary>
    public static ConsumerBuilder<byte[]?, byte[]?> Quiet(ConsumerBuilder<byte[]?, byte[]?> builder) =>
        builder.SetKeyDeserializer(Bytes.Instance).SetValueDeserializer(Bytes.Instance).SetErrorHandler((_, _) => { });

    /// <summary>Bytes as they are; a null stays one.</summary>
    private sealed class Bytes : IDeserializer<byte[]?>
    {
        public static readonly Bytes Instance = new();

        public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : data.ToArray();
    }
}
