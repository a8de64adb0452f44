using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>Erased messages leave their offsets, and nobody stumbles over them.</summary>
internal sealed class ErasureCases(BrokerStand stand)
{
    [Case(53, BrokerCapabilities.Erasure)]
    public async Task Readers_and_groups_pass_over_erased_offsets_and_go_on_also_behind_the_last_one()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, [.. Enumerable.Range(0, 10).Select(i => BrokerStand.Text("k", $"{i}"))]);
        await using (var member = await stand.SubscribeAsync(topic, "g"))
        {
            await stand.ReceiveAsync(member, 3);
            await stand.CommitAsync(member, topic, 0, Progress.At(3));
        }

        Assert.Equal(5, await stand.Broker.EraseAsync(topic, Places(0, 4, 5, 8, 9), stand.Stop));
        Assert.Equal(0, await stand.Broker.EraseAsync(topic, Places(0, 9, 77, -1), stand.Stop));
        await stand.RestartIfPersistentAsync();
        await stand.Broker.ScrubAsync(stand.Stop);

        var partition = (await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions[0];
        Assert.Equal((0, 10), (partition.LowOffset, partition.HighOffset));
        Assert.Equal(["1", "2", "3", "6", "7"], (await stand.Broker.ReadAsync(new ReadRequest(topic, 0, 0, 100), stand.Stop)).Select(BrokerStand.TextOf));
        Assert.Empty(await stand.Broker.ReadAsync(new ReadRequest(topic, 0, 8, 100), stand.Stop));

        await using var next = await stand.SubscribeAsync(topic, "g");
        Assert.Equal([3, 6, 7], (await stand.ReceiveAsync(next, 3)).Select(m => m.Position.Offset));
        await stand.CommitAsync(next, topic, 0, Progress.At(8));
        Assert.Equal(0, (await stand.StandingAsync(topic, "g")).Lag);

        // Nothing readable is there: whoever waits, waits for what comes.
        var waiting = stand.Broker.WaitAsync(topic, 0, 8, stand.Stop).AsTask();
        Assert.False(waiting.IsCompleted);
        await stand.AppendAsync(topic, BrokerStand.Text("k", "10"));
        await waiting;
        Assert.Equal(10, (await stand.ReceiveAsync(next, 1))[0].Position.Offset);
    }

    [Case(53, BrokerCapabilities.Erasure)]
    public async Task An_erased_message_may_leave_another_in_its_place_with_its_offset_and_time()
    {
        var topic = await stand.CreateTopicAsync(1);
        await stand.AppendAsync(topic, BrokerStand.Text("k", "a"), BrokerStand.Text("k", "b"));
        var before = await stand.ReadAllAsync(topic);
        stand.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await stand.Broker.EraseAsync(topic, [new ErasedMessage(new Position(0, 1), BrokerStand.Text(null, "less"))], stand.Stop));
        await stand.RestartIfPersistentAsync();
        var after = await stand.ReadAllAsync(topic);
        Assert.Equal(["a", "less"], after.Select(BrokerStand.TextOf));
        Assert.Equal(before.Select(m => (m.Position, m.AppendedAt)), after.Select(m => (m.Position, m.AppendedAt)));
    }

    [Case(53, BrokerCapabilities.Erasure | BrokerCapabilities.DedupeById)]
    public async Task The_id_of_an_erased_message_is_forgotten_and_those_of_others_are_not()
    {
        var topic = await stand.CreateTopicAsync(1);
        TopicAppend Append(string id) => new()
        {
            Topic = topic,
            Messages = [new Message { Id = new MessageId(id), Source = "s" }],
            Dedupe = DedupeMode.ById,
        };
        await stand.AppendAsync(Append("gone"));
        await stand.AppendAsync(Append("kept"));
        await stand.Broker.EraseAsync(topic, Places(0), stand.Stop);
        Assert.True((await stand.AppendAsync(Append("kept")))[0].Duplicate);
        Assert.Equal(new Appended(new Position(0, 2), false), (await stand.AppendAsync(Append("gone")))[0]);
    }

    [Case(53, BrokerCapabilities.Erasure)]
    public async Task Erasing_asks_for_a_topic_that_is_there()
    {
        await BrokerStand.RefusedAsync(BrokerErrorCode.TopicNotFound, () => stand.Broker.EraseAsync("nowhere", Places(0), stand.Stop).AsTask());
    }

    private static ErasedMessage[] Places(params long[] offsets) => [.. offsets.Select(offset => new ErasedMessage(new Position(0, offset)))];
}
