using System.Net;

namespace Trunkline.Server.Tests.Api;

public sealed class StreamTests : ApiTest
{
    private const string Stream = "/api/v1/topics/in/stream";
    private const string In = "/api/v1/topics/in/messages";

    [Fact]
    public async Task A_client_that_comes_back_with_its_cursor_misses_nothing_and_sees_nothing_twice()
    {
        for (var i = 0; i < 20; i++)
        {
            await PostAsync(In, $"{i}", "application/json", ("Trunkline-Key", $"k{i}"));
        }

        var seen = new List<string>();
        string? cursor = null;
        while (seen.Count < 20)
        {
            using var stream = await SseClient.OpenAsync(Http, Stream + "?from=earliest", cursor, Cancel);
            for (var i = 0; i < 3 && seen.Count < 20; i++)
            {
                var next = await stream.NextAsync(Cancel);
                seen.Add(next.Json.GetProperty("data").GetRawText());
                cursor = next.Id;
            }
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}").Order(), seen.Order());
    }

    [Fact]
    public async Task A_stream_begins_at_the_end_and_shows_what_comes()
    {
        await PostAsync(In, "\"old\"", "application/json");
        using var stream = await SseClient.OpenAsync(Http, Stream, null, Cancel);
        await PostAsync(In, "\"new\"", "application/json");
        var seen = await stream.NextAsync(Cancel);
        Assert.Equal("\"new\"", seen.Json.GetProperty("data").GetRawText());
        Assert.True(seen.Json.TryGetProperty("appendedAt", out _));
    }

    [Fact]
    public async Task A_payload_over_several_lines_stays_one_event()
    {
        const string Payload = "{\n  \"a\": 1,\r\n  \"b\": [\r1]\n}";
        await PostAsync(In, Payload, "application/json");
        await PostAsync(In, "2", "application/json");
        using var stream = await SseClient.OpenAsync(Http, Stream + "?from=earliest", null, Cancel);
        var both = new[] { await stream.NextAsync(Cancel), await stream.NextAsync(Cancel) };
        Assert.Contains(both, e => e.Json.GetProperty("data").ValueKind == System.Text.Json.JsonValueKind.Object && e.Json.GetProperty("data").GetProperty("a").GetInt32() == 1);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_waited_for_and_gets_everything_later()
    {
        var line = $"\"{new string('x', 100_000)}\"";
        using var stream = await SseClient.OpenAsync(Http, "/api/v1/topics/one/stream?from=earliest", null, Cancel);
        for (var i = 0; i < 20; i++)
        {
            await PostAsync("/api/v1/topics/one/messages", $"{line}\n{line}", "application/x-ndjson");
        }

        for (var i = 0; i < 40; i++)
        {
            Assert.Equal(i, (await stream.NextAsync(Cancel)).Json.GetProperty("offset").GetInt32());
        }
    }

    [Fact]
    public async Task Streams_end_when_the_node_stops()
    {
        using var stream = await SseClient.OpenAsync(Http, Stream, null, Cancel);
        var stopping = Node.StopAsync();
        Assert.True(await stream.EndedAsync(Cancel));
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel);
    }

    [Theory]
    [InlineData("?from=middle", HttpStatusCode.BadRequest)]
    [InlineData("?cursor=x", HttpStatusCode.BadRequest)]
    [InlineData("?partition=9", HttpStatusCode.NotFound)]
    public async Task Wrong_parameters_are_told_before_the_stream_begins(string query, HttpStatusCode status)
    {
        using var response = await Http.GetAsync(Stream + query, Cancel);
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }
}
