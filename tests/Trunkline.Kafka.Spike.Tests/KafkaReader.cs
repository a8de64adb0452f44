using Confluent.Kafka;

namespace Trunkline.Kafka.Spike.Tests;

/// <summary>Reads a partition from its start to its end, committed records only.</summary>
internal static class KafkaReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static List<ConsumeResult<byte[]?, byte[]?>> ReadAll(string bootstrap, string topic, int partition) =>
        Read(bootstrap, topic, partition, null, _ => { });

    private static List<ConsumeResult<byte[]?, byte[]?>> Read(string bootstrap, string topic, int partition, string? debug, Action<string> onLog)
    {
        using var consumer = Quiet(new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "unused: partitions are assigned by hand",
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
            FetchWaitMaxMs = 10,
            Debug = debug,
        })).SetLogHandler((_, entry) => onLog(entry.Message)).Build();
        consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
        var all = new List<ConsumeResult<byte[]?, byte[]?>>();
        while (true)
        {
            var read = consumer.Consume(Patience) ?? throw new TimeoutException($"{topic}/{partition} has no end");
            if (read.IsPartitionEOF)
            {
                consumer.Close();
                return all;
            }

            all.Add(read);
        }
    }

    /// <summary>
    /// How many transactions were aborted in a partition: their markers as the consumer meets them. It only tells in its debug
    /// log; what a reading consumer is given cannot show it here, since the mock does not tell ordinary consumers of aborted ranges.
    /// </summary>
    public static int CountAborts(string bootstrap, string topic, int partition)
    {
        var aborts = new HashSet<string>();
        Read(bootstrap, topic, partition, "all", line =>
        {
            if (line.Contains("received abort txn ctrl msg", StringComparison.Ordinal))
            {
                lock (aborts)
                {
                    aborts.Add(line);
                }
            }
        });
        return aborts.Count;
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
