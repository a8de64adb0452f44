using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Tests.Flows;

/// <summary>Tenants share the lanes of a flow whose steps wait.</summary>
public sealed class FairnessTests
{
    [Fact]
    public async Task A_flood_of_one_tenant_delays_another_by_no_more_than_its_share()
    {
        await using var fixture = new FlowFixture { Lanes = 1 };
        await fixture.CreateTopicsAsync(1);
        await PublishAsync(fixture, "flood", 500);
        await PublishAsync(fixture, "quiet", 10);
        fixture.Start(Waiting());
        await fixture.HoldsAsync("out", 510);

        // One lane a group: after the batch that was begun first, quiet ones get every other turn.
        var tenants = (await fixture.PayloadsAsync("out")).Select(p => p.Split('-')[0]).ToList();
        Assert.InRange(tenants.LastIndexOf("quiet"), 0, 100);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
    }

    [Fact]
    public async Task The_order_of_a_key_is_kept_whatever_its_messages_say_of_tenant_and_priority()
    {
        await using var fixture = new FlowFixture { Lanes = 2 };
        await fixture.CreateTopicsAsync(2);
        var messages = Enumerable.Range(0, 600).Select(i => Of($"k{i % 6}", $"k{i % 6}:{i / 6}", $"t{i % 4}", i % 10)).ToArray();
        await fixture.Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = messages }, FlowFixture.Cancel);
        fixture.Start(Waiting());
        await fixture.HoldsAsync("out", 600);
        await fixture.AssertEachOnceInOrderAsync("out", 600, 6);
    }

    [Fact]
    public async Task A_tenant_whose_messages_wait_for_long_leaves_lanes_to_others()
    {
        // As one does whose budget is used up until tomorrow.
        var tomorrow = new TaskCompletionSource();
        await using var fixture = new FlowFixture { Lanes = 8 };
        await fixture.CreateTopicsAsync(1);
        await PublishAsync(fixture, "spent", 500);
        await PublishAsync(fixture, "quiet", 200);
        fixture.Start(new FuncPipelines(
            async (input, _) =>
            {
                await Task.Yield();
                if (input.Stored.Message.Headers.Text(HeaderNames.Tenant) == "spent")
                {
                    await tomorrow.Task;
                }

                return FuncPipelines.Delivered(input);
            },
            "out"));
        await fixture.HoldsAsync("out", 200);
        Assert.All(await fixture.PayloadsAsync("out"), payload => Assert.StartsWith("quiet", payload, StringComparison.Ordinal));
        tomorrow.SetResult();
        await fixture.HoldsAsync("out", 700);
    }

    private static FuncPipelines Waiting() => new(
        async (input, _) =>
        {
            await Task.Yield();
            return FuncPipelines.Delivered(input);
        },
        "out");

    private static Task PublishAsync(FlowFixture fixture, string tenant, int count) => fixture.Broker.AppendAsync(
        new TopicAppend { Topic = "in", Messages = [.. Enumerable.Range(0, count).Select(i => Of($"{tenant}-{i}", $"{tenant}-{i}", tenant, 5))] }, FlowFixture.Cancel).AsTask();

    private static Message Of(string key, string payload, string tenant, int priority) => new()
    {
        Key = MessageKey.FromText(key),
        Payload = Encoding.UTF8.GetBytes(payload),
        Headers = Headers.Of([new Header(HeaderNames.Tenant, tenant), new Header(HeaderNames.Priority, priority.ToString(CultureInfo.InvariantCulture))]),
    };
}
