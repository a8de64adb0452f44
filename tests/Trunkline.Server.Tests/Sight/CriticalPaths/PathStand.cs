using System.Text;
using Microsoft.AspNetCore.Http;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Connectors;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>A node that keeps every trace, with a flow that asks a model for one message after the other, and one that asks for all at once.</summary>
internal sealed class PathStand : IAsyncDisposable
{
    private WebhookReceiver _model = null!;
    private NodeFixture _node = null!;
    private long _delivered;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The beginning of the names of its flows and its model.</summary>
    public string Name { get; } = "path" + Guid.NewGuid().ToString("N")[..8];

    /// <summary>How long the model takes.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(100);

    public TrunklineClient Client => _node.Client;

    public async ValueTask StartAsync()
    {
        _model = await WebhookReceiver.StartAsync(async (context, _) =>
        {
            await Task.Delay(Delay, TimeProvider.System);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{}");
        });
        _node = new NodeFixture("path", $$"""
            node: { broker: { kind: memory }, telemetry: { sample: 1 } }
            topics: { wide: { partitions: 1 }, narrow: { partitions: 1 }, out: {} }
            models: { {{Name}}-reply: { kind: http, endpoint: "{{_model.Url}}", concurrency: { min: 16, start: 16, max: 16 } } }
            flows:
              {{Name}}-wide: { from: { topic: wide }, lanes: 16, steps: [ { parse: json }, { infer: { model: {{Name}}-reply, input: message.text, output: answer } } ], to: { topic: out } }
              {{Name}}-narrow: { from: { topic: narrow }, lanes: 1, steps: [ { parse: json }, { infer: { model: {{Name}}-reply, input: message.text, output: answer } } ], to: { topic: out } }
            """);
        await _node.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _model.DisposeAsync();
    }

    /// <summary>Batches one after the other.</summary>
    public async Task RunAsync(string topic, int batches, int batch)
    {
        for (var i = 0; i < batches; i++)
        {
            var events = string.Join(',', Enumerable.Range(0, batch).Select(n => $$$"""{"specversion":"1.0","type":"t","source":"/path","id":"{{{Guid.NewGuid()}}}","data":{"text":"{{{n}}}"}}"""));
            using var content = new StringContent($"[{events}]", Encoding.UTF8, "application/cloudevents-batch+json");
            using var answer = await _node.Http.PostAsync($"/api/v1/topics/{topic}/messages", content, Cancel);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
            _delivered += batch;
            await Eventually.HoldsAsync(async () => (await _node.Client.GetTopicAsync("out", Cancel)).Partitions.Sum(p => p.HighOffset) == _delivered, "the batch is through");
        }
    }

    /// <summary>Asks until so many messages have left their traces.</summary>
    public async Task<PathView> PathAsync(string flow, int messages, IReadOnlyList<string> whatIf, Func<double>? hours = null)
    {
        PathView? path = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    path = await AskAsync(flow, whatIf, hours?.Invoke() ?? 1);
                    return path.Messages >= messages;
                }
                catch (TrunklineException none) when (none.Code == "path.no-traces")
                {
                    return false;
                }
            },
            "the traces are kept");
        return path!;
    }

    public Task<PathView> AskAsync(string flow, IReadOnlyList<string> whatIf, double hours) => _node.Client.Traces.PathAsync($"{Name}-{flow}", whatIf, hours, Cancel);
}
