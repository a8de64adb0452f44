using System.Globalization;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>What is published comes out as it went in.</summary>
internal sealed class AppendCases(BrokerStand stand)
{
    [Case(1)]
    public async Task A_hundred_messages_get_a_hundred_positions_and_arrive_with_equal_payload_key_and_headers()
    {
        var topic = await stand.CreateTopicAsync(4);
        var sent = Enumerable.Range(0, 100).Select(i => new Message
        {
            Id = new MessageId($"id-{i}"),
            Source = "/conformance",
            Time = DateTimeOffset.UnixEpoch.AddSeconds(i),
            Key = MessageKey.FromText($"key-{i % 7}"),
            ContentType = "text/plain",
            Headers = Headers.Of(new Header("n", i.ToString(CultureInfo.InvariantCulture))),
            Payload = new byte[] { (byte)i, 1, 2 },
        }).ToList();
        var appended = await stand.AppendAsync(topic, sent);
        Assert.Equal(100, appended.Select(a => a.Position).Distinct().Count());
        Assert.DoesNotContain(appended, a => a.Duplicate);

        await using var member = await stand.SubscribeAsync(topic, "g");
        var received = (await stand.ReceiveAsync(member, 100)).ToDictionary(m => m.Position);
        for (var i = 0; i < 100; i++)
        {
            var message = received[appended[i].Position].Message;
            AssertEqual(sent[i], message);
            Assert.Equal(Murmur2.Partition(sent[i].Key!.Value, 4), appended[i].Position.Partition);
        }
    }

    [Case(2)]
    public async Task Payloads_up_to_the_maximum_arrive_byte_equal_and_one_byte_more_is_refused_before_anything_is_stored()
    {
        const int max = 2 * 1024 * 1024;
        var topic = await stand.CreateTopicAsync(1, s => s with { MessageBytesMax = max });
        var random = new Random(7);
        foreach (var size in new[] { 0, 1, 1024 * 1024, max })
        {
            var payload = new byte[size];
            random.NextBytes(payload);
            var appended = await stand.AppendAsync(topic, new Message { Payload = payload });
            var read = await stand.Broker.ReadAsync(new ReadRequest(topic, 0, appended[0].Position.Offset, 1), stand.Stop);
            Assert.True(payload.AsSpan().SequenceEqual(read[0].Message.Payload.Span));
        }

        await BrokerStand.RefusedAsync(BrokerErrorCode.MessageTooLarge, () => stand.AppendAsync(topic, new Message(), new Message { Payload = new byte[max + 1] }));
        Assert.Equal(4, (await stand.ReadAllAsync(topic)).Count);
    }

    [Case(3, BrokerCapabilities.BinaryHeaders)]
    public async Task Header_values_of_all_bytes_empty_ones_repeated_names_and_names_differing_in_case_round_trip()
    {
        var topic = await stand.CreateTopicAsync(1);
        var all = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var sent = new Message { Headers = Headers.Of(new Header("all", all), new Header("empty", ""), new Header("x", "1"), new Header("x", "2"), new Header("X", "3"), new Header("ü", "4")) };
        await stand.AppendAsync(topic, sent);
        AssertEqual(sent, Assert.Single(await stand.ReadAllAsync(topic)).Message);
    }

    [Case(4)]
    public async Task A_null_key_an_empty_key_and_a_key_that_is_not_text_are_distinct_and_round_trip()
    {
        var topic = await stand.CreateTopicAsync(1);
        MessageKey?[] keys = [null, new MessageKey(Array.Empty<byte>()), new MessageKey(new byte[] { 0xff, 0xfe, 0 })];
        await stand.AppendAsync(topic, [.. keys.Select(k => new Message { Key = k })]);
        Assert.Equal(keys, (await stand.ReadAllAsync(topic)).Select(m => m.Message.Key));
    }

