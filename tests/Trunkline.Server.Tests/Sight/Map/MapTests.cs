using System.Text;
using System.Text.Json;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Sight.Map;

/// <summary>The map of a running node.</summary>
public sealed class MapTests : IAsyncLifetime
{
    private readonly string _mine = "map" + Guid.NewGuid().ToString("N")[..10];
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-map-").FullName;
    private TrunklineApp _app = null!;
    private TrunklineClient _client = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var file = Path.Combine(_folder, "trunkline.yaml");
        await File.WriteAllTextAsync(file, $$"""
            node: { broker: { kind: memory } }
            owners: { desk: { email: desk@example.com } }
            topics: { {{_mine}}-in: { owner: desk }, {{_mine}}-out: {} }
            models: { {{_mine}}-mood: { kind: lexicon } }
            flows:
              {{_mine}}-sort:
                from: { topic: {{_mine}}-in }
                steps: [ { parse: json }, { infer: { model: {{_mine}}-mood, input: message.text, output: mood } } ]
                to: [ { topic: {{_mine}}-out }, { webhook: { url: "http://127.0.0.1:9/hook", timeout: 1s } } ]
                owner: desk
              {{_mine}}-post:
                from: { http: /{{_mine}} }
                to: { topic: {{_mine}}-in }
            """, Cancel);
        _app = TrunklineApp.Create("-f", file, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        await _app.StartAsync(Cancel);
        _client = new TrunklineClient(new Uri(_app.Url));
        _http = new HttpClient { BaseAddress = new Uri(_app.Url) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _http.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Before_any_message_it_shows_what_the_project_says()
    {
        var map = await _client.GetMapAsync(Cancel);
        Assert.Equal(
            [$"flow:{_mine}-post", $"flow:{_mine}-sort", $"model:{_mine}-mood", $"sink:{_mine}-sort/webhook-1", $"source:http:/{_mine}", $"topic:{_mine}-in", $"topic:{_mine}-out"],
            map.Nodes.Select(n => n.Id));
        Assert.Equal(
            ["append", "append", "consume", "consume", "deliver", "infer"],
            map.Edges.Select(e => e.Kind).Order(StringComparer.Ordinal));
        Assert.All(map.Edges, e => Assert.Equal(e.Id, $"{e.From}->{e.To}"));
        Assert.Equal("desk", map.Nodes.Single(n => n.Id == $"topic:{_mine}-in").Owner);
    }

    [Fact]
    public async Task What_is_not_known_is_null_or_on_demand_left_out_and_says_the_same()
    {
        var whole = await _http.GetStringAsync($"/api/v1/map?find={_mine}", Cancel);
        Assert.Contains("\"p99Ms\":null", whole, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/map?find={_mine}") { Headers = { { "Prefer", "respond-async, omit-values=nulls" } } };
        using var answer = await _http.SendAsync(request, Cancel);
        Assert.Equal("Prefer", answer.Headers.Vary.ToString());
        Assert.Equal("omit-values=nulls", answer.Headers.GetValues("Preference-Applied").Single());
        var brief = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain("null", brief, StringComparison.Ordinal);
        Assert.Equal(Read(whole).Nodes, Read(brief).Nodes);
        Assert.Equal(Read(whole).Edges, Read(brief).Edges);

        static MapView Read(string json) => JsonSerializer.Deserialize(json, ApiJson.Default.MapView)!;
    }

    [Fact]
    public async Task Messages_leave_rates_and_times_a_sick_sink_its_lag_and_a_broken_message_a_dead_letter()
    {
        for (var i = 0; i < 20; i++)
        {
            await PublishAsync("""{"text":"all is well"}""");
        }

        await PublishAsync("{}");
        MapView map = null!;
        await Eventually.HoldsAsync(
            async () =>
            {
                map = await _client.GetMapAsync(Cancel);
                return map.Nodes.Any(n => n.Kind == "dead") && Figures("deliver").LagMessages == 20 && Figures("append").PerSecond > 0 && Figures("infer").P50Ms is not null
                    && map.Nodes.Single(n => n.Kind == "sink").State == "warn";
            },
            "the map shows what happened");
        var consume = Figures("consume");
        Assert.True(consume is { PerSecond: > 0, P50Ms: > 0, P99Ms: > 0, WaitP50Ms: > 0, LagMessages: 0, LagSeconds: 0 }, consume.ToString());
        Assert.True(consume.P50Ms <= consume.P95Ms && consume.P95Ms <= consume.P99Ms);
        Assert.InRange(consume.ErrorShare!.Value, 0.01, 0.3);
        Assert.True(Figures("publish").PerSecond > 0);
        Assert.True(Figures("deliver").LagSeconds > 0);
        Assert.Equal(21, map.Nodes.Single(n => n.Id == $"topic:{_mine}-in").Figures.Messages);
        Assert.Contains(map.Edges, e => e.Id == $"flow:{_mine}-sort->dead:{_mine}-sort" && e.Kind == "dead");
        Assert.Contains(map.Edges, e => e.Id == $"dead:{_mine}-sort->flow:{_mine}-sort" && e.Kind == "redrive");
        Assert.Contains(map.Edges, e => e.From == e.To && e.Kind == "retry");

        MapFigures Figures(string kind) => map.Edges.First(e => e.Kind == kind && (kind != "consume" || e.To == $"flow:{_mine}-sort") && (kind != "append" || e.From == $"flow:{_mine}-sort")).Figures;
    }

    [Fact]
    public async Task Consumers_outside_of_flows_are_on_it_with_their_lag()
    {
        await PublishAsync("""{"text":"for you"}""");
        using var fetched = await _http.PostAsync(
            $"/api/v1/topics/{_mine}-in/groups/others/fetch", new StringContent("""{"max":1,"waitMs":20000}""", Encoding.UTF8, "application/json"), Cancel);
        Assert.True(fetched.IsSuccessStatusCode);
        var map = await _client.GetMapAsync(Cancel);
        var group = map.Nodes.Single(n => n.Kind == "group");
        Assert.Equal(($"group:{_mine}-in/others", 1L), (group.Id, group.Figures.LagMessages));
        Assert.Contains(map.Edges, e => e.From == $"topic:{_mine}-in" && e.To == group.Id);
    }

    private async Task PublishAsync(string body)
    {
        using var answer = await _http.PostAsync($"/api/v1/topics/{_mine}-in/messages", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
        Assert.True(answer.IsSuccessStatusCode);
    }
}
