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

    [Fact(Timeout = Bounded.TestMilliseconds)]
    public async Task A_unit_over_two_topics_with_state_and_progress_is_there_as_a_whole_after_the_commit()
    {
        var stop = TestContext.Current.CancellationToken;
        using var spike = await FilledAsync(5, stop);
        var message = (await spike.ReceiveAsync(3, stop))[0].Message;
        Assert.Equal(("0", "key", "/spike"), (Encoding.UTF8.GetString(message.Payload.Span), message.Key.ToString(), message.Source));
        Assert.Equal(new byte[] { 0, 128, 255 }, message.Headers[0].Value.ToArray());

        var result = await spike.CommitAsync(Unit(new Progress(1, [new OffsetRange(2, 3)]), "first"), stop);
        Assert.Equal([1, 2], result.Appended.Select(a => a.Count));
        Assert.Equal(["first"], Read("out-a"));
        Assert.Equal(["first", "first"], Read("out-b"));
        Assert.Equal("first", StateOf(spike));
    }

    [Fact(Timeout = Bounded.TestMilliseconds)]
    public async Task A_unit_refused_for_its_size_leaves_nothing_visible_and_the_next_is_unaffected()
    {
        var stop = TestContext.Current.CancellationToken;
        using var spike = await FilledAsync(5, stop);
        await spike.ReceiveAsync(1, stop);
        await spike.CommitAsync(Unit(Progress.At(1), "first"), stop);
        var tooLarge = new TopicAppend { Topic = "out-b", Messages = [Text(new string('x', 2_000_000))] };
        var bad = Unit(Progress.At(2), "aborted");
        await RefusedAsync(BrokerErrorCode.MessageTooLarge, spike, bad with { Appends = [.. bad.Appends, tooLarge] }, stop);
        Assert.Equal(("first", 1), (StateOf(spike), spike.Progress.Next));

        await spike.CommitAsync(Unit(Progress.At(2), "second"), stop);
        Assert.Equal(["first", "second"], Read("out-a"));
        Assert.Equal(["first", "first", "second", "second"], Read("out-b"));
        spike.Dispose();
        using var next = await OpenAsync(stop);
        await next.ReceiveAsync(1, stop);
        Assert.Equal(("second", 2), (StateOf(next), next.Progress.Next));
    }

    [Fact(Timeout = Bounded.TestMilliseconds)]
    public async Task A_unit_refused_after_its_records_were_sent_is_marked_aborted_in_every_topic_of_it()
    {
        var stop = TestContext.Current.CancellationToken;
        using var spike = await FilledAsync(5, stop);
        await spike.ReceiveAsync(1, stop);
        await spike.CommitAsync(Unit(Progress.At(1), "first"), stop);
        string[] topics = ["out-a", "out-b", KafkaCommitSpike.StateTopic, KafkaCommitSpike.ProgressTopic];
        Assert.Equal(new[] { 0, 0, 0, 0 }, await CountAbortsAsync(topics, stop));

        _cluster.Refuse(TxnOffsetCommit, ErrorCode.IllegalGeneration);
        await RefusedAsync(BrokerErrorCode.Fenced, spike, Unit(Progress.At(2), "aborted"), stop);
        Assert.Equal(new[] { 1, 1, 1, 1 }, await CountAbortsAsync(topics, stop));
        Assert.Equal(("first", 1), (StateOf(spike), spike.Progress.Next));
    }

    [Fact(Timeout = Bounded.TestMilliseconds)]
    public async Task After_a_restart_progress_and_state_are_restored_and_what_was_completed_above_is_skipped()
    {
        var stop = TestContext.Current.CancellationToken;
        var spike = await FilledAsync(8, stop);
        await spike.ReceiveAsync(8, stop);
        await spike.CommitAsync(Unit(Progress.At(1), "first"), stop);
        await spike.CommitAsync(Unit(new Progress(2, [new OffsetRange(3, 5), new OffsetRange(6, 7)]), "second"), stop);
        spike.Dispose();

        using var next = await OpenAsync(stop);
        Assert.Equal(["2", "5", "7"], (await next.ReceiveAsync(3, stop)).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)));
        Assert.Equal(2, next.Progress.Next);
        Assert.Equal([new OffsetRange(3, 5), new OffsetRange(6, 7)], next.Progress.CompletedAbove);
        Assert.Equal("second", StateOf(next));

        await next.CommitAsync(new CommitUnit { State = [new StateWrite("flow.spike", 0, StateKey, null)] }, stop);
        Assert.Null(StateOf(next));
    }

    [Fact(Timeout = Bounded.TestMilliseconds)]
    public async Task A_producer_the_broker_fences_is_refused_for_good()
    {
        var stop = TestContext.Current.CancellationToken;
        using var old = await FilledAsync(5, stop);
        await old.ReceiveAsync(2, stop);
        await old.CommitAsync(Unit(Progress.At(1), "first"), stop);

        // The mock gives a second producer of the same name a new term but lets the older one go on; a broker answers like this.
        _cluster.Refuse(EndTxn, ErrorCode.ProducerFenced);
        await RefusedAsync(BrokerErrorCode.Fenced, old, Unit(Progress.At(2), "late"), stop);
        await RefusedAsync(BrokerErrorCode.Fenced, old, Unit(Progress.At(2), "later"), stop);
        Assert.Equal(("first", 1), (StateOf(old), old.Progress.Next));
    }

    private static async Task RefusedAsync(BrokerErrorCode code, KafkaCommitSpike spike, CommitUnit unit, CancellationToken stop) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<BrokerException>(() => spike.CommitAsync(unit, stop))).Code);

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

    private Task<KafkaCommitSpike> OpenAsync(CancellationToken stop) => KafkaCommitSpike.OpenAsync(_cluster.Bootstrap, "in", "flow.spike", stop);

    /// <summary>A shard whose topic holds messages "0", "1", …, published by units without positions.</summary>
    private async Task<KafkaCommitSpike> FilledAsync(int count, CancellationToken stop)
    {
        using (var publisher = await KafkaCommitSpike.OpenAsync(_cluster.Bootstrap, "in", "publisher", stop))
        {
            var messages = Enumerable.Range(0, count).Select(i => Text($"{i}")).ToList();
            await publisher.CommitAsync(new CommitUnit { Appends = [new TopicAppend { Topic = "in", Messages = messages }] }, stop);
        }

        return await OpenAsync(stop);
    }

    private Task<int[]> CountAbortsAsync(string[] topics, CancellationToken stop) =>
        Task.WhenAll(topics.Select(topic => TransactionMarkers.CountAbortsAsync(_cluster.Bootstrap, topic, 0, stop)));

    private List<string> Read(string topic) =>
        [.. KafkaReader.ReadAll(_cluster.Bootstrap, topic, 0).Select(r => Encoding.UTF8.GetString(r.Message.Value!))];
}
