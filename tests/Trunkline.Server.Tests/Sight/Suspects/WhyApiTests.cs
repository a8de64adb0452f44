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
            await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System);
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

    [Fact]
    public async Task The_tenant_all_wait_behind_is_named_with_the_model_it_is_slow_at()
    {
        var isSlow = false;
        await using var model = await WebhookReceiver.StartAsync(async (context, _) =>
        {
            using var body = new StreamReader(context.Request.Body);
            var question = await body.ReadToEndAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(Volatile.Read(ref isSlow) && question.Contains("from acme", StringComparison.Ordinal) ? 400 : 20), TimeProvider.System);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{}");
        });
        await using var node = new NodeFixture("whytenant", $$"""
            topics: { in: {}, out: {} }
            models: { asked: { kind: http, endpoint: "{{model.Url}}" } }
            flows:
              tenantflow: { from: { topic: in }, lanes: 2, steps: [ { parse: json }, { infer: { model: asked, input: message.text, output: answer } } ], to: { topic: out } }
            """);
        await node.StartAsync();
        await PublishAsync(node, 200, "before");
        await Eventually.HoldsAsync(async () => (await node.Client.Outcomes.CountAsync("tenantflow", "1h", TestContext.Current.CancellationToken)).Flows is [{ Messages: 200 }], "the first messages are done");

        // What was measured until here is the time before.
        await node.StopAsync();
        await node.StartAsync();
        Volatile.Write(ref isSlow, true);
        await PublishAsync(node, 100, "now");
        WhyView why = null!;
        await Eventually.HoldsAsync(async () => (why = await node.Client.GetWhyAsync("tenantflow", TestContext.Current.CancellationToken)).Suspects is [{ Messages: not null }, ..], "the tenant stands out");
        Assert.Equal(("model asked", "slower", "tenant acme"), (why.Suspects[0].Hop, why.Suspects[0].Kind, why.Suspects[0].Messages));
        Assert.StartsWith("tenant acme at model asked: half of the messages that have tenant acme take", why.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain(why.Suspects, s => s.Kind is "waiting" or "load");
    }

    /// <summary>Messages, every fifth of one tenant, the others of four.</summary>
    private static async Task PublishAsync(NodeFixture node, int count, string round)
    {
        for (var i = 0; i < count; i++)
        {
            var tenant = i % 5 == 0 ? "acme" : $"t{i % 5}";
            await node.PublishEventAsync("in", $"m{round}-{i}", $"k{i}", tenant, $$"""{"text":"from {{tenant}}"}""");
        }
    }
}
