using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Tests.Connectors.Hooks;

/// <summary>Webhooks sent to a whole node.</summary>
public sealed class HookTests : IDisposable
{
    private const string Project = """
        node: { broker: { kind: embedded }, auth: { admin: { sha256: "8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918", scopes: [ admin ] } } }
        topics: { got: { partitions: 1 } }
        flows:
          hooks:
            from: { webhook: { path: /gh, verify: github, secret: [ "new", "old" ] } }
            to: { topic: got }
          events:
            from: { webhook: { path: /slack, verify: slack, secret: "s3" } }
            steps: [ { map: "({ text: message.text, event: message.event_id })" } ]
            to: { topic: got }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-hooks-").FullName;
    private readonly HttpClient _http = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_is_taken_once_over_restarts_and_by_any_of_the_secrets()
    {
        for (var life = 0; life < 2; life++)
        {
            await using var app = await StartAsync();
            foreach (var secret in new[] { "new", "old" })
            {
                var (status, outcome) = await GitHubAsync(app.Url, """{"n":1}""", secret);
                Assert.Equal((HttpStatusCode.OK, life == 0 && secret == "new" ? "delivered" : "duplicate"), (status, outcome));
            }

            Assert.Equal(HttpStatusCode.Unauthorized, (await GitHubAsync(app.Url, """{"n":2}""", "wrong")).Status);
            Assert.Equal((HttpStatusCode.OK, "delivered"), await GitHubAsync(app.Url, $$"""{"life":{{life}}}""", "old"));
        }

        await using var last = await StartAsync();
        Assert.Equal(["""{"n":1}""", """{"life":0}""", """{"life":1}"""], await GotAsync(last.Url));
    }

    [Fact]
    public async Task Slack_is_answered_its_challenge_and_forms_become_json()
    {
        await using var app = await StartAsync();
        using var challenge = await SlackAsync(app.Url, """{"type":"url_verification","challenge":"3eZbrw1a"}""", "application/json", TimeProvider.System.GetUtcNow());
        Assert.Equal((HttpStatusCode.OK, "3eZbrw1a"), (challenge.StatusCode, await challenge.Content.ReadAsStringAsync(Cancel)));
        using var command = await SlackAsync(app.Url, "command=%2Fweather&text=94070", "application/x-www-form-urlencoded", TimeProvider.System.GetUtcNow());
        Assert.Equal((HttpStatusCode.OK, ""), (command.StatusCode, await command.Content.ReadAsStringAsync(Cancel)));
        using var old = await SlackAsync(app.Url, """{"type":"event_callback","event_id":"e"}""", "application/json", TimeProvider.System.GetUtcNow().AddMinutes(-6));
        Assert.Equal((HttpStatusCode.Unauthorized, "hook.stale"), (old.StatusCode, JsonDocument.Parse(await old.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("code").GetString()));
        Assert.Equal(["""{"text":"94070"}"""], await GotAsync(app.Url));
    }

    [Fact]
    public async Task Only_the_signature_opens_the_door_and_only_this_one()
    {
        await using var app = await StartAsync();
        using var unsigned = await _http.PostAsync(app.Url + "/hooks/gh", new StringContent("{}"), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);
        using var nowhere = await _http.PostAsync(app.Url + "/hooks/none", new StringContent("{}"), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
        using var other = await _http.PostAsync(app.Url + "/in/gh", new StringContent("{}"), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, app.Url + "/hooks/gh") { Content = new StringContent("{}"), Headers = { Host = "rebound.example.com" } };
        using var refused = await _http.SendAsync(foreign, Cancel);
        Assert.Equal("request.host-unknown", JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("code").GetString());
        Assert.Empty(await GotAsync(app.Url));
    }

    [Fact]
    public async Task Many_at_once_with_one_webhook_make_one_message()
    {
        await using var app = await StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => GitHubAsync(app.Url, """{"once":true}""", "new"), Cancel)));
        Assert.Single(answers, answer => answer.Outcome == "delivered");
        Assert.All(answers, answer => Assert.True(answer.Outcome is "delivered" or "duplicate" || answer.Status == HttpStatusCode.ServiceUnavailable, $"{answer}"));
        Assert.Single(await GotAsync(app.Url));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_before_it_is_judged()
    {
        await using var app = await StartAsync();
        using var client = new TcpClient();
        var url = new Uri(app.Url);
        await client.ConnectAsync(url.Host, url.Port, Cancel);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /hooks/gh HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Length: 999999999999\r\nX-Hub-Signature-256: sha256=00\r\n\r\n"), Cancel);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        Assert.True(answer is null || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        Assert.Equal((HttpStatusCode.OK, "delivered"), await GitHubAsync(app.Url, "{}", "new"));
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<TrunklineApp> StartAsync()
    {
        var file = Path.Combine(_folder, "trunkline.yaml");
        await File.WriteAllTextAsync(file, Project, Cancel);
        var app = TrunklineApp.Create("-f", file, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        await app.StartAsync(Cancel);
        return app;
    }

    private async Task<(HttpStatusCode Status, string? Outcome)> GitHubAsync(string url, string body, string secret)
    {
        var content = Encoding.UTF8.GetBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, url + "/hooks/gh") { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-GitHub-Event", "push");
        request.Headers.Add("X-GitHub-Delivery", Guid.NewGuid().ToString());
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), content)));
        using var answer = await _http.SendAsync(request, Cancel);
        return (answer.StatusCode, answer.Headers.TryGetValues("Trunkline-Outcome", out var outcome) ? outcome.Single() : null);
    }

    private async Task<HttpResponseMessage> SlackAsync(string url, string body, string contentType, DateTimeOffset at)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url + "/hooks/slack") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new(contentType);
        var timestamp = at.ToUnixTimeSeconds();
        request.Headers.Add("X-Slack-Request-Timestamp", $"{timestamp}");
        request.Headers.Add("X-Slack-Signature", "v0=" + Convert.ToHexStringLower(HMACSHA256.HashData("s3"u8.ToArray(), Encoding.UTF8.GetBytes($"v0:{timestamp}:{body}"))));
        return await _http.SendAsync(request, Cancel);
    }

    private async Task<string[]> GotAsync(string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url + "/api/v1/topics/got/messages?partition=0&offset=0&limit=100") { Headers = { Authorization = new("Bearer", "admin") } };
        using var answer = await _http.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return [.. JsonDocument.Parse(text).RootElement.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("data").GetRawText())];
    }
}
