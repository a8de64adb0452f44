using System.Net;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Tests.Api.Live;

public sealed class LiveEventsTests : LiveTest
{
    [Fact]
    public async Task A_client_that_comes_back_misses_nothing_and_gets_nothing_twice()
    {
        await PublishAsync("a", Enumerable.Range(0, 10));
        var (seen, ids) = (new List<int>(), new HashSet<string>());
        string? cursor = null;
        while (seen.Count < 20)
        {
            using var stream = await SseClient.OpenAsync(Http, "/out/mine?from=earliest&ticket=" + Ticket("a"), cursor, Cancel);
            for (var i = 0; i < 3 && seen.Count < 20; i++)
            {
                var next = await stream.NextAsync(Cancel);
                seen.Add(next.Json.GetProperty("data").GetProperty("n").GetInt32());
                ids.Add(next.Json.GetProperty("id").GetString()!);
                cursor = next.Id;
                if (seen.Count == 7)
                {
                    await PublishAsync("a", Enumerable.Range(10, 10));
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, 20), seen);
        Assert.Equal(20, ids.Count);
    }

    [Fact]
    public async Task A_ticket_gives_the_messages_of_its_key_and_nothing_of_what_the_flow_says_of_itself()
    {
        await PublishAsync("other", 1);
        await PublishAsync("mine", 2);
        using var stream = await SseClient.OpenAsync(Http, "/out/mine?from=earliest&ticket=" + Ticket("mine"), null, Cancel);
        var old = await stream.NextAsync(Cancel);
        await PublishAsync("other", 3);
        await PublishAsync("mine", 4);
        var live = await stream.NextAsync(Cancel);
        Assert.Equal([2, 4], new[] { old, live }.Select(e => e.Json.GetProperty("data").GetProperty("n").GetInt32()));
        Assert.Equal(["id", "data"], live.Json.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Without_a_ticket_that_holds_here_nothing_is_sent()
    {
        var tickets = new[]
        {
            "",
            "x.y.z",
            Ticket("mine", audience: "/out/all"),
            Ticket("mine", secret: "fedcba9876543210fedcba9876543210"),
            Ticket("mine", seconds: -60),
            Ticket(""),
            Ticket("mine", header: """{"alg":"none"}"""),
            Ticket("mine", header: """{"alg":"none"}""").Split('.')[0] + "." + Ticket("mine").Split('.')[1] + ".",
            Ticket(new string('x', 5000)),
        };
        foreach (var ticket in tickets)
        {
            using var refused = await Http.GetAsync("/out/mine?ticket=" + ticket, Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Contains("auth.ticket-invalid", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        using var both = await Http.GetAsync("/out/mine?key=other&ticket=" + Ticket("mine"), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, both.StatusCode);
        using var none = await Http.GetAsync("/out/nothing", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task A_cursor_of_one_key_does_not_open_another_partition()
    {
        await PublishAsync("a", 1);
        using var stream = await SseClient.OpenAsync(Http, "/out/all?from=earliest&key=a", null, Cancel);
        var (cursor, _) = await stream.NextAsync(Cancel);
        var other = Enumerable.Range(0, 100).Select(i => $"k{i}").First(key => Murmur2.Partition(MessageKey.FromText(key), 4) != Murmur2.Partition(MessageKey.FromText("a"), 4));
        using var refused = await Http.GetAsync($"/out/all?key={other}&cursor={cursor}", Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task What_a_replay_made_is_not_sent()
    {
        using var stream = await SseClient.OpenAsync(Http, "/out/all", null, Cancel);
        var marked = new Message { Key = MessageKey.FromText("a"), ContentType = "application/json", Payload = "{\"n\":1}"u8.ToArray(), Headers = Headers.Of(new Header(HeaderNames.Replay, "replay-1")) };
        await Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [marked] }, Cancel);
        await PublishAsync("a", 2);
        Assert.Equal(2, (await stream.NextAsync(Cancel)).Json.GetProperty("data").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task A_client_that_does_not_read_for_long_gets_everything_later_in_order()
    {
        var padding = new string('x', 20_000);
        using var stream = await SseClient.OpenAsync(Http, "/out/all?from=earliest&key=a", null, Cancel);
        await Broker.AppendAsync(
            new TopicAppend
            {
                Topic = "in",
                Messages = [.. Enumerable.Range(0, 1500).Select(i => new Message { Key = MessageKey.FromText("a"), ContentType = "application/json", Payload = System.Text.Encoding.UTF8.GetBytes($$"""{"n":{{i}},"x":"{{padding}}"}""") })],
            },
            Cancel);
        await Broker.WaitAsync("trunkline.outbox.chat.Sse-all", Murmur2.Partition(MessageKey.FromText("a"), 4), 1499, Cancel);
        var seen = new List<int>();
        while (seen.Count < 1500)
        {
            seen.Add((await stream.NextAsync(Cancel)).Json.GetProperty("data").GetProperty("n").GetInt32());
        }

        Assert.Equal(Enumerable.Range(0, 1500), seen);
    }

    [Fact]
    public async Task More_clients_than_there_may_be_are_told_to_come_again()
    {
        var streams = new List<SseClient>();
        for (var i = 0; i < 3; i++)
        {
            streams.Add(await SseClient.OpenAsync(Http, "/out/all", null, Cancel));
        }

        using var refused = await Http.GetAsync("/out/all", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        streams[0].Dispose();
        await Flows.Eventually.HoldsAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/out/all");
                using var again = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
                return again.IsSuccessStatusCode;
            },
            "its place is free");
        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task A_node_that_stops_ends_the_stream()
    {
        using var stream = await SseClient.OpenAsync(Http, "/out/all", null, Cancel);
        await Node.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.True(await stream.EndedAsync(Cancel));
    }
}
