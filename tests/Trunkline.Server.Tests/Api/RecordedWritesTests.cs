using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Trunkline.Client;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Api;

/// <summary>Every address that alters something on the node leaves an entry in the changes. A new one that is neither tried here nor named as traffic fails.</summary>
public sealed class RecordedWritesTests : IAsyncLifetime
{
    private const string Project = """
        owners: { desk: {} }
        topics: { in: { partitions: 1 }, keyed: { partitions: 1 }, chat: { partitions: 1 }, out: {}, seen: {} }
        flows:
          sums: { from: { topic: in }, steps: [ { parse: json }, { map: "({ total: message.a.b })" } ], to: { topic: out } }
          parks: { from: { topic: keyed }, steps: [ { parse: json }, { map: "({ total: message.a.b })" } ], to: { topic: out }, onFailure: park-key }
          remember: { from: { topic: chat }, steps: [ { parse: json }, { state: { update: "({ n: 1 })", expire: 7d, output: memory } } ], to: { topic: seen } }
        """;

    /// <summary>What stores messages, or facts of them, or nothing: the log of changes is not about it.</summary>
    private static readonly string[] Traffic =
    [
        "POST /api/v1/topics/{topic}/messages", "POST /in/{**path}", "POST /hooks/{**path}", "POST /api/v1/outcomes", "POST /v1/traces", "POST /v1/metrics", "POST /v1/logs",
        "POST /api/v1/topics/{topic}/groups/{group}/fetch", "POST /api/v1/topics/{topic}/groups/{group}/ack", "POST /api/v1/topics/{topic}/groups/{group}/nack",
        "POST /api/v1/topics/{topic}/groups/{group}/extend", "POST /api/v1/sessions", "POST /api/v1/contracts/impact", "POST /api/v1/flows/{flow}/comparisons",
        "POST /registry/subjects/{subject}", "POST /registry/compatibility/subjects/{subject}/versions", "POST /registry/compatibility/subjects/{subject}/versions/{version}",

        // What builds tell of pacts is what the topic trunkline.pacts holds.
        "POST /pact/pacts/provider/{provider}/for-verification", "POST /pact/contracts/publish", "PUT /pact/pacts/provider/{provider}/consumer/{consumer}/version/{version}",
        "POST /pact/pacts/provider/{provider}/consumer/{consumer}/pact-version/{sha}/verification-results", "POST /pact/pacticipants", "PUT /pact/pacticipants/{pacticipant}", "PATCH /pact/pacticipants/{pacticipant}", "PUT /pact/pacticipants/{pacticipant}/versions/{version}",
        "PUT /pact/pacticipants/{pacticipant}/branches/{branch}/versions/{version}", "PUT /pact/pacticipants/{pacticipant}/versions/{version}/tags/{tag}",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-writes-").FullName;
    private readonly HashSet<string> _tried = [];
    private TrunklineApp _app = null!;
    private TrunklineClient _client = null!;
    private HttpClient _http = null!;
    private IEndpointRouteBuilder _routes = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var path = Path.Combine(_folder, "trunkline.yaml");
        await File.WriteAllTextAsync(path, Project, Cancel);
        _app = TrunklineApp.Create("-f", path, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data")).Map(web => _routes = web);
        await _app.StartAsync(Cancel);
        (_client, _http) = (new TrunklineClient(new Uri(_app.Url)), new HttpClient { BaseAddress = new Uri(_app.Url) });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _http.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_write_is_an_entry_in_the_changes()
    {
        await OfDeadLettersAsync();
        await OfFlowsAsync();
        await OfTheNodeAsync();
        await OfAlertsAsync();
        await OfContractsAsync();
        await OfPactsAsync();

        var all = _routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().SelectMany(Writes).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Equal([], all.Except(_tried).Except(Traffic));
        Assert.Equal([], Traffic.Concat(_tried).Except(all));
    }

    private static IEnumerable<string> Writes(RouteEndpoint endpoint) => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
        .Where(method => method is not ("GET" or "HEAD" or "OPTIONS"))
        .Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/').Replace("registry/contexts/{context}/", "registry/", StringComparison.Ordinal)}");

    private async Task OfDeadLettersAsync()
    {
        for (var i = 0; i < 6; i++)
        {
            await _client.PublishAsync("in", new() { Body = "{}"u8.ToArray(), Key = $"k{i}" }, Cancel);
        }

        await _client.PublishAsync("keyed", new() { Body = "{}"u8.ToArray(), Key = "k" }, Cancel);
        await Eventually.HoldsAsync(async () => (await _client.DeadLetters.ListAsync("sums", new(), "open", 10, Cancel)).Total == 6, "six dead letters");
        await Eventually.HoldsAsync(async () => (await _client.DeadLetters.ListParkedAsync("parks", Cancel)).Keys.Count == 1, "a parked key");
        await DoAsync("redrive", "POST /api/v1/dead/{flow}/{partition:int}/{offset:long}/redrive", "sums/0/0", "{}");
        await DoAsync("edit-and-redrive", "POST /api/v1/dead/{flow}/{partition:int}/{offset:long}/redrive", "sums/0/1", """{"payloadBase64":"e30="}""");
        await DoAsync("drop", "POST /api/v1/dead/{flow}/{partition:int}/{offset:long}/drop", "sums/0/2");
        var redrive = await DoAsync("redrive", "POST /api/v1/dead/{flow}/redrives", "sums", """{"selection":{},"rate":1}""");
        await DoAsync("redrive-cancel", "POST /api/v1/redrives/{id}/cancel", Text(redrive, "id"));
        await DoAsync("drop", "POST /api/v1/dead/{flow}/drop", "sums", """{"selection":{}}""");
        await DoAsync("release-key", "POST /api/v1/flows/{flow}/parked/release", "parks", """{"keyBase64":"aw==","skipFailed":true}""");
    }

    private async Task OfFlowsAsync()
    {
        await DoAsync("pause", "POST /api/v1/flows/{flow}/pause", "sums");
        await DoAsync("resume", "POST /api/v1/flows/{flow}/resume", "sums");
        await DoAsync("drain", "POST /api/v1/flows/{flow}/drain", "sums");
        await DoAsync("reset-group", "POST /api/v1/topics/{topic}/groups/{group}/reset", "in/flow.sums", """{"to":"latest"}""");
        await _client.PublishAsync("chat", new() { Body = "{}"u8.ToArray(), Key = "ann" }, Cancel);
        await Eventually.HoldsAsync(async () => (await _client.ListStateAsync("remember", null, 10, Cancel)).Keys.Count == 1, "something is remembered");
        await DoAsync("drop-state", "DELETE /api/v1/flows/{flow}/state", "remember", query: "?key=ann");
        var replay = Text(await DoAsync("replay-start", "POST /api/v1/replays", "", """{"flow":"sums","perSecond":1}"""), "id");
        await DoAsync("replay-pause", "POST /api/v1/replays/{id}/pause", replay);
        await DoAsync("replay-resume", "POST /api/v1/replays/{id}/resume", replay);
        await DoAsync("replay-cancel", "POST /api/v1/replays/{id}/cancel", replay);
        var fault = await DoAsync("fault-add", "POST /api/v1/faults", "", """{"flow":"sums","step":"broker","kind":"slow","seconds":60,"delayMs":1,"share":1}""");
        await DoAsync("fault-stop", "DELETE /api/v1/faults/{id}", Text(fault, "id"));
    }

    private async Task OfTheNodeAsync()
    {
        var files = JsonSerializer.Serialize(new Dictionary<string, string> { ["trunkline.yaml"] = Project.Replace("seen: {}", "seen: {}, more: {}", StringComparison.Ordinal) });
        await DoAsync("apply", "POST /api/v1/revisions", "", $$"""{"main":"trunkline.yaml","files":{{files}}}""");
        await DoAsync("activate", "POST /api/v1/revisions/{number:int}/activate", "1", "{}");
        await DoAsync("deployment", "POST /api/v1/changes", "", """{"what":"deployment","target":"web@production"}""");
        await DoAsync("create", "POST /api/v1/topics", "", """{"name":"made"}""");
        await DoAsync("backup", "POST /api/v1/backups", "", JsonSerializer.Serialize(new { directory = Path.Combine(_folder, "backup") }));
        await DoAsync("erase", "POST /api/v1/erasures", "", """{"id":"no-such-message"}""");
    }

    private async Task OfAlertsAsync()
    {
        await _client.PublishAsync("keyed", new() { Body = "{}"u8.ToArray(), Key = "k" }, Cancel);
        string? alert = null;
        await Eventually.HoldsAsync(async () => (alert = (await _client.Alerts.ListAsync(10, Cancel)).Alerts.FirstOrDefault(a => a.ResolvedAt is null)?.Id) is not null, "an alert is on");
        await DoAsync("acknowledge", "POST /api/v1/alerts/{id}/acknowledge", alert!);
        var silence = await DoAsync("silence", "POST /api/v1/silences", "", """{"for":"1h","comment":"work","subject":"sums"}""");
        await DoAsync("unsilence", "DELETE /api/v1/silences/{id}", Text(silence, "id"));
    }

    private async Task OfContractsAsync()
    {
        const string Schema = """{"schemaType":"JSON","schema":"{\"type\":\"object\"}"}""";
        await DoAsync("declare-reader", "POST /api/v1/topics/{topic}/groups/{group}/reads", "in/told", """{"fields":["a"]}""");
        await DoAsync("approve-contract", "POST /api/v1/contracts/approvals", "", """{"subject":"s","schema":"{}","owner":"desk"}""");
        await DoAsync("learn-anew", "POST /api/v1/topics/{topic}/drift/learn", "in");
        await DoAsync("register-schema", "POST /registry/subjects/{subject}/versions", "s", Schema);
        await AssertNothingAsync(() => SendAsync("POST", "registry/subjects/s/versions", Schema));
        await DoAsync("delete-schema", "DELETE /registry/subjects/{subject}/versions/{version}", "s/1");
        await DoAsync("delete-schema", "DELETE /registry/subjects/{subject}", "s", query: "?permanent=true");
        foreach (var subject in new[] { "", "/{subject}" })
        {
            await DoAsync("set-compatibility", "PUT /registry/config" + subject, "s", """{"compatibility":"FULL"}""");
            await DoAsync("set-compatibility", "DELETE /registry/config" + subject, "s");
            await DoAsync("set-registry-mode", "PUT /registry/mode" + subject, "s", """{"mode":"READWRITE"}""");
            await DoAsync("set-registry-mode", "DELETE /registry/mode" + subject, "s");
        }

        await DoAsync("remove-context", "DELETE /registry/contexts/{named}", "none");
    }

    private async Task OfPactsAsync()
    {
        const string Hook = """{"events":[{"name":"contract_content_changed"}],"request":{"method":"POST","url":"http://127.0.0.1:9/"}}""";
        var environment = Text(await DoAsync("add-pact-environment", "POST /pact/environments", "", """{"name":"test"}"""), "uuid");
        await SendAsync("PUT", "pact/pacts/provider/api/consumer/web/version/1", """{"consumer":{"name":"web"},"provider":{"name":"api"},"interactions":[{"description":"a"}]}""");
        foreach (var (path, came, went, flag) in new[] { ("deployed-versions", "pact-deployed", "pact-undeployed", "currentlyDeployed"), ("released-versions", "pact-released", "pact-unsupported", "currentlySupported") })
        {
            var stay = await DoAsync(came, $$"""POST /pact/pacticipants/{pacticipant}/versions/{version}/{{path}}/environment/{id}""", $"web/1/{environment}", "{}");
            await DoAsync(went, $$"""PATCH /pact/{{path}}/{id}""", Text(stay, "uuid"), $$"""{"{{flag}}":false}""");
        }

        await DoAsync("remove-pact-environment", "DELETE /pact/environments/{id}", environment);
        await DoAsync("add-pact-webhook", "POST /pact/webhooks", "", Hook);
        var id = Guid.NewGuid().ToString("D");
        await DoAsync("set-pact-webhook", "PUT /pact/webhooks/{id}", id, Hook);
        await DoAsync("try-pact-webhook", "POST /pact/webhooks/{id}/execute", id);
        await DoAsync("remove-pact-webhook", "DELETE /pact/webhooks/{id}", id);
    }

    /// <summary>Sends one, with what its address leaves open, and looks for its entry among those that are new.</summary>
    private async Task<JsonElement> DoAsync(string what, string route, string parts, string? body = null, string query = "")
    {
        _tried.Add(route);
        var (method, path) = (route[..route.IndexOf(' ')], route[(route.IndexOf('/') + 1)..]);
        foreach (var part in parts.Split('/'))
        {
            path = path.IndexOf('{') is >= 0 and var open ? path[..open] + part + path[(path.IndexOf('}', open) + 1)..] : path;
        }

        var before = (await _client.ListChangesAsync(1, Cancel)).Changes is [var newest, ..] ? newest.Id : null;
        var answer = await SendAsync(method, path + query, body);
        await Eventually.HoldsAsync(
            async () => (await _client.ListChangesAsync(20, Cancel)).Changes.TakeWhile(change => change.Id != before).Any(change => change.What == what && change.Who == "local"),
            $"{route} is told as {what}",
            seconds: 20);
        return answer;
    }

    private async Task AssertNothingAsync(Func<Task> send)
    {
        var before = (await _client.ListChangesAsync(1, Cancel)).Changes[0].Id;
        await send();
        Assert.Equal(before, (await _client.ListChangesAsync(1, Cancel)).Changes[0].Id);
    }

    private async Task<JsonElement> SendAsync(string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    private static string Text(JsonElement answer, string name) => answer.GetProperty(name).GetString()!;
}
