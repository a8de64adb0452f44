using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>What is published twice is stored once.</summary>
internal sealed class DedupeCases(BrokerStand stand)
{
    [Case(32, BrokerCapabilities.DedupeById)]
    public async Task The_same_source_and_id_within_the_window_is_stored_once_and_answers_with_the_first_position()
    {
        var topic = await stand.CreateTopicAsync(4);
        var first = (await ByIdAsync(topic, ("s", "1"), ("s", "2")))[1];
        await stand.RestartIfPersistentAsync();
        var again = await ByIdAsync(topic, ("s", "2"), ("other", "2"), ("s", "3"), ("s", "3"));
        Assert.Equal([true, false, false, true], again.Select(a => a.Duplicate));
        Assert.Equal(first.Position, again[0].Position);
        Assert.Equal(again[2].Position, again[3].Position);
        Assert.Equal(4, (await stand.ReadAllAsync(topic)).Count);
    }

    [Case(33, BrokerCapabilities.DedupeById)]
    public async Task The_same_id_after_the_window_or_in_another_topic_is_stored_again()
    {
        var topic = await stand.CreateTopicAsync(1, s => s with { DedupeWindow = TimeSpan.FromMinutes(10) });
        var other = await stand.CreateTopicAsync(1);
        await ByIdAsync(topic, ("s", "1"));
        Assert.False((await ByIdAsync(other, ("s", "1")))[0].Duplicate);
        stand.Clock.Advance(TimeSpan.FromMinutes(9));
        Assert.True((await ByIdAsync(topic, ("s", "1")))[0].Duplicate);
        stand.Clock.Advance(TimeSpan.FromMinutes(2));
        await stand.RestartIfPersistentAsync();
        Assert.False((await ByIdAsync(topic, ("s", "1")))[0].Duplicate);
        Assert.Equal(2, (await stand.ReadAllAsync(topic)).Count);
    }

    [Case(33, BrokerCapabilities.DedupeById)]
    public async Task Without_a_window_or_without_asking_nothing_is_a_duplicate()
    {
        var topic = await stand.CreateTopicAsync(1, s => s with { DedupeWindow = TimeSpan.Zero });
        await ByIdAsync(topic, ("s", "1"));
        Assert.False((await ByIdAsync(topic, ("s", "1")))[0].Duplicate);
        var asked = await stand.CreateTopicAsync(1);
        await ByIdAsync(asked, ("s", "1"));
        Assert.False((await stand.AppendAsync(asked, new Message { Source = "s", Id = new MessageId("1") }))[0].Duplicate);
    }

    [Case(34, BrokerCapabilities.DedupeBySequence)]
    public async Task A_producer_with_an_older_epoch_and_a_gap_in_the_sequence_are_refused()
    {
        var topic = await stand.CreateTopicAsync(2);
        await SendAsync(topic, 1, 0, 3);
        await BrokerStand.RefusedAsync(BrokerErrorCode.SequenceGap, () => SendAsync(topic, 1, 4, 1));
        await SendAsync(topic, 1, 3, 2);
        await SendAsync(topic, 2, 0, 1);
        await stand.RestartIfPersistentAsync();
        await BrokerStand.RefusedAsync(BrokerErrorCode.Fenced, () => SendAsync(topic, 1, 5, 1));
        await BrokerStand.RefusedAsync(BrokerErrorCode.SequenceGap, () => SendAsync(topic, 2, 2, 1));
        await SendAsync(topic, 2, 1, 1);
        Assert.Equal(7, (await stand.ReadAllAsync(topic)).Count);
    }

    [Case(35, BrokerCapabilities.DedupeBySequence)]
    public async Task A_publish_whose_answer_was_lost_is_stored_once_when_retried_with_the_same_sequence()
    {
        var topic = await stand.CreateTopicAsync(2);
        var batches = new List<IReadOnlyList<Appended>>();
        for (var i = 0; i < 7; i++)
        {
            batches.Add(await SendAsync(topic, 1, i * 2, 2));
        }

        await stand.RestartIfPersistentAsync();
        for (var i = 2; i < 7; i++)
        {
            var again = await SendAsync(topic, 1, i * 2, 2);
            Assert.Equal(batches[i].Select(a => a.Position), again.Select(a => a.Position));
            Assert.All(again, a => Assert.True(a.Duplicate));
        }

        Assert.Equal(14, (await stand.ReadAllAsync(topic)).Count);
    }

    [Case(35, BrokerCapabilities.DedupeById)]
    public async Task Twenty_publishers_of_the_same_id_at_once_store_it_once()
    {
        var topic = await stand.CreateTopicAsync(4);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ByIdAsync(topic, ("s", "1"))));
        Assert.Single(answers, a => !a[0].Duplicate);
        Assert.Single(answers.Select(a => a[0].Position).Distinct());
        Assert.Single(await stand.ReadAllAsync(topic));
    }

    private Task<IReadOnlyList<Appended>> ByIdAsync(string topic, params (string Source, string Id)[] ids) => stand.AppendAsync(new TopicAppend
    {
        Topic = topic,
        Messages = [.. ids.Select(i => new Message { Source = i.Source, Id = new MessageId(i.Id) })],
        Dedupe = DedupeMode.ById,
    });

    private Task<IReadOnlyList<Appended>> SendAsync(string topic, int epoch, long sequence, int count) => stand.AppendAsync(new TopicAppend
    {
        Topic = topic,
        Partition = 1,
        Messages = [.. Enumerable.Range(0, count).Select(i => BrokerStand.Text(null, $"{sequence + i}"))],
        Dedupe = DedupeMode.BySequence,
        Sequence = new ProducerSequence("producer", epoch, sequence),
    });
}
