using Confluent.Kafka;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;

namespace Trunkline.Kafka.Spike.Tests;

/// <summary>
/// The part of the broker port that decides whether it fits Kafka: <see cref="CommitAsync"/> of a unit, and finding progress and
/// state again on assignment. One of these serves one shard: one partition of one topic for one group, with a transactional
/// producer of its own. A transaction is open only inside a commit. Not thread-safe.
/// </summary>
internal sealed class KafkaCommitSpike : IDisposable
{
    /// <summary>Compacted; key (group, topic), in the partition of the same number: how far the group is.</summary>
    public const string ProgressTopic = "trunkline.progress";

    /// <summary>Compacted; key (store, key), in the partition the state follows.</summary>
    public const string StateTopic = "trunkline.state";

    private readonly string _bootstrap;
    private readonly string _topic;
    private readonly string _group;
    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly Dictionary<string, byte[]> _state = [];
    private bool _disposed;

    private KafkaCommitSpike(string bootstrap, string topic, string group)
    {
        (_bootstrap, _topic, _group) = (bootstrap, topic, group);
        _producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
        {
            BootstrapServers = bootstrap,
            TransactionalId = $"{group}/{topic}/{Partition}",
            TransactionTimeoutMs = 10_000,

            // The flush at the commit sends at once; until then nothing leaves, so that a unit refused for its size sends nothing.
            LingerMs = 1_000,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _consumer = KafkaReader.Quiet(new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = group,
            EnableAutoCommit = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            SessionTimeoutMs = 6_000,
            HeartbeatIntervalMs = 500,
        })).SetLogHandler((_, _) => { }).SetPartitionsAssignedHandler((_, given) => given.Select(p => new TopicPartitionOffset(p, Restore()))).Build();
    }

    /// <summary>The spike's shard.</summary>
    public static int Partition => 0;

    /// <summary>What was found on assignment, then what was committed last.</summary>
    public Progress Progress { get; private set; } = Progress.At(0);

    /// <summary>
    /// Takes the shard. Beginning the producer's term comes first: it fences the former owner and ends a transaction it left
    /// open, so that what is then read as committed is all there is.
    /// </summary>
    public static Task<KafkaCommitSpike> OpenAsync(string bootstrap, string topic, string group, CancellationToken cancellationToken) => Task.Run(() =>
    {
        var spike = new KafkaCommitSpike(bootstrap, topic, group);
        spike._producer.InitTransactions(Bounded.Patience);
        spike._consumer.Subscribe(topic);
        return spike;
    }, cancellationToken);

    /// <summary>Up to so many messages the group has not completed, in offset order.</summary>
    public Task<List<StoredMessage>> ReceiveAsync(int count, CancellationToken cancellationToken) => Task.Run(() =>
    {
        var received = new List<StoredMessage>();
        while (received.Count < count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = _consumer.Consume(Bounded.Patience) ?? throw new TimeoutException($"{received.Count} of {count} messages came");
            if (!Progress.IsCompleted(read.Offset.Value))
            {
                received.Add(KafkaRecords.FromKafka(read));
            }
        }

        return received;
    }, cancellationToken);

    /// <summary>A state value as of the last commit, or null.</summary>
    public ReadOnlyMemory<byte>? ReadState(string store, ReadOnlySpan<byte> key) =>
        _state.TryGetValue(Convert.ToHexString(KafkaRecords.StateKey(store, key)), out var value) ? value : (ReadOnlyMemory<byte>?)null;

    /// <summary>Commits a unit as one transaction.</summary>
    public Task<CommitResult> CommitAsync(CommitUnit unit, CancellationToken cancellationToken) => Task.Run(async () =>
    {
        try
        {
            _producer.BeginTransaction();
            var appends = unit.Appends.Select(a => a.Messages.Select(m => ProduceAsync(a, m)).ToList()).ToList();
            Task[] all = [.. appends.SelectMany(a => a), .. unit.State.Select(ProduceAsync), .. unit.Positions.Select(ProduceAsync)];
            await Task.WhenAll(all.Where(sent => sent.IsFaulted));
            _producer.Flush(Bounded.Patience);
            await Task.WhenAll(all).WaitAsync(Bounded.Patience, cancellationToken);
            if (unit.Positions.Count > 0)
            {
                // For Kafka's own tools and for fencing by the group's generation; what counts is the progress record.
                _producer.SendOffsetsToTransaction(
                    unit.Positions.Select(p => new TopicPartitionOffset(p.Topic, p.Partition, p.Progress.Next)), _consumer.ConsumerGroupMetadata, Bounded.Patience);
            }

            _producer.CommitTransaction(Bounded.Patience);
            var appended = appends.Select(a => (IReadOnlyList<Appended>)[.. a.Select(m => m.Result).Select(d =>
                new Appended(new Position(d.Partition.Value, d.Offset.Value), false))]).ToList();
            Apply(unit);
            return new CommitResult(appended);
        }
        catch (KafkaException failed)
        {
            Abort(failed.Error);
            throw new BrokerException(KafkaRecords.ToBroker(failed.Error), $"The commit was aborted: {failed.Error.Code}.", failed);
        }
    }, cancellationToken);

    /// <summary>Leaves the group, so that the next owner need not wait for the session to end.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Bounded.Run("closing the shard's consumer", _consumer.Close);
        Bounded.Run("destroying the shard's producer", _producer.Dispose);
        Bounded.Run("destroying the shard's consumer", _consumer.Dispose);
    }

    private Task<DeliveryResult<byte[]?, byte[]?>> ProduceAsync(TopicAppend append, Message message) => append.Partition is { } partition
        ? _producer.ProduceAsync(new TopicPartition(append.Topic, partition), KafkaRecords.ToKafka(message))
        : _producer.ProduceAsync(append.Topic, KafkaRecords.ToKafka(message));

    private Task<DeliveryResult<byte[]?, byte[]?>> ProduceAsync(StateWrite write) => _producer.ProduceAsync(
        new TopicPartition(StateTopic, write.Partition),
        new Message<byte[]?, byte[]?> { Key = KafkaRecords.StateKey(write.Store, write.Key.Span), Value = write.Value?.ToArray() });

    private Task<DeliveryResult<byte[]?, byte[]?>> ProduceAsync(PositionUpdate update) => _producer.ProduceAsync(
        new TopicPartition(ProgressTopic, update.Partition),
        new Message<byte[]?, byte[]?> { Key = KafkaRecords.ProgressKey(_group, update.Topic), Value = KafkaRecords.Encode(update.Progress) });

    /// <summary>A fenced producer has no transaction left to abort; whoever fenced it has ended it.</summary>
    private void Abort(Error error)
    {
        if (!error.IsFatal)
        {
            _producer.AbortTransaction(Bounded.Patience);
        }
    }

    private void Apply(CommitUnit unit)
    {
        foreach (var write in unit.State)
        {
            Apply(Convert.ToHexString(KafkaRecords.StateKey(write.Store, write.Key.Span)), write.Value?.ToArray());
        }

        Progress = unit.Positions.Count > 0 ? unit.Positions[0].Progress : Progress;
    }

    private void Apply(string key, byte[]? value)
    {
        if (value is null)
        {
            _state.Remove(key);
        }
        else
        {
            _state[key] = value;
        }
    }

    private Offset Restore()
    {
        var key = KafkaRecords.ProgressKey(_group, _topic);
        var last = KafkaReader.ReadAll(_bootstrap, ProgressTopic, Partition).LastOrDefault(r => key.AsSpan().SequenceEqual(r.Message.Key));
        Progress = last is null ? Progress.At(0) : KafkaRecords.Decode(last.Message.Value);
        _state.Clear();
        foreach (var read in KafkaReader.ReadAll(_bootstrap, StateTopic, Partition))
        {
            Apply(Convert.ToHexString(read.Message.Key!), read.Message.Value);
        }

        return Progress.Next;
    }
}
