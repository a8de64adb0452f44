using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Consuming;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Poison;

namespace Trunkline.Server.Tests.Flows;

/// <summary>A flood of one tenant far beyond what a flow has in hand, in the partition of everybody else.</summary>
public sealed class ReadAheadTests
{
    private const int Flood = 60_000;

    [Fact]
    public async Task A_tenant_behind_a_flood_beyond_what_is_in_hand_waits_for_its_share_only_and_everything_is_done_once()
    {
        await using var fixture = new FlowFixture { Lanes = 4 };
        await fixture.CreateTopicsAsync(1);
        await PublishAsync(fixture, "flood", Flood, keys: 500);
        await PublishAsync(fixture, "quiet", 40, keys: 40);
        fixture.Start(Waiting());
        await fixture.HoldsAsync("out", Flood + 40);

        var tenants = Tenants(await fixture.PayloadsAsync("out"));
        Assert.InRange(tenants.LastIndexOf("quiet"), 0, Flood / 4);
        await fixture.AssertEachOnceInOrderAsync("out", Flood + 40, 540);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
    }

    [Fact]
    public async Task Two_floods_share_and_neither_waits_for_the_other()
    {
        await using var fixture = new FlowFixture { Lanes = 4, Limits = Small };
        await fixture.CreateTopicsAsync(1);
        await PublishAsync(fixture, "first", 8_000, keys: 50);
        await PublishAsync(fixture, "second", 2_000, keys: 50);
        fixture.Start(Waiting());
        await fixture.HoldsAsync("out", 10_000);

        // Half and half once both are met: the second is through when as much of the first is.
        Assert.InRange(Tenants(await fixture.PayloadsAsync("out")).LastIndexOf("second"), 0, 6_000);
        await fixture.AssertEachOnceInOrderAsync("out", 10_000, 100);
    }

    [Fact]
    public async Task After_a_death_in_the_middle_of_a_flood_others_are_still_reached_and_nothing_is_done_twice()
    {
        await using var fixture = new FlowFixture { Lanes = 4, Limits = Small };
        await fixture.CreateTopicsAsync(1);
        await PublishAsync(fixture, "flood", 8_000, keys: 50);
        await PublishAsync(fixture, "quiet", 20, keys: 20);
        var broker = new BrokerWithFaults(fixture.Broker);
        var runner = fixture.Start(Waiting(), broker, Guid.NewGuid());
        await Eventually.HoldsAsync(async () => Tenants(await fixture.PayloadsAsync("out")).Contains("quiet"), "quiet messages were reached");
        broker.Before = _ => throw new BrokerException(BrokerErrorCode.Closed, "the process is dead");
        await runner.DisposeAsync();
        var before = await fixture.CountAsync("out");
        await PublishAsync(fixture, "late", 20, keys: 20);

        fixture.Start(Waiting(), process: Guid.NewGuid());
        await fixture.HoldsAsync("out", 8_040);
        Assert.InRange(Tenants(await fixture.PayloadsAsync("out")).LastIndexOf("late"), before, before + 3_000);
        await fixture.AssertEachOnceInOrderAsync("out", 8_040, 90);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "all is done");
    }

    [Fact]
    public async Task A_key_of_several_tenants_keeps_its_order_when_some_of_it_was_passed_over()
    {
        await using var fixture = new FlowFixture { Lanes = 4, Limits = Small };
        await fixture.CreateTopicsAsync(2);
        var messages = Enumerable.Range(0, 6_000).Select(i => Of($"k{i % 30}", $"k{i % 30}:{i / 30}", (i / 30) % 7 == 0 ? $"t{i % 4}" : "flood")).ToArray();
        await AppendAsync(fixture, messages);
        fixture.Start(Waiting());
        await fixture.HoldsAsync("out", 6_000);
        await fixture.AssertEachOnceInOrderAsync("out", 6_000, 30);
    }

    [Fact]
    public async Task What_is_erased_while_it_waits_is_passed_without_a_trace()
    {
        await using var fixture = new FlowFixture { Lanes = 1, Limits = Small };
        await fixture.CreateTopicsAsync(1);
        await PublishAsync(fixture, "flood", 2_000, keys: 20);
        await PublishAsync(fixture, "quiet", 1, keys: 1);
        var gate = new TaskCompletionSource();
        var begun = 0;
        fixture.Start(new FuncPipelines(
            async (input, _) =>
            {
                await Task.Yield();
                if (Encoding.UTF8.GetString(input.Stored.Message.Payload.Span).StartsWith("flood", StringComparison.Ordinal) && Interlocked.Increment(ref begun) > 300)
                {
                    await gate.Task;
                }

                return FuncPipelines.Delivered(input);
            },
            "out"));
        await Eventually.HoldsAsync(async () => (await fixture.PayloadsAsync("out")).Contains("quiet-0:0"), "the quiet one was reached");
        await fixture.Broker.EraseAsync("in", [.. Enumerable.Range(1_500, 500).Select(i => new ErasedMessage(new Position(0, i)))], FlowFixture.Cancel);
        gate.SetResult();
        await fixture.HoldsAsync("out", 1_501);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "the position is behind what was erased");
    }

    [Fact]
    public void Suspects_above_what_was_passed_over_have_their_turn_after_those_below()
    {
        var reached = new Progress(5, [new OffsetRange(500, 600)]);
        var first = PartitionLife.After(new PartitionLife { Process = Guid.NewGuid() }, Guid.NewGuid(), reached, 10_000, 10);
        Assert.Equal((1, 609, 14), (first.Deaths, first.LastSuspect, first.AloneUntil));
        var careful = PartitionLife.After(first, Guid.NewGuid(), reached with { Next = 300 }, 10_000, 10);
        Assert.Equal((true, 309), (careful.IsCareful, careful.AloneUntil));

        // They lived: the next death looks at those that were next in order then.
        var later = PartitionLife.After(careful.Survived(), Guid.NewGuid(), Progress.At(605), 10_000, 10);
        Assert.Equal((2, true, 609), (later.Deaths, later.IsCareful, later.AloneUntil));
        Assert.Equal(0, later.Survived().Deaths);
    }

    private static FlowLimits Small => new() { InFlightMessagesMax = 400, PartitionInFlightMax = 200, DeliveryMessagesMax = 50 };

    private static FuncPipelines Waiting() => new(
        async (input, _) =>
        {
            await Task.Yield();
            return FuncPipelines.Delivered(input);
        },
        "out");

    private static List<string> Tenants(IEnumerable<string> payloads) => [.. payloads.Select(p => p.Split('-')[0])];

    private static Task PublishAsync(FlowFixture fixture, string tenant, int count, int keys) => AppendAsync(
        fixture,
        Enumerable.Range(0, count).Select(i => Of($"{tenant}-{i % keys}", string.Create(CultureInfo.InvariantCulture, $"{tenant}-{i % keys}:{i / keys}"), tenant)));

    private static async Task AppendAsync(FlowFixture fixture, IEnumerable<Message> messages)
    {
        foreach (var chunk in messages.Chunk(2_000))
        {
            await fixture.Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = chunk }, FlowFixture.Cancel);
        }
    }

    private static Message Of(string key, string payload, string tenant) => new()
    {
        Key = MessageKey.FromText(key),
        Payload = Encoding.UTF8.GetBytes(payload),
        Headers = Headers.Of([new Header(HeaderNames.Tenant, tenant)]),
    };
}
