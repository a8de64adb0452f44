using System.Net.Http.Json;
using System.Text.Json;
using Trunkline.Server.Tests.Api;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Sight.Telemetry;

/// <summary>A real Prometheus scrapes a node, and knows what it counted.</summary>
public sealed class PrometheusTests : ApiTest
{
    [Fact]
    public async Task Prometheus_scrapes_a_node_and_finds_what_it_counted()
    {
        await PostAsync("/api/v1/topics/in/messages", "1", "application/json");
        var config = $$"""
            global: { scrape_interval: 1s }
            scrape_configs: [ { job_name: trunkline, static_configs: [ { targets: [ "{{Http.BaseAddress!.Authority}}" ] } ] } ]
            """;
        await using var prometheus = await DebianServer.StartAsync("prometheus", config, folder => [$"--storage.tsdb.path={folder}/data"]);
        await Eventually.HoldsAsync(async () => await ValueAsync(prometheus.Http, "up{job=\"trunkline\"}") == "1", "the node is up to Prometheus");
        await Eventually.HoldsAsync(async () => await ValueAsync(prometheus.Http, "trunkline_published_messages_total{topic=\"in\",outcome=\"stored\"}") is not null, "Prometheus knows what was published");
    }

    private static async Task<string?> ValueAsync(HttpClient prometheus, string query)
    {
        var answer = await prometheus.GetFromJsonAsync<JsonElement>("/api/v1/query?query=" + Uri.EscapeDataString(query), Cancel);
        var found = answer.GetProperty("data").GetProperty("result");
        return found.GetArrayLength() == 0 ? null : found[0].GetProperty("value")[1].GetString();
    }
}
