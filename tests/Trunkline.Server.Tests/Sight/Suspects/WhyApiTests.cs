using Microsoft.AspNetCore.Http;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Connectors;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>A running node says which model makes its flow slow.</summary>
public sealed class WhyApiTests
{
    [Fact]
    public async Task The_slow_model_of_a_flow_is_named_and_what_is_not_known_is_said_so()
    {
        await using var model = await WebhookReceiver.StartAsync(async (context, _) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(40), TimeProvider.System);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{}");
        });
        await using var node = new NodeFixture("why", $$"""
            topics: { in: {}, out: {} }
            models: { slowone: { kind: http, endpoint: "{{model.Url}}" } }
            flows:
              whyflow: { from: { topic: in }, steps: [ { parse: json }, { infer: { model: slowone, input: message.text, output: answer } } ], to: { topic: out }, slo: { within: 20ms, latency: 99%, least: 20 } }
              idle: { from: { topic: out }, to: { topic: in }, steps: [ { filter: "false" } ] }
            """);
        await node.StartAsync();
        var cancel = TestContext.Current.CancellationToken;
        Assert.Empty((await node.Client.GetWhyAsync("idle", cancel)).Suspects);
        WhyView why = null!;
        await Eventually.HoldsAsync(
            async () =>
            {
                for (var i = 0; i < 5; i++)
                {
                    await node.PublishAsync("in", """{"text":"hello"}""", $"k{i}");
                }

                return (why = await node.Client.GetWhyAsync("whyflow", cancel)).Suspects.Count > 0;
            },
            "something stands out");
        Assert.Equal(("model slowone", "bound"), (why.Suspects[0].Hop, why.Suspects[0].Kind));
        Assert.StartsWith("model slowone: it takes", why.Summary, StringComparison.Ordinal);
        Assert.Equal("model slowone", why.Times.First(t => t.Kind == "work").Hop);
        Assert.Equal("flow.not-found", (await Assert.ThrowsAsync<TrunklineException>(() => node.Client.GetWhyAsync("nobody", cancel))).Code);

        // What was measured is kept over a restart, and is the time before then.
        await node.StopAsync();
        await node.StartAsync();
        Assert.NotNull((await node.Client.GetWhyAsync("whyflow", cancel)).BaselineFrom);
    }
}
