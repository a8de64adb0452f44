using System.Net;
using System.Text;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Tests.Sight.Map;

/// <summary>The map as it was, and what is different since.</summary>
public sealed class MapInTimeTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 30, 20, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-map-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_node_that_starts_with_another_project_shows_what_it_was_and_what_is_different()
    {
        var id = "time" + Guid.NewGuid().ToString("N")[..10];
        DateTimeOffset before;
        await using (var first = await StartAsync(id, "kind: lexicon", ""))
        {
            using var client = new TrunklineClient(new Uri(first.Url));
            await client.PublishAsync(id + "-in", new PublishContent { Body = Encoding.UTF8.GetBytes("{\"text\":\"good\"}\n{\"text\":\"bad\"}"), ContentType = "application/x-ndjson" }, Cancel);
            while ((await client.GetFlowAsync(id, Cancel)).Delivered < 2)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }

            before = TimeProvider.System.GetUtcNow();
        }

        await using var second = await StartAsync(id, "kind: lexicon, path: words.tsv", $"{id}-more: {{}}");
        using var now = new TrunklineClient(new Uri(second.Url));
        var then = await now.GetMapAsync(new MapQuestion { At = before.ToString("O") }, Cancel);
        Assert.Equal((before, 1), (then.At, then.Revision!.Value));
        Assert.DoesNotContain(then.Nodes, n => n.Id == $"topic:{id}-more");
        Assert.True(then.Edges.Single(e => e.Id == $"flow:{id}->topic:{id}-out").Figures.PerSecond > 0);
        Assert.True(then.Edges.Single(e => e.Kind == "publish").Figures.PerSecond > 0);

        var difference = await now.GetMapAsync(new MapQuestion { Against = before.ToString("O") }, Cancel);
        Assert.Equal((2, 1), (difference.Revision!.Value, difference.AgainstRevision!.Value));
        Assert.Equal("new", difference.Nodes.Single(n => n.Id == $"topic:{id}-more").Difference!.Kind);
        var model = difference.Nodes.Single(n => n.Id == $"model:{id}-mood");
        Assert.Equal("changed", model.Difference!.Kind);
        Assert.Contains(model.Changed!, c => c.Contains("path", StringComparison.Ordinal));
        Assert.Contains(difference.Changes!, c => c is { What: "apply", To: "2" });
    }

    [Fact]
    public async Task Services_around_are_on_the_map_of_a_time_before_with_what_they_did_and_measured()
    {
        var id = "time" + Guid.NewGuid().ToString("N")[..10];
        DateTimeOffset before;
        await using (var first = await StartAsync(id, "kind: lexicon", ""))
        {
            using var http = new HttpClient { BaseAddress = new Uri(first.Url) };
            var now = TraceTime.Of(TimeProvider.System.GetUtcNow());
            string Span(string trace, string span, string parent, int kind, int ms) =>
                $$"""{"traceId":"{{trace}}","spanId":"{{span}}","parentSpanId":"{{parent}}","name":"x","kind":{{kind}},"startTimeUnixNano":"{{now - (ms * 1_000_000L)}}","endTimeUnixNano":"{{now}}"}""";
            string Of(string kind, string service, string scoped) => $$$"""{"resource{{{kind}}}":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{id}}}-{{{service}}}"}}]},"scope{{{kind}}}":[{{{scoped}}}]}]}""";
            var trace = new string('a', 31) + "1";
            await PostAsync(http, "traces", Of("Spans", "shop", $$"""{"spans":[{{Span(trace, "00f067aa0ba902b7", "", 3, 60)}}]}"""));
            await PostAsync(http, "traces", Of("Spans", "pay", $$"""{"spans":[{{Span(trace, "00f067aa0ba902b8", "00f067aa0ba902b7", 2, 50)}}]}"""));
            await PostAsync(http, "metrics", Of("Metrics", "till", $$$"""{"metrics":[{"name":"http.server.request.duration","unit":"s","histogram":{"aggregationTemporality":2,"dataPoints":[{"startTimeUnixNano":"{{{now}}}","bucketCounts":["6","2"],"explicitBounds":[0.2]}]}}]}"""));
            using var client = new TrunklineClient(new Uri(first.Url));
            while ((await client.GetMapAsync(new MapQuestion { Find = id }, Cancel)).Edges.All(e => e.To != $"service:{id}-pay"))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
            }

            before = TimeProvider.System.GetUtcNow();
        }

        await using var second = await StartAsync(id, "kind: lexicon", "");
        using var later = new TrunklineClient(new Uri(second.Url));
        var then = await later.GetMapAsync(new MapQuestion { At = before.ToString("O") }, Cancel);
        var call = then.Edges.Single(e => e.Id == $"service:{id}-shop->service:{id}-pay");
        Assert.True(call.Figures.PerSecond > 0 && call.Figures.P50Ms is > 45 and < 55, $"{call.Figures}");
        Assert.Equal(1, then.Nodes.Single(n => n.Id == $"service:{id}-pay").Figures.Coverage);
        Assert.InRange(then.Nodes.Single(n => n.Id == $"service:{id}-till").Figures.P50Ms!.Value, 90, 110);

        // Spans of the last minutes are kept, and draw what they drew before; what was measured is of its time only.
        var difference = await later.GetMapAsync(new MapQuestion { Against = before.ToString("O") }, Cancel);
        Assert.Equal("gone", difference.Nodes.Single(n => n.Id == $"service:{id}-till").Difference!.Kind);
    }

    private static async Task PostAsync(HttpClient http, string signal, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/v1/" + signal, UriKind.Relative), content, Cancel);
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_time_that_is_none_or_not_kept_is_refused_and_one_nothing_is_kept_of_is_empty()
    {
        await using var app = await StartAsync("time" + Guid.NewGuid().ToString("N")[..10], "kind: lexicon", "");
        using var http = new HttpClient { BaseAddress = new Uri(app.Url) };
        foreach (var wrong in new[] { "at=", "at=soon", "at=2999-01-01T00:00Z", "at=900d", "against=1999-01-01T00:00Z", "at=-5m", "hide=people", "only=good", "group=colour" })
        {
            using var answer = await http.GetAsync($"/api/v1/map?{wrong}", Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{wrong}: {answer.StatusCode}");
        }

        using var client = new TrunklineClient(new Uri(app.Url));
        Assert.Equal(0, (await client.GetMapAsync(new MapQuestion { At = "40d" }, Cancel)).WindowSeconds);
    }

    [Fact]
    public void Figures_are_read_over_five_minutes_an_hour_or_a_day()
    {
        Assert.Equal((At(12, 25), At(12, 30)), MapReader.WindowOf(At(12, 29), Now));
        Assert.Equal((At(9, 0).AddDays(-4), At(10, 0).AddDays(-4)), MapReader.WindowOf(At(9, 17).AddDays(-4), Now));
        Assert.Equal((At(0, 0).AddDays(-90), At(0, 0).AddDays(-89)), MapReader.WindowOf(At(9, 17).AddDays(-90), Now));
    }

    [Fact]
    public void What_was_seen_of_a_node_adds_up_to_means_over_any_time()
    {
        var node = new MapNode { Id = "flow:a|b%", Kind = "flow", Name = "a", Figures = new MapFigures { Messages = 4, LagMessages = 10, LagSeconds = 3 } };
        var worse = node with { State = "bad", Figures = new MapFigures { Messages = 8, LagMessages = 30, LagSeconds = 5, ParkedKeys = 2 } };
        var slots = new[] { node, worse }.Select((seen, n) => new FigureSlot(
            FigureSpan.Minute, At(12, n), new Dictionary<string, FigureValue> { [KeptHops.NameOf(NodeStanding.KeyOf(seen.Id))] = FigureValue.Of(NodeStanding.Of(seen)!.Counts.ToArray()) })).ToList();
        var stood = NodeStanding.Read(new KeptHops([FigureSlot.Sum(FigureSpan.Hour, At(12, 0), slots)]), node.Id)!.On(node with { Figures = new MapFigures { PerSecond = 1 } });
        Assert.Equal(new MapFigures { PerSecond = 1, Messages = 6, LagMessages = 20, LagSeconds = 4, ParkedKeys = 1, Delayed = 0 }, stood.Figures);
        Assert.Equal(("bad", "in trouble at 1 of 2 looks"), (stood.State, stood.Trouble));
        Assert.Null(NodeStanding.Of(node with { Figures = new MapFigures { PerSecond = 3 } }));
        Assert.Null(NodeStanding.Read(new KeptHops([]), node.Id));
    }

    private static DateTimeOffset At(int hour, int minute) => new(2026, 1, 31, hour, minute, 0, TimeSpan.Zero);

    private async Task<TrunklineApp> StartAsync(string id, string model, string topic)
    {
        var file = Path.Combine(_folder, "trunkline.yaml");
        await File.WriteAllTextAsync(Path.Combine(_folder, "words.tsv"), "good\t2.0\n", Cancel);
        await File.WriteAllTextAsync(file, $$"""
            topics:
              {{id}}-in: {}
              {{id}}-out: {}
              {{topic}}
            models: { {{id}}-mood: { {{model}} } }
            flows:
              {{id}}:
                from: { topic: {{id}}-in }
                steps: [ { infer: { model: {{id}}-mood, input: message.text, output: mood } } ]
                to: { topic: {{id}}-out }
            """, Cancel);
        var app = TrunklineApp.Create("-f", file, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        await app.StartAsync(Cancel);
        return app;
    }
}
