using System.Net;
using System.Text;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>Pages about one thing say by their status, too, whether it is there.</summary>
public sealed class PageStatusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_there_is_shown_and_what_is_not_is_not_found()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "trunkline.yaml"), "topics: { one: { subject: one }, two: {} }\nflows: { sort: { from: { topic: one }, to: { topic: two } } }\n", Cancel);
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);
        using var http = new HttpClient { BaseAddress = node.Url };
        http.DefaultRequestHeaders.Add("Accept", "text/html");
        using var schema = new StringContent("""{"schemaType":"JSON","schema":"{\"type\":\"object\",\"properties\":{\"total\":{\"type\":\"integer\"}}}"}""", Encoding.UTF8, "application/json");
        using var registered = await http.PostAsync("/registry/subjects/one/versions", schema, Cancel);
        Assert.Equal(HttpStatusCode.OK, registered.StatusCode);
        foreach (var (page, status, shown) in new[]
        {
            ("/topics/one", HttpStatusCode.OK, "href=\"/subject?name=one\""), ("/topics/nobody", HttpStatusCode.NotFound, "nobody"),
            ("/flows/sort", HttpStatusCode.OK, "sort"), ("/flows/nobody", HttpStatusCode.NotFound, "nobody"),
            ("/subject?name=one", HttpStatusCode.OK, "total"), ("/subject?name=nobody", HttpStatusCode.NotFound, "nobody"), ("/subject?name=one&to=9", HttpStatusCode.NotFound, "one"),
            ("/why?flow=sort", HttpStatusCode.OK, "sort"), ("/why?flow=nobody", HttpStatusCode.NotFound, "nobody"),
            ("/path?flow=sort", HttpStatusCode.OK, "sort"), ("/path?flow=nobody", HttpStatusCode.NotFound, "nobody"),
            ("/slo?flow=sort", HttpStatusCode.OK, "sort"), ("/slo?flow=nobody", HttpStatusCode.NotFound, "nobody"),
            ("/outcomes?flow=sort", HttpStatusCode.OK, "sort"), ("/outcomes?flow=nobody", HttpStatusCode.NotFound, "nobody"),
            ("/dead?flow=sort", HttpStatusCode.OK, "sort"), ("/dead?flow=nobody", HttpStatusCode.NotFound, "nobody"), ("/dead/sort/0/7", HttpStatusCode.NotFound, "no such dead letter"), ("/dead/sort/zero/7", HttpStatusCode.NotFound, "no such page"),
            ("/journey", HttpStatusCode.OK, "webhook-id"), ("/journey?by=id&value=nobody", HttpStatusCode.NotFound, "nobody"),
            ("/search", HttpStatusCode.OK, "Search"), ("/search?value=nobody", HttpStatusCode.NotFound, "nobody"), ("/search?value=sort", HttpStatusCode.OK, "<h2 id=\"flow-title\">sort"),
            ("/promises?month=2020-01", HttpStatusCode.OK, "2020-01"), ("/promises?month=nobody", HttpStatusCode.BadRequest, "2026-02"), ("/map?at=nobody", HttpStatusCode.BadRequest, "at is a time"),
            ("/nobody", HttpStatusCode.NotFound, "no such page"), ("/flows", HttpStatusCode.OK, "Overview"), ("/topics/one/nobody", HttpStatusCode.NotFound, "no such page"),
            ("/traces/nobody", HttpStatusCode.NotFound, "nobody"), ("/traces", HttpStatusCode.OK, "Kept traces"),
            ("/subjects", HttpStatusCode.OK, "href=\"/subject?name=one\""), ("/catalog?find=sort", HttpStatusCode.OK, "href=\"/flows/sort\""),
        })
        {
            using var answer = await http.GetAsync(page, Cancel);
            var html = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.True(answer.StatusCode == status && html.Contains(shown, StringComparison.Ordinal) && html.Contains("<h1", StringComparison.Ordinal), $"{page}: {answer.StatusCode} {html}");
        }
    }

    [Fact]
    public async Task A_program_is_told_as_the_API_tells_it_that_nothing_is_at_an_address()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "trunkline.yaml"), "topics: { one: {} }\n", Cancel);
        await using var node = await NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);
        using var http = new HttpClient { BaseAddress = node.Url };
        foreach (var (address, status) in new[] { ("/nobody", HttpStatusCode.NotFound), ("/api/v1/nobody", HttpStatusCode.NotFound), ("/api/v1/silences", HttpStatusCode.MethodNotAllowed) })
        {
            using var answer = await http.GetAsync(address, Cancel);
            Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        }
    }
}
