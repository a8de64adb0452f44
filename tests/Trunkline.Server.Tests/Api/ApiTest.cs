using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging.Topics;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Api;

/// <summary>What tests of the API share: one node with a topic <c>in</c> of four partitions and one of a single partition.</summary>
public abstract class ApiTest : IAsyncLifetime
{
    protected InProcessNode Node { get; private set; } = null!;

    protected HttpClient Http => Node.Http;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync() => Node = await InProcessNode.StartAsync(Options(), Cancel);

    public virtual async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual InProcessNodeOptions Options() => new()
    {
        Logs = new TestLogs(),
        Topics = [new TopicSettings { Name = "in", MessageBytesMax = 1024 * 1024 }, new TopicSettings { Name = "one", Partitions = 1 }],
    };

    protected async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        string path, byte[] body, string? contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || request.Content.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await Http.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsByteArrayAsync(Cancel);
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 128 }).RootElement);
    }

    protected Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body, string? contentType, params (string Name, string Value)[] headers) =>
        PostAsync(path, Encoding.UTF8.GetBytes(body), contentType, headers);

    protected async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 128 }).RootElement;
    }

    /// <summary>All messages of a topic.</summary>
    protected async Task<List<JsonElement>> BrowseAsync(string topic)
    {
        var all = new List<JsonElement>();
        for (var next = $"/api/v1/topics/{topic}/messages"; ;)
        {
            var page = await GetAsync(next);
            all.AddRange(page.GetProperty("messages").EnumerateArray());
            next = page.GetProperty("next").GetString()!;
            if (page.GetProperty("end").GetBoolean())
            {
                return all;
            }
        }
    }

    protected static void AssertProblem(HttpStatusCode status, string code, (HttpStatusCode Status, JsonElement Body) answer)
    {
        Assert.Equal((status, code), (answer.Status, answer.Body.GetProperty("code").GetString()));
        Assert.Equal((int)status, answer.Body.GetProperty("status").GetInt32());
        Assert.NotEqual("", answer.Body.GetProperty("title").GetString());
        Assert.NotEqual("", answer.Body.GetProperty("detail").GetString());
        Assert.NotEqual("", answer.Body.GetProperty("remedy").GetString());
    }
}
