using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Api.Events;
using Trunkline.Server.Api.Live;

namespace Trunkline.Server.Tests.Api.Live;

public sealed class LiveReadingTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryBroker _broker;

    public LiveReadingTests() => _broker = new MemoryBroker(_time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task What_was_for_others_is_not_read_again_after_a_heartbeat()
    {
        await using var tail = await OpenAsync();
        await using var items = Read(tail, TopicCursor.One(0, 0));
        await AppendAsync("other", 50);
        await AppendAsync("mine", 1);
        Assert.IsType<LiveItem.Whole>((await NextAsync(items)).Item);
        await AppendAsync("other", 50);
        LivePlace beat;
        do
        {
            beat = await NextAsync(items, beats: true);
        }
        while (TopicCursor.Parse(beat.Cursor, "t", 1).Next[0] < 101);
        Assert.IsType<LiveItem.Heartbeat>(beat.Item);
    }

    [Fact]
    public async Task A_client_told_that_messages_it_had_not_got_are_gone_gets_the_rest()
    {
        await AppendAsync("mine", 5);
        _time.Advance(TimeSpan.FromHours(2));
        await AppendAsync("mine", 2);
        Assert.Equal(5, await _broker.ApplyRetentionAsync(true, Cancel));
        await using var tail = await OpenAsync();
        await using var items = Read(tail, TopicCursor.One(0, 1));
        Assert.IsType<LiveItem.Gap>((await NextAsync(items)).Item);
        Assert.Equal([5, 6], new[] { await NextAsync(items), await NextAsync(items) }.Select(place => ((LiveItem.Whole)place.Item).Stored.Position.Offset));
    }

    [Fact]
    public async Task A_subscription_left_behind_goes_on_from_the_log()
    {
        await using var tail = await OpenAsync();
        await using var items = Read(tail, TopicCursor.One(0, 0));
        await AppendAsync("mine", 1);
        await NextAsync(items);

        // More than waits for one client, while this one asks for nothing.
        await AppendAsync("mine", 1000);
        await Flows.Eventually.HoldsAsync(() => tail.Place[0] == 1001, "the tail is through");
        for (var offset = 1; offset <= 1000; offset++)
        {
            Assert.Equal(offset, ((LiveItem.Whole)(await NextAsync(items)).Item).Stored.Position.Offset);
        }
    }

    [Fact]
    public void A_ticket_that_has_run_out_and_a_sink_that_changed_end_it()
    {
        var served = true;
        var client = new LiveClient(new DefaultHttpContext(), _time, default) { Expires = _time.GetUtcNow() + TimeSpan.FromMinutes(1), IsServed = () => served };
        Assert.Null(client.EndAt(new LiveItem.Heartbeat()));
        served = false;
        Assert.Equal(LiveEnd.SinkChanged, client.EndAt(new LiveItem.Heartbeat()));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(LiveEnd.TicketExpired, client.EndAt(new LiveItem.Heartbeat()));
    }

    private async Task<LiveTail> OpenAsync()
    {
        await CreateAsync();
        return await LiveTail.OpenAsync(_broker, "t", Cancel);
    }

    private async Task CreateAsync() => await _broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1, RetentionAge = TimeSpan.FromHours(1) }, Cancel);

    private async Task AppendAsync(string key, int count)
    {
        await CreateAsync();
        await _broker.AppendAsync(
            new TopicAppend { Topic = "t", Messages = [.. Enumerable.Range(0, count).Select(i => new Message { Key = MessageKey.FromText(key), Payload = Encoding.UTF8.GetBytes($"{i}") })] }, Cancel);
    }

    private IAsyncEnumerator<LivePlace> Read(LiveTail tail, TopicCursor place) =>
        new LiveReading(_broker, tail, new LiveRequest("t", MessageKey.FromText("mine"), place), TimeProvider.System).ReadAsync(TimeSpan.FromMilliseconds(20), Cancel).GetAsyncEnumerator(Cancel);

    private static async Task<LivePlace> NextAsync(IAsyncEnumerator<LivePlace> items, bool beats = false)
    {
        do
        {
            Assert.True(await items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        }
        while (!beats && items.Current.Item is LiveItem.Heartbeat);

        return items.Current;
    }
}
