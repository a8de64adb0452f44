using System.Globalization;
using System.Text;
using Trunkline.Crash.Tests.Harness;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Messaging.Topics;

namespace Trunkline.Crash.Tests.Child;

/// <summary>
/// Producers that commit units over three topics and a state key, and a consumer that copies <c>in</c> to <c>out</c>,
/// completing messages in random order, with output, state and progress in one unit, while the store's files are tidied. All choices come from the seed.
/// </summary>
internal sealed class Workload(IBroker broker, JournalWriter output, int seed, long firstUnit)
{
    public const string Store = "crash";
    private const int Producers = 4;
    private const int Partitions = 3;
    private static readonly string[] Topics = ["in", "side", "audit", "out"];
    private long _unit = firstUnit - 1;

    public required Durability Durability { get; init; }

    /// <summary>Works until the process dies.</summary>
    public async Task RunAsync()
    {
        await CreateTopicsAsync();
        var work = Enumerable.Range(0, Producers).Select(ProduceAsync).Append(ConsumeAsync(leaveSome: true)).Append(TidyAsync()).ToList();
        await await Task.WhenAny(work);
    }

    /// <summary>Copies all that is left, then returns.</summary>
    public async Task DrainAsync()
    {
        await CreateTopicsAsync();
        await ConsumeAsync(leaveSome: false);
    }

    private async Task CreateTopicsAsync()
    {
        foreach (var topic in Topics)
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = topic, Partitions = Partitions, Durability = Durability }, CancellationToken.None);
        }
    }

    private async Task ProduceAsync(int producer)
    {
        var random = new Random((seed * 31) + producer);
        while (true)
        {
            var unit = Interlocked.Increment(ref _unit);
            List<TopicAppend> appends = [];
            foreach (var topic in Topics[..random.Next(1, 4)])
            {
                appends.Add(new TopicAppend { Topic = topic, Messages = Messages(unit, producer, random, topic) });
            }

            await CommitAsync(unit, new CommitUnit { Appends = appends, State = [Mark(unit)] });
        }
    }

    /// <summary>What maintenance does meanwhile: finds files of the log that nothing needs, and moves batches out of others before it deletes them.</summary>
    private async Task TidyAsync()
    {
        var random = new Random((seed * 31) + 98);
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100)), TimeProvider.System);
            await broker.ApplyRetentionAsync(false, CancellationToken.None);
            if (random.Next(4) == 0)
            {
                await broker.ScrubAsync(CancellationToken.None);
            }
        }
    }

    private static List<Message> Messages(long unit, int producer, Random random, string topic) =>
    [
        .. Enumerable.Range(0, random.Next(1, 20)).Select(i =>
        {
            var payload = new byte[random.Next(0, random.Next(20) == 0 ? 40_000 : 400)];
            random.NextBytes(payload);
            // One producer owns a key, and counters rise with the unit: order can be judged from the offsets.
            return Make(unit, $"{topic}-{unit}-{i}", $"k{producer}-{random.Next(5)}", (unit * 100) + i, payload);
        }),
    ];

    private async Task ConsumeAsync(bool leaveSome)
    {
        var random = new Random((seed * 31) + 99);
        await using var subscription = await broker.SubscribeAsync(new SubscribeOptions { Topic = "in", Group = "copy" }, CancellationToken.None);
        Dictionary<int, CompletionTracker> trackers = [];
        Dictionary<int, List<StoredMessage>> waiting = [];
        while (leaveSome || await LeftAsync() > 0)
        {
            switch (await subscription.ReceiveAsync(50, CancellationToken.None))
            {
                case SubscriptionEvent.Assigned assigned:
                    foreach (var partition in assigned.Partitions)
                    {
                        trackers[partition.Partition] = new CompletionTracker(partition.Progress);
                        waiting[partition.Partition] = [];
                    }

                    break;
                case SubscriptionEvent.Delivered delivered:
                    foreach (var message in delivered.Messages)
                    {
                        trackers[delivered.Partition].Deliver(message.Position.Offset);
                    }

                    var pending = waiting[delivered.Partition];
                    pending.AddRange(delivered.Messages);
                    var taken = Take(pending, leaveSome && pending.Count < 200 ? $"k{random.Next(Producers)}-" : null);
                    await CopyAsync(subscription, delivered.Partition, trackers[delivered.Partition], taken);
                    break;
                case var other:
                    throw new InvalidOperationException($"one member of a group that nobody moves got {other}");
            }
        }
    }

    private async Task<long> LeftAsync()
    {
        var end = (await broker.DescribeTopicAsync("in", CancellationToken.None)).Partitions.Sum(p => p.HighOffset);
        var groups = await broker.DescribeGroupsAsync("in", CancellationToken.None);
        return groups.Count == 0 ? end : groups[0].Partitions.Sum(p => p.Lag);
    }

    /// <summary>All messages but those of one producer's keys, so that work completes above the position and a key's order holds.</summary>
    private static List<StoredMessage> Take(List<StoredMessage> waiting, string? leave)
    {
        var taken = waiting.Where(m => leave is null || !m.Message.Key!.Value.ToString().StartsWith(leave, StringComparison.Ordinal)).ToList();
        waiting.RemoveAll(taken.Contains);
        return taken;
    }

    private async Task CopyAsync(ISubscription subscription, int partition, CompletionTracker tracker, List<StoredMessage> taken)
    {
        if (taken.Count == 0)
        {
            return;
        }

        var unit = Interlocked.Increment(ref _unit);
        var copies = taken.Select(m => Make(
            unit,
            $"copy-{m.Message.Id}",
            m.Message.Key!.Value.ToString(),
            long.Parse(m.Message.Headers.Text("counter")!, CultureInfo.InvariantCulture),
            m.Message.Payload)).ToList();
        taken.ForEach(m => tracker.Complete(m.Position.Offset));
        await CommitAsync(unit, new CommitUnit
        {
            Fence = subscription.Fence,
            Appends = [new TopicAppend { Topic = "out", Messages = copies }],
            Positions = [new PositionUpdate("in", partition, tracker.Progress)],
            State = [Mark(unit)],
        });
    }

    private async Task CommitAsync(long unit, CommitUnit work)
    {
        var tried = work.Appends.SelectMany(a => a.Messages.Select(m => Describe(a.Topic, m))).ToList();
        output.Write(new JournalLine { Kind = "try", Unit = unit, Messages = tried });
        var result = await broker.CommitAsync(work, CancellationToken.None);
        var places = result.Appended.SelectMany(a => a).ToList();
        output.Write(new JournalLine
        {
            Kind = "ok",
            Unit = unit,
            Messages = [.. tried.Select((m, i) => m with { Partition = places[i].Position.Partition, Offset = places[i].Position.Offset })],
        });
    }

    private static JournalMessage Describe(string topic, Message message) => new(
        topic, message.Id.Value, message.Key!.Value.ToString(), long.Parse(message.Headers.Text("counter")!, CultureInfo.InvariantCulture), Findings.Hash(message));

    private static Message Make(long unit, string id, string key, long counter, ReadOnlyMemory<byte> payload) => new()
    {
        Id = new MessageId(id),
        Source = "crash",
        Key = MessageKey.FromText(key),
        Headers = Headers.Of(
            new Header("unit", unit.ToString(CultureInfo.InvariantCulture)),
            new Header("counter", counter.ToString(CultureInfo.InvariantCulture))),
        Payload = payload,
    };

    private static StateWrite Mark(long unit) =>
        new(Store, 0, Encoding.UTF8.GetBytes($"unit-{unit}"), Encoding.UTF8.GetBytes("done"));
}
