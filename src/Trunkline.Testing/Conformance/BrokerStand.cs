using System.Diagnostics;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;
using Xunit;

namespace Trunkline.Testing.Conformance;

/// <summary>A broker under test with its clock and folder, and the few calls most cases share.</summary>
internal sealed class BrokerStand : IAsyncDisposable
{
    /// <summary>Bound on one case.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Func<string, TimeProvider, CancellationToken, ValueTask<IBroker>> _open;
    private readonly Func<string, ProcessStartInfo?> _child;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("trunkline-conformance-");
    private readonly CancellationTokenSource _stop;
    private int _topics;

    private BrokerStand(
        Func<string, TimeProvider, CancellationToken, ValueTask<IBroker>> open, Func<string, ProcessStartInfo?> child, CancellationToken cancellationToken)
    {
        (_open, _child) = (open, child);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stop.CancelAfter(Patience);
    }

    public MovableClock Clock { get; } = new();

    public IBroker Broker { get; private set; } = null!;

    /// <summary>Cancelled when the case has used up its time.</summary>
    public CancellationToken Stop => _stop.Token;

    public bool Has(BrokerCapabilities capabilities) => Broker.Capabilities.HasFlag(capabilities);

    public static async Task<BrokerStand> OpenAsync(
        Func<string, TimeProvider, CancellationToken, ValueTask<IBroker>> open, Func<string, ProcessStartInfo?> child, CancellationToken cancellationToken)
    {
        var stand = new BrokerStand(open, child, cancellationToken);
        stand.Broker = await open(stand._folder.FullName, stand.Clock, stand.Stop);
        return stand;
    }

    /// <summary>Closes the broker and opens it again on the same folder.</summary>
    public async Task RestartAsync()
    {
        await Broker.DisposeAsync();
        Broker = await _open(_folder.FullName, Clock, Stop);
    }

    /// <summary>
    /// Closes the broker, lets a process do <see cref="KillableWork"/> on its folder, kills that after so many lines, and opens the
    /// broker again. Returns all lines the process wrote.
    /// </summary>
    public async Task<List<string>> KillAsync(int afterLines)
    {
        await Broker.DisposeAsync();
        var start = _child(_folder.FullName);
        Assert.True(start is not null, $"{Broker.Kind} declares {BrokerCapabilities.Persistent}: its conformance must say how to start a child to kill");
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var lines = new List<string>();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(Stop) is { } line)
            {
                lines.Add(line);
                if (lines.Count == afterLines)
                {
                    process.Kill();
                }
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        Assert.True(lines.Count >= afterLines, $"the child ended by itself after {lines.Count} of {afterLines} lines");
        Broker = await _open(_folder.FullName, Clock, Stop);
        return lines;
    }

    /// <summary>Restarts the broker if its data outlives it.</summary>
    public Task RestartIfPersistentAsync() => Has(BrokerCapabilities.Persistent) ? RestartAsync() : Task.CompletedTask;

    /// <summary>Creates a topic with a name of its own.</summary>
    public async Task<string> CreateTopicAsync(int partitions, Func<TopicSettings, TopicSettings>? with = null)
    {
        var settings = new TopicSettings { Name = $"topic-{Interlocked.Increment(ref _topics)}", Partitions = partitions };
        settings = with?.Invoke(settings) ?? settings;
        await Broker.CreateTopicAsync(settings, Stop);
        return settings.Name;
    }

    public static Message Text(string? key, string payload) =>
        new() { Key = key is null ? null : MessageKey.FromText(key), Payload = Encoding.UTF8.GetBytes(payload) };

    public static string TextOf(StoredMessage stored) => Encoding.UTF8.GetString(stored.Message.Payload.Span);

    public async Task<IReadOnlyList<Appended>> AppendAsync(TopicAppend append) => await Broker.AppendAsync(append, Stop);

    public Task<IReadOnlyList<Appended>> AppendAsync(string topic, params IReadOnlyList<Message> messages) =>
        AppendAsync(new TopicAppend { Topic = topic, Messages = messages });

    /// <summary>All messages of a topic, partition by partition.</summary>
    public async Task<List<StoredMessage>> ReadAllAsync(string topic)
    {
        var all = new List<StoredMessage>();
        foreach (var partition in (await Broker.DescribeTopicAsync(topic, Stop)).Partitions)
        {
            for (var next = partition.LowOffset; next < partition.HighOffset;)
            {
                var read = await Broker.ReadAsync(new ReadRequest(topic, partition.Partition, next, 1000), Stop);
                if (read.Count == 0)
                {
                    break;
                }

                all.AddRange(read);
                next = read[^1].Position.Offset + 1;
            }
        }

        return all;
    }

    public async Task<ISubscription> SubscribeAsync(string topic, string group, SubscribeStart start = SubscribeStart.Earliest) =>
        await Broker.SubscribeAsync(new SubscribeOptions { Topic = topic, Group = group, Start = start }, Stop);

    /// <summary>The next event, which must be of this kind.</summary>
    public async Task<T> NextAsync<T>(ISubscription member, int maxMessages = 1000)
        where T : SubscriptionEvent =>
        Assert.IsType<T>(await member.ReceiveAsync(maxMessages, Stop));

    /// <summary>Receives until so many messages came; other events are dropped.</summary>
    public async Task<List<StoredMessage>> ReceiveAsync(ISubscription member, int count)
    {
        var received = new List<StoredMessage>();
        while (received.Count < count)
        {
            if (await member.ReceiveAsync(count - received.Count, Stop) is SubscriptionEvent.Delivered delivered)
            {
                received.AddRange(delivered.Messages);
            }
        }

        return received;
    }

    public async Task CommitAsync(ISubscription member, string topic, int partition, Progress progress) =>
        await Broker.CommitAsync(new CommitUnit { Fence = member.Fence, Positions = [new PositionUpdate(topic, partition, progress)] }, Stop);

    public async Task<LeasedConsumer> ConsumeAsync(string topic, string group, Func<LeasedConsumerOptions, LeasedConsumerOptions>? with = null)
    {
        var options = new LeasedConsumerOptions { Topic = topic, Group = group };
        return await LeasedConsumer.OpenAsync(Broker, with?.Invoke(options) ?? options, Clock, Stop);
    }

    /// <summary>Fetches until so many were handed out.</summary>
    public async Task<List<LeasedDelivery>> FetchAsync(LeasedConsumer consumer, int count)
    {
        var fetched = new List<LeasedDelivery>();
        while (fetched.Count < count)
        {
            fetched.AddRange(await consumer.FetchAsync(count - fetched.Count, TimeSpan.FromSeconds(1), Stop));
        }

        return fetched;
    }

    /// <summary>The group's next offset in a partition; null if it never committed.</summary>
    public async Task<GroupPartition> StandingAsync(string topic, string group, int partition = 0) =>
        (await Broker.DescribeGroupsAsync(topic, Stop)).Single(g => g.Group == group).Partitions[partition];

    /// <summary>Demands a refusal with this code.</summary>
    public static async Task RefusedAsync(BrokerErrorCode code, Func<Task> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<BrokerException>(call)).Code);

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }
}
