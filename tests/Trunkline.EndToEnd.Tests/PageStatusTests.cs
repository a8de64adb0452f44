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
        using var schema = new StringContent("""{"schemaType":"JSON","schema":"{\"type\":\"object\",\"properties\":{\"total\":{\"type\":\"integer\"}}}"}""", Encoding.UTF8, "application/json");
        using var registered = await http.PostAsync("/registry/subjects/one/versions", schema, Cancel);
        Assert.Equal(HttpStatusCode.OK, registered.StatusCode);
        foreach (var (page, status, shown) in new[]
        {
            ("/topics/one", HttpStatusCode.OK, "href=\"/subject?name=one\""), ("/topics/nobody", HttpStatusCode.NotFound, "nobody"),
            ("/flows/sort", HttpStatusCode.OK, "sort"), ("/flows/nobody", HttpStatusCode.NotFound, "nobody"),
            ("/subject?name=one", HttpStatusCode.OK, "total"), ("/subject?name=nobody", HttpStatusCode.NotFound, "nobody"), ("/subject?name=one&to=9", HttpStatusCode.NotFound, "one"),
            ("/traces/nobody", HttpStatusCode.NotFound, "nobody"), ("/traces", HttpStatusCode.OK, "Kept traces"),
            ("/subjects", HttpStatusCode.OK, "href=\"/subject?name=one\""), ("/catalog?find=sort", HttpStatusCode.OK, "href=\"/flows/sort\""),
        })
        {
            using var answer = await http.GetAsync(page, Cancel);
            var html = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.True(answer.StatusCode == status && html.Contains(shown, StringComparison.Ordinal) && html.Contains("<h1", StringComparison.Ordinal), $"{page}: {answer.StatusCode} {html}");
        }
    }
}
