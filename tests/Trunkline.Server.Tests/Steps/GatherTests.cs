using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.FlowTests;
using Trunkline.Server.State;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Steps;

/// <summary>Messages of a key that wait for each other, in a running flow with a clock that is moved.</summary>
public sealed class GatherTests
{
    private readonly VirtualClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_batch_goes_when_it_is_full_and_a_started_one_when_its_time_is_over()
    {
        await using var fixture = await StartAsync(new BatchStepConfig("batch-1", 3, TimeSpan.FromMinutes(5), Pipelines.Here));
        await PublishAsync(fixture, ("k", "1"), ("other", "9"), ("k", "2"), ("k", "3"), ("k", "4"));
        await fixture.HoldsAsync("out", 1);
        Assert.Equal(["[1,2,3]"], await fixture.PayloadsAsync("out"));

        await Eventually.HoldsMovingAsync(_clock, async () => await fixture.CountAsync("out") == 3, "both others went", TimeSpan.FromMinutes(6));
        Assert.Equal(["[1,2,3]", "[4]", "[9]"], (await fixture.PayloadsAsync("out")).Order(StringComparer.Ordinal));
        Assert.Empty(await StateListing.ReadAsync(fixture.Broker, "flow.f", 1, default, 10, FlowFixture.Cancel));
    }

    [Fact]
    public async Task A_batch_survives_a_death_and_has_each_message_once()
    {
        var step = new BatchStepConfig("batch-1", 4, TimeSpan.FromMinutes(5), Pipelines.Here);
        await using var fixture = new FlowFixture(time: _clock);
        await fixture.CreateTopicsAsync(1);
        var first = fixture.Start(Pipelines.Factory([step]), process: Guid.NewGuid());
        await PublishAsync(fixture, ("k", "1"), ("k", "2"));
        await Eventually.HoldsAsync(async () => (await fixture.Broker.DescribeGroupsAsync("in", FlowFixture.Cancel)).Any(group => group.Partitions.Sum(p => p.Lag) == 0 && group.Partitions.Any(p => p.Next == 2)), "both wait in the state");
        await first.StopAsync(TimeSpan.Zero);

        // Steps were added meanwhile, so that it has another name.
        fixture.Start(Pipelines.Factory([Pipelines.Map("message + 0"), step with { Name = "batch-2" }]), process: Guid.NewGuid());
        await PublishAsync(fixture, ("k", "3"), ("k", "4"), ("k", "5"));
        await fixture.HoldsAsync("out", 1);
        await Eventually.HoldsMovingAsync(_clock, async () => await fixture.CountAsync("out") == 2, "both batches went", TimeSpan.FromMinutes(20));
        Assert.Equal(["[1,2,3,4]", "[5]"], await fixture.PayloadsAsync("out"));
    }

    [Fact]
    public async Task Bodies_that_fill_the_state_go_before_the_batch_is_full()
    {
        var large = $"\"{new string('x', 30 * 1024)}\"";
        await using var fixture = await StartAsync(new BatchStepConfig("batch-1", 100, TimeSpan.FromMinutes(5), Pipelines.Here));
        await PublishAsync(fixture, ("k", large), ("k", large), ("k", "1"), ("k", large), ("k", $"\"{new string('y', 70 * 1024)}\""), ("k", "2"));
        await Eventually.HoldsMovingAsync(_clock, async () => await fixture.CountAsync("out") == 3, "all went", TimeSpan.FromMinutes(6));
        Assert.Equal([$"[{large},{large},1]", $"[{large},\"{new string('y', 70 * 1024)}\"]", "[2]"], await fixture.PayloadsAsync("out"));
    }

    [Fact]
    public async Task A_join_goes_when_one_of_each_sort_is_there_whatever_came_first()
    {
        await using var fixture = await StartAsync(Join());
        await PublishAsync(fixture, ("a", """{"type":"payment","sum":5}"""), ("b", """{"type":"order","n":2}"""), ("a", """{"type":"order","n":0}"""), ("b", """{"type":"order","n":3}"""), ("b", """{"type":"payment","sum":7}"""));
        await fixture.HoldsAsync("out", 2);
        Assert.Equal(
            ["""{"order":{"type":"order","n":0},"payment":{"type":"payment","sum":5}}""", """{"order":{"type":"order","n":3},"payment":{"type":"payment","sum":7}}"""],
            (await fixture.PayloadsAsync("out")).Order(StringComparer.Ordinal));
        Assert.Empty(await StateListing.ReadAsync(fixture.Broker, "flow.f", 1, default, 10, FlowFixture.Cancel));
    }

    [Theory]
    [InlineData(true, """{"order":{"type":"order"},"payment":null}""")]
    [InlineData(false, null)]
    public async Task A_sort_that_does_not_come_in_time_is_missing_or_ends_the_wait(bool goesOn, string? expected)
    {
        await using var fixture = await StartAsync(Join() with { GoesOnWithout = goesOn });
        await PublishAsync(fixture, ("a", """{"type":"order"}"""), ("b", """{"type":"invoice"}"""));
        await fixture.HoldsAsync("f.dead", 1);
        await Eventually.HoldsMovingAsync(
            _clock,
            async () => (await StateListing.ReadAsync(fixture.Broker, "flow.f", 1, default, 10, FlowFixture.Cancel)).Count == 0 && await fixture.LagAsync() == 0,
            "the wait is over",
            TimeSpan.FromMinutes(11));
        Assert.Equal(expected is null ? [] : [expected], await fixture.PayloadsAsync("out"));
        Assert.Equal("step.join-unknown", Assert.Single(await fixture.ReadAsync("f.dead")).Message.Headers.Text(HeaderNames.Cause));
    }

    private static JoinStepConfig Join() => new("join-1", ["order", "payment"], "message.type", TimeSpan.FromMinutes(10), Pipelines.Here);

    private async Task<FlowFixture> StartAsync(StepConfig step)
    {
        var fixture = new FlowFixture(time: _clock);
        await fixture.CreateTopicsAsync(1);
        fixture.Start(Pipelines.Factory([step]));
        return fixture;
    }

    private static async Task PublishAsync(FlowFixture fixture, params (string Key, string Json)[] messages) => await fixture.Broker.AppendAsync(
        new TopicAppend
        {
            Topic = "in",
            Messages =
            [
                .. messages.Select(message => new Message
                {
                    Id = new MessageId(Guid.NewGuid().ToString("N")),
                    Key = MessageKey.FromText(message.Key),
                    ContentType = "application/json",
                    Payload = Encoding.UTF8.GetBytes(message.Json),
                }),
            ],
        },
        FlowFixture.Cancel);
}
