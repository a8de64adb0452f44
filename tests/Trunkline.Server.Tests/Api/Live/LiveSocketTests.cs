using System.Net.WebSockets;

namespace Trunkline.Server.Tests.Api.Live;

public sealed class LiveSocketTests : LiveTest
{
    [Fact]
    public async Task A_client_that_comes_back_misses_nothing_and_gets_nothing_twice()
    {
        await PublishAsync("mine", Enumerable.Range(0, 10));
        await PublishAsync("other", Enumerable.Range(100, 5));
        var seen = new List<int>();
        var cursor = "";
        while (seen.Count < 20)
        {
            using var socket = await ConnectAsync($"/out/mine?from=earliest&ticket={Ticket("mine")}{cursor}");
            for (var i = 0; i < 3 && seen.Count < 20; i++)
            {
                var frame = (await NextAsync(socket))!.Value;
                seen.Add(frame.GetProperty("message").GetProperty("data").GetProperty("n").GetInt32());
                cursor = "&cursor=" + frame.GetProperty("cursor").GetString();
                if (seen.Count == 7)
                {
                    await PublishAsync("mine", Enumerable.Range(10, 10));
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, 20), seen);
    }

    [Fact]
    public async Task Nothing_is_taken_from_a_client()
    {
        using var socket = await ConnectAsync("/out/all");
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        Assert.Null(await NextAsync(socket));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Fact]
    public async Task A_client_that_leaves_is_answered()
    {
        using var socket = await ConnectAsync("/out/all");
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_open_one_and_one_of_the_node_can()
    {
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("/out/all", "https://evil.example"));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("/out/mine?ticket=" + Ticket("mine"), "https://evil.example"));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync("/out/mine"));
        using var own = await ConnectAsync("/out/all", Node.Url);
        Assert.Equal(WebSocketState.Open, own.State);
    }

    [Fact]
    public async Task A_node_that_stops_says_so()
    {
        using var socket = await ConnectAsync("/out/all");
        var stopping = Node.StopAsync();
        Assert.Null(await NextAsync(socket));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }
}