    [Case(5)]
    public async Task Fifty_publishers_and_fifty_subscribers_move_five_thousand_messages_and_every_one_is_seen()
    {
        const int each = 100;
        var topic = await stand.CreateTopicAsync(8);
        var harvest = new Harvest();
        var consumers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => stand.ConsumeAsync(topic, "g")));
        var workers = consumers.Select(c => Worker.RunAsync(stand, c, harvest, _ => true, () => harvest.Distinct >= 50 * each)).ToList();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async p =>
        {
            for (var i = 0; i < each; i += 10)
            {
                await stand.AppendAsync(topic, [.. Enumerable.Range(i, 10).Select(n => BrokerStand.Text($"p{p}", $"{p}/{n}"))]);
            }
        }));
        await Task.WhenAll(workers);
        Assert.Equal(50 * each, harvest.Acked.Select(d => BrokerStand.TextOf(d.Stored)).Distinct().Count());
        await Task.WhenAll(consumers.Select(c => c.DisposeAsync().AsTask()));
    }

    [Case(6)]
    public async Task Twenty_topics_used_at_once_do_not_leak_into_each_other()
    {
        var topics = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => stand.CreateTopicAsync(2)));
        await Task.WhenAll(topics.SelectMany(t => Enumerable.Range(0, 10).Select(i => stand.AppendAsync(t, BrokerStand.Text($"{i}", $"{t}:{i}")))));
        foreach (var topic in topics)
        {
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{topic}:{i}"), (await stand.ReadAllAsync(topic)).Select(BrokerStand.TextOf).Order());
        }
    }

    [Case(23)]
    public async Task Closing_the_broker_ends_every_pending_publish_and_each_reported_success_is_readable()
    {
        var topic = await stand.CreateTopicAsync(4);
        var pending = Enumerable.Range(0, 500).Select(i => stand.AppendAsync(topic, BrokerStand.Text($"{i}", $"{i}"))).ToList();
        await stand.Broker.DisposeAsync();
        var succeeded = new List<string>();
        for (var i = 0; i < pending.Count; i++)
        {
            try
            {
                await pending[i].WaitAsync(stand.Stop);
                succeeded.Add($"{i}");
            }
            catch (BrokerException closed)
            {
                Assert.Equal(BrokerErrorCode.Closed, closed.Code);
            }
        }

        await BrokerStand.RefusedAsync(BrokerErrorCode.Closed, () => stand.AppendAsync(topic, new Message()));
        if (stand.Has(BrokerCapabilities.Persistent))
        {
            await stand.RestartAsync();
            Assert.Empty(succeeded.Except((await stand.ReadAllAsync(topic)).Select(BrokerStand.TextOf)));
        }
    }

    [Case(43)]
    public async Task A_flood_of_publishes_is_slowed_or_refused_with_a_typed_error_and_memory_stays_bounded()
    {
        const int size = 64 * 1024;
        var topic = await stand.CreateTopicAsync(4);
        var payload = new byte[size];
        new Random(3).NextBytes(payload);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var flood = Enumerable.Range(0, 2000).Select(i => TryAppendAsync(topic, new Message { Key = MessageKey.FromText($"{i}"), Payload = payload })).ToList();
        var stored = (await Task.WhenAll(flood)).Count(ok => ok);
        Assert.Equal(stored, (await stand.Broker.DescribeTopicAsync(topic, stand.Stop)).Partitions.Sum(p => p.HighOffset));
        if (stand.Has(BrokerCapabilities.Persistent))
        {
            // 128 MB went through; what stays is caches, not the flood.
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 112L * 1024 * 1024);
        }
    }

    private async Task<bool> TryAppendAsync(string topic, Message message)
    {
        try
        {
            await stand.AppendAsync(topic, message);
            return true;
        }
        catch (BrokerException full) when (full.Code == BrokerErrorCode.Overloaded)
        {
            return false;
        }
    }

    private static void AssertEqual(Message expected, Message actual)
    {
        Assert.Equal((expected.Id, expected.Source, expected.Time, expected.Key, expected.ContentType), (actual.Id, actual.Source, actual.Time, actual.Key, actual.ContentType));
        Assert.Equal(expected.Payload.ToArray(), actual.Payload.ToArray());
        Assert.Equal(expected.Headers.Select(h => (h.Name, Convert.ToHexString(h.Value.Span))), actual.Headers.Select(h => (h.Name, Convert.ToHexString(h.Value.Span))));
    }
}
