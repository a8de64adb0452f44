using System.Globalization;
using System.Net;
using System.Text.Json;
using Trunkline.Client.Api;

namespace Trunkline.Server.Tests.Api;

public sealed class BrowseTests : ApiTest
{
    private const string In = "/api/v1/topics/in/messages";

    [Fact]
    public async Task Pages_follow_each_other_over_all_partitions_without_loss_or_repeat()
    {
        for (var i = 0; i < 30; i++)
        {
            await PostAsync(In, $"{i}", "application/json", ("Trunkline-Key", $"k{i}"));
        }

        var seen = new List<int>();
        var next = In + "?limit=7";
        for (var page = await GetAsync(next); ; page = await GetAsync(next))
        {
            seen.AddRange(page.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("data").GetInt32()));
            next = page.GetProperty("next").GetString()!;
            if (page.GetProperty("end").GetBoolean())
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(0, 30), seen.Order());
        await PostAsync(In, "30", "application/json");
        Assert.Equal(30, Assert.Single((await GetAsync(next)).GetProperty("messages").EnumerateArray()).GetProperty("data").GetInt32());
    }

    [Fact]
    public async Task A_partition_is_read_from_an_offset()
    {
        await PostAsync("/api/v1/topics/one/messages", "0\n1\n2\n3", "application/x-ndjson");
        var page = await GetAsync("/api/v1/topics/one/messages?partition=0&offset=2&limit=1");
        var message = Assert.Single(page.GetProperty("messages").EnumerateArray());
        Assert.Equal((0, 2L, 2), (message.GetProperty("partition").GetInt32(), message.GetProperty("offset").GetInt64(), message.GetProperty("data").GetInt32()));
        Assert.False(page.GetProperty("end").GetBoolean());
        var rest = await GetAsync(page.GetProperty("next").GetString()!);
        Assert.Equal(3, Assert.Single(rest.GetProperty("messages").EnumerateArray()).GetProperty("data").GetInt32());
        Assert.True(rest.GetProperty("end").GetBoolean());
    }

    [Fact]
    public async Task Reading_by_time_begins_at_the_first_message_appended_then()
    {
        await PostAsync("/api/v1/topics/one/messages", "0", "application/json");
        var first = (await BrowseAsync("one"))[0].GetProperty("appendedAt").GetDateTimeOffset();
        var after = Uri.EscapeDataString((first + TimeSpan.FromHours(1)).ToString("O", CultureInfo.InvariantCulture));
        Assert.Single((await GetAsync($"/api/v1/topics/one/messages?time={Uri.EscapeDataString(first.ToString("O", CultureInfo.InvariantCulture))}")).GetProperty("messages").EnumerateArray());
        Assert.Empty((await GetAsync($"/api/v1/topics/one/messages?time={after}")).GetProperty("messages").EnumerateArray());
    }

    [Fact]
    public async Task A_page_reads_into_the_clients_type()
    {
        await PostAsync(In, """{"specversion":"1.0","id":"7","source":"/s","type":"t","tenant":"acme","partitionkey":"k","data":{"a":[1]}}""", "application/cloudevents+json");
        var page = JsonSerializer.Deserialize((await GetAsync(In)).GetRawText(), ApiJson.Default.MessagesPage)!;
        var seen = Assert.Single(page.Messages);
        Assert.Equal(("7", "/s", "t", "k", "{\"a\":[1]}"), (seen.Id, seen.Source, seen.Type, seen.PartitionKey, seen.Data!.Value.GetRawText()));
        Assert.Equal("acme", seen.Extensions!["tenant"].GetString());
        Assert.NotEqual(default, seen.AppendedAt);
    }

    [Theory]
    [InlineData("?limit=0", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData("?limit=1001", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData("?limit=x", HttpStatusCode.BadRequest, "request.malformed")]
    [InlineData("?offset=1", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData("?partition=0&offset=-1", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData("?partition=99", HttpStatusCode.NotFound, "topic.partition-not-found")]
    [InlineData("?partition=-1", HttpStatusCode.NotFound, "topic.partition-not-found")]
    [InlineData("?time=yesterday", HttpStatusCode.BadRequest, "request.parameter-invalid")]
    [InlineData("?cursor=", HttpStatusCode.BadRequest, "cursor.invalid")]
    [InlineData("?cursor=AAAA", HttpStatusCode.BadRequest, "cursor.invalid")]
    [InlineData("?cursor=%00", HttpStatusCode.BadRequest, "cursor.invalid")]
    [InlineData("?cursor=AQAAAAAAAAAA__________________8", HttpStatusCode.BadRequest, "cursor.invalid")]
    public async Task Wrong_parameters_are_told(string query, HttpStatusCode status, string code)
    {
        using var response = await Http.GetAsync(In + query, Cancel);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement;
        AssertProblem(status, code, (response.StatusCode, body));
    }

    [Fact]
    public async Task A_cursor_of_one_topic_is_refused_for_another()
    {
        var next = (await GetAsync(In)).GetProperty("next").GetString()!;
        using var response = await Http.GetAsync(next.Replace("/in/", "/one/", StringComparison.Ordinal), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }
}
