using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>What outlives the broker.</summary>
internal sealed class RestartCases(BrokerStand stand)
{
    [Case(38, BrokerCapabilities.Persistent)]
    public async Task With_restarts_at_a_third_and_a_half_of_ten_thousand_messages_every_acknowledged_one_is_received_once()
    {
        const int total = 10_000;
        var topic = await stand.CreateTopicAsync(4);
        var acknowledged = new List<string>();
        for (var next = 0; next < total; next += 100)
        {
            var batches = Enumerable.Range(next / 10, 10).Select(b => TryAppendAsync(topic, b)).ToList();
            if (next is 3300 or 5000)
            {
                await stand.RestartAsync();
            }

            acknowledged.AddRange((await Task.WhenAll(batches)).SelectMany(b => b));
        }

        Assert.True(acknowledged.Count >= total - 200);
        var read = (await stand.ReadAllAsync(topic)).Select(BrokerStand.TextOf).ToList();
        Assert.Equal(read.Count, read.Distinct().Count());
        Assert.Empty(acknowledged.Except(read));
    }

    [Case(38, BrokerCapabilities.Persistent | BrokerCapabilities.SyncDurability)]
    public async Task Topics_their_settings_and_their_extent_are_the_same_after_a_restart()
    {
        var topic = await stand.CreateTopicAsync(3, s => s with { RetentionAge = TimeSpan.FromDays(7), Durability = new Durability(DurabilityKind.Interval, TimeSpan.FromMilliseconds(50)) });
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 30).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        var before = await stand.Broker.DescribeTopicAsync(topic, stand.Stop);
        await stand.RestartAsync();
        var after = await stand.Broker.DescribeTopicAsync(topic, stand.Stop);
        Assert.Equal(before.Settings, after.Settings);
        Assert.Equal(before.Partitions.Select(p => (p.LowOffset, p.HighOffset)), after.Partitions.Select(p => (p.LowOffset, p.HighOffset)));
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 30).Select(i => BrokerStand.Text($"{i}", $"{i}"))]);
        Assert.Equal(60, (await stand.ReadAllAsync(topic)).Select(m => m.Position).Distinct().Count());
    }

    private async Task<List<string>> TryAppendAsync(string topic, int batch)
    {
        var texts = Enumerable.Range(batch * 10, 10).Select(i => $"{i}").ToList();
        try
        {
            await stand.AppendAsync(topic, [.. texts.Select(t => BrokerStand.Text(t, t))]);
            return texts;
        }
        catch (BrokerException closed) when (closed.Code == BrokerErrorCode.Closed)
        {
            return [];
        }
    }
}
