using System.Text;
using Confluent.Kafka;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Header = Trunkline.Messaging.Header;
using Headers = Trunkline.Messaging.Headers;

namespace Trunkline.Kafka.Spike.Tests;

/// <summary>What the port asks of a Kafka broker, over librdkafka's mock cluster.</summary>
public sealed class KafkaCommitTests : IDisposable
{
    /// <summary>TxnOffsetCommit and EndTxn of the Kafka protocol.</summary>
    private const short TxnOffsetCommit = 28;
    private const short EndTxn = 26;

    private static readonly byte[] StateKey = [0, 255];
    private readonly MockCluster _cluster = new(1);

    public KafkaCommitTests()
    {
        foreach (var topic in new[] { "in", "out-a", "out-b", KafkaCommitSpike.ProgressTopic, KafkaCommitSpike.StateTopic })
        {
            _cluster.CreateTopic(topic, 1);
        }
    }

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_unit_over_two_topics_with_state_and_progress_is_there_as_a_whole_after_the_commit()
    {
        using var spike = await FilledAsync(5);
        var message = (await spike.ReceiveAsync(3))[0].Message;
        Assert.Equal(("0", "key", "/spike"), (Encoding.UTF8.GetString(message.Payload.Span), message.Key.ToString(), message.Source));
        Assert.Equal(new byte[] { 0, 128, 255 }, message.Headers[0].Value.ToArray());

        var result = await spike.CommitAsync(Unit(new Progress(1, [new OffsetRange(2, 3)]), "first"));
        Assert.Equal([1, 2], result.Appended.Select(a => a.Count));
        Assert.Equal(["first"], Read("out-a"));
        Assert.Equal(["first", "first"], Read("out-b"));
        Assert.Equal("first", StateOf(spike));
    }

    [Fact]
    public async Task A_unit_refused_for_its_size_leaves_nothing_visible_and_the_next_is_unaffected()
    {
        using var spike = await FilledAsync(5);
        await spike.ReceiveAsync(1);
        await spike.CommitAsync(Unit(Progress.At(1), "first"));
        var tooLarge = new TopicAppend { Topic = "out-b", Messages = [Text(new string('x', 2_000_000))] };
        var bad = Unit(Progress.At(2), "aborted");
        await RefusedAsync(BrokerErrorCode.MessageTooLarge, spike, bad with { Appends = [.. bad.Appends, tooLarge] });
        Assert.Equal(("first", 1), (StateOf(spike), spike.Progress.Next));

        await spike.CommitAsync(Unit(Progress.At(2), "second"));
        Assert.Equal(["first", "second"], Read("out-a"));
        Assert.Equal(["first", "first", "second", "second"], Read("out-b"));
        spike.Dispose();
        using var next = await OpenAsync();
        await next.ReceiveAsync(1);
        Assert.Equal(("second", 2), (StateOf(next), next.Progress.Next));
    }

    [Fact]
    public async Task A_unit_refused_after_its_records_were_sent_is_marked_aborted_in_every_topic_of_it()
    {
        using var spike = await FilledAsync(5);
        await spike.ReceiveAsync(1);
        await spike.CommitAsync(Unit(Progress.At(1), "first"));
        string[] topics = ["out-a", "out-b", KafkaCommitSpike.StateTopic, KafkaCommitSpike.ProgressTopic];
        Assert.All(topics, t => Assert.Equal(0, KafkaReader.CountAborts(_cluster.Bootstrap, t, 0)));

        _cluster.Refuse(TxnOffsetCommit, ErrorCode.IllegalGeneration);
        await RefusedAsync(BrokerErrorCode.Fenced, spike, Unit(Progress.At(2), "aborted"));
        Assert.All(topics, t => Assert.Equal(1, KafkaReader.CountAborts(_cluster.Bootstrap, t, 0)));
        Assert.Equal(("first", 1), (StateOf(spike), spike.Progress.Next));
    }

    [Fact]
    public async Task After_a_restart_progress_and_state_are_restored_and_what_was_completed_above_is_skipped()
    {
        var spike = await FilledAsync(8);
        await spike.ReceiveAsync(8);
        await spike.CommitAsync(Unit(Progress.At(1), "first"));
        await spike.CommitAsync(Unit(new Progress(2, [new OffsetRange(3, 5), new OffsetRange(6, 7)]), "second"));
        spike.Dispose();

        using var next = await OpenAsync();
        Assert.Equal(["2", "5", "7"], (await next.ReceiveAsync(3)).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)));
        Assert.Equal(2, next.Progress.Next);
        Assert.Equal([new OffsetRange(3, 5), new OffsetRange(6, 7)], next.Progress.CompletedAbove);
        Assert.Equal("second", StateOf(next));

        await next.CommitAsync(new CommitUnit { State = [new StateWrite("flow.spike", 0, StateKey, null)] });
        Assert.Null(StateOf(next));
    }

    [Fact]
    public async Task A_producer_the_broker_fences_is_refused_for_good()
    {
        using var old = await FilledAsync(5);
        await old.ReceiveAsync(2);
        await old.CommitAsync(Unit(Progress.At(1), "first"));

        // The mock gives a second producer of the same name a new term but lets the older one go on; a broker answers like this.
        _cluster.Refuse(EndTxn, ErrorCode.ProducerFenced);
        await RefusedAsync(BrokerErrorCode.Fenced, old, Unit(Progress.At(2), "late"));
        await RefusedAsync(BrokerErrorCode.Fenced, old, Unit(Progress.At(2), "later"));
        Assert.Equal(("first", 1), (StateOf(old), old.Progress.Next));
    }

    private static async Task RefusedAsync(BrokerErrorCode code, KafkaCommitSpike spike, CommitUnit unit) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<BrokerException>(() => spike.CommitAsync(unit))).Code);

    private static CommitUnit Unit(Progress progress, string text) => new()
    {
        Appends =
        [
            new TopicAppend { Topic = "out-a", Messages = [Text(text)] },
            new TopicAppend { Topic = "out-b", Messages = [Text(text), Text(text)] },
        ],
        Positions = [new PositionUpdate("in", 0, progress)],
        State = [new StateWrite("flow.spike", 0, StateKey, Encoding.UTF8.GetBytes(text))],
    };

    private static Message Text(string text) => new()
    {
        Source = "/spike",
        Key = MessageKey.FromText("key"),
        Headers = Headers.Of(new Header("binary", new byte[] { 0, 128, 255 })),
        Payload = Encoding.UTF8.GetBytes(text),
    };

    private static string? StateOf(KafkaCommitSpike spike) =>
        spike.ReadState("flow.spike", StateKey) is { } value ? Encoding.UTF8.GetString(value.Span) : null;

    private Task<KafkaCommitSpike> OpenAsync() => KafkaCommitSpike.OpenAsync(_cluster.Bootstrap, "in", "flow.spike");

    /// <summary>A shard whose topic holds messages "0", "1", …, published by units without positions.</summary>
    private async Task<KafkaCommitSpike> FilledAsync(int count)
    {
        using (var publisher = await KafkaCommitSpike.OpenAsync(_cluster.Bootstrap, "in", "publisher"))
        {
            var messages = Enumerable.Range(0, count).Select(i => Text($"{i}")).ToList();
            await publisher.CommitAsync(new CommitUnit { Appends = [new TopicAppend { Topic = "in", Messages = messages }] });
        }

        return await OpenAsync();
    }

    private List<string> Read(string topic) =>
        [.. KafkaReader.ReadAll(_cluster.Bootstrap, topic, 0).Select(r => Encoding.UTF8.GetString(r.Message.Value!))];
}
