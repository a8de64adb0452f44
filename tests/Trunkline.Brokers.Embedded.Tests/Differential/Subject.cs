using System.Globalization;
using System.Text;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Differential;

/// <summary>A broker that operations are done to, with one member per topic.</summary>
internal sealed class Subject(Func<Task<IBroker>> open, bool persistent, CancellationToken stop) : IAsyncDisposable
{
    public const string Group = "g";
    private readonly Dictionary<string, ISubscription> _members = [];

    public IBroker Broker { get; private set; } = null!;

    public CancellationToken Stop => stop;

    public async Task StartAsync()
    {
        Broker = await open();
        foreach (var topic in Operation.AllTopics)
        {
            await Broker.CreateTopicAsync(Operation.Settings(topic), stop);
        }
    }

    /// <summary>The token of a member that was told of all changes so far.</summary>
    public async Task<FencingToken> FenceAsync(string topic)
    {
        // A seek or a new topic changes the term, so each time a member joins afresh.
        if (_members.Remove(topic, out var former))
        {
            await former.DisposeAsync();
        }

        var member = await Broker.SubscribeAsync(new SubscribeOptions { Topic = topic, Group = Group }, stop);
        _members[topic] = member;
        Assert.IsType<SubscriptionEvent.Assigned>(await member.ReceiveAsync(1, stop));
        return member.Fence;
    }

    /// <summary>A persistent broker is closed and opened again; another only loses its members.</summary>
    public async Task RestartAsync()
    {
        foreach (var member in _members.Values)
        {
            await member.DisposeAsync();
        }

        _members.Clear();
        if (persistent)
        {
            await Broker.DisposeAsync();
            Broker = await open();
        }
    }

    /// <summary>All that can be seen of it, as text. Groups that never committed may end with their last member or not.</summary>
    public async Task<string> DescribeAsync()
    {
        var all = new StringBuilder();
        foreach (var topic in await Broker.ListTopicsAsync(stop))
        {
            foreach (var partition in topic.Partitions)
            {
                var read = await Broker.ReadAsync(new ReadRequest(topic.Settings.Name, partition.Partition, 0, 10_000), stop);
                all.Append(CultureInfo.InvariantCulture, $"{topic.Settings.Name}/{partition.Partition} {partition.LowOffset}-{partition.HighOffset}: ")
                    .AppendJoin(' ', read.Select(m => $"{m.Position.Offset}={m.Message.Id}:{m.Message.Key}:{Convert.ToHexString(m.Message.Payload.Span)}"))
                    .Append('\n');
                await foreach (var entry in Broker.ScanStateAsync("store", partition.Partition, default, stop))
                {
                    all.Append(CultureInfo.InvariantCulture, $"  state {Convert.ToHexString(entry.Key.Span)}={Convert.ToHexString(entry.Value.Span)}\n");
                }
            }

            foreach (var partition in (await Broker.DescribeGroupsAsync(topic.Settings.Name, stop)).SelectMany(g => g.Partitions).Where(p => p.Next is not null))
            {
                all.Append(CultureInfo.InvariantCulture, $"  group {partition.Partition} next {partition.Next} lag {partition.Lag}\n");
            }
        }

        return all.ToString();
    }

    public async ValueTask DisposeAsync() => await Broker.DisposeAsync();
}
