using System.Text;
using Trunkline.Core.Limits;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.FlowTests;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Flows;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors;

public sealed class SinkBreakerTests
{
    private const int LanesOfASink = 16;
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly BreakerRule Rule = new(5, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outage_uses_up_no_tries_and_makes_no_dead_letters_and_is_over_with_the_first_answer()
    {
        var down = true;
        await using var receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = Volatile.Read(ref down) ? 503 : 204;
            return Task.CompletedTask;
        });
        await using var other = await WebhookReceiver.StartAsync((_, _) => Task.CompletedTask);
        var clock = new VirtualClock(Start);
        await using var fixture = new SupervisorFixture { Time = clock };
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), Paused(receiver.Url, "sick"), Paused(other.Url, "well"))), 1, Cancel);
        await fixture.PublishAsync("in", Enumerable.Range(0, 60).Select(i => $"k{i % 20}:{i / 20}"));
        await Eventually.HoldsMovingAsync(clock, async () => (await SinkAsync(supervisor, "sick")).Breaker!.State == BreakerState.Open, "it is open", TimeSpan.FromMinutes(1));
        await Eventually.HoldsAsync(async () => (await SinkAsync(supervisor, "well")).Delivered == 60, "the other has all");

        // A pause of 10 s, then one message after each pause: 10, 20, 40, 80, 160, 300, 300 … seconds.
        await Eventually.PassesAsync(clock, TimeSpan.FromHours(1));
        // Not fewer than a few: the clock may jump over a pause while a probe is still on its way.
        Assert.InRange(receiver.Requests.Count, 5 + 3, LanesOfASink + 5 + 20);
        var sick = await SinkAsync(supervisor, "sick");
        Assert.Equal((0, 0, 60), (sick.Delivered, sick.DeadLettered, sick.Lag));
        Assert.True(receiver.Requests.Select(r => r.Id).Distinct().Count() > 5, "the probe is not always the same message");

        Volatile.Write(ref down, false);
        await Eventually.HoldsMovingAsync(clock, async () => (await SinkAsync(supervisor, "sick")) is { Delivered: 60, Lag: 0 }, "all was sent", TimeSpan.FromHours(3));
        Assert.Equal(new BreakerReport(BreakerState.Closed, 0, null, null, 0, null), (await SinkAsync(supervisor, "sick")).Breaker);
        Assert.Equal(0, (await SinkAsync(supervisor, "sick")).DeadLettered);
        Assert.Equal(60, other.Requests.Count);
        var taken = receiver.Requests.Reverse().DistinctBy(r => r.Id).Reverse().Select(r => Encoding.UTF8.GetString(r.Body).Split(':'));
        Assert.All(taken.GroupBy(p => p[0]), key => Assert.Equal(["0", "1", "2"], key.Select(p => p[1])));
    }

    [Fact]
    public async Task A_sink_that_hangs_for_an_hour_holds_a_bounded_share_and_no_other_waits()
    {
        var forever = new TaskCompletionSource();
        await using var hanging = await WebhookReceiver.StartAsync((context, _) => forever.Task.WaitAsync(context.RequestAborted));
        await using var healthy = await WebhookReceiver.StartAsync((_, _) => Task.CompletedTask);
        var clock = new VirtualClock(Start);
        await using var fixture = new SupervisorFixture { Time = clock };
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic(), Paused(hanging.Url, "sick", 5000), Paused(healthy.Url, "well"))), 1, Cancel);
        var published = 0;
        for (var round = 0; round < 4; round++)
        {
            await fixture.PublishAsync("in", Enumerable.Range(0, 1000).Select(i => $"k{i}:{round}"));
            published += 1000;
            await fixture.HoldsAsync("out", published);
            await Eventually.HoldsAsync(async () => (await SinkAsync(supervisor, "well")).Delivered == published, "the healthy one has all");
            await Eventually.PassesAsync(clock, clock.Elapsed + TimeSpan.FromMinutes(16));
        }

        var sick = await SinkAsync(supervisor, "sick");
        Assert.Equal((0, 0, 4000), (sick.Delivered, sick.DeadLettered, sick.Lag));
        Assert.InRange(sick.InFlight, 1, 1024 + 256);
        Assert.InRange(sick.Breaker!.Waiting, 1, 2 * LanesOfASink);
        Assert.InRange(hanging.Requests.Count, 5, LanesOfASink + 5 + 20);
        Assert.Equal((4000, 4000), (healthy.Requests.Count, healthy.Requests.Select(r => r.Id).Distinct().Count()));

        // The node stops at once: there is nothing to wait for.
        await supervisor.StopAsync(TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task A_message_the_far_side_alone_refuses_becomes_a_dead_letter_when_others_get_through()
    {
        await using var picky = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = context.Request.ContentType == "text/bad" ? 500 : 204;
            return Task.CompletedTask;
        });
        var clock = new VirtualClock(Start);
        await using var fixture = new SupervisorFixture { Time = clock };
        fixture.Steps = (_, _) => (input, _) =>
        {
            var (id, key) = (input.Stored.Message.Id, input.Stored.Message.Key);
            return new(new PipelineResult.Delivered(0, [new SinkOutput(0, new Message { Id = id, Key = key, ContentType = $"text/{key}", Payload = default })]));
        };
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), Paused(picky.Url, "picky"))), 1, Cancel);
        await fixture.PublishAsync("in", "bad:0");
        await Eventually.HoldsMovingAsync(clock, async () => (await SinkAsync(supervisor, "picky")).Breaker!.State == BreakerState.Open, "alone, it looks like an outage", TimeSpan.FromMinutes(1));
        await fixture.PublishAsync("in", "good:0");
        await Eventually.HoldsMovingAsync(clock, async () => (await SinkAsync(supervisor, "picky")) is { Delivered: 1, DeadLettered: 1, Lag: 0 }, "one is dead, the other delivered", TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task An_operator_and_a_new_rule_end_the_pause()
    {
        var down = true;
        await using var receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = Volatile.Read(ref down) ? 503 : 204;
            return Task.CompletedTask;
        });
        var clock = new VirtualClock(Start);
        await using var fixture = new SupervisorFixture { Time = clock };
        var supervisor = fixture.Start();
        var flow = Flow("f", FromTopic(), Paused(receiver.Url, "sick"));
        await supervisor.ApplyAsync(Project(flow), 1, Cancel);
        await fixture.PublishAsync("in", "a:0", "b:0");
        await Eventually.HoldsMovingAsync(clock, async () => (await SinkAsync(supervisor, "sick")).Breaker!.State == BreakerState.Open, "it is open", TimeSpan.FromMinutes(1));

        // Without a breaker the tries are used up; both become dead letters.
        var without = Flow("f", FromTopic(), Paused(receiver.Url, "sick") with { Breaker = null });
        await supervisor.ApplyAsync(Project(without), 2, Cancel);
        await Eventually.HoldsMovingAsync(clock, async () => (await SinkAsync(supervisor, "sick")) is { DeadLettered: 2, Breaker: null }, "they are dead", TimeSpan.FromHours(2));

        await supervisor.ApplyAsync(Project(flow), 3, Cancel);
        await fixture.PublishAsync("in", "c:0", "d:0");

        // Both must wait at the breaker when the clock stops: one between two tries waits for the clock, which nobody moves any more.
        await Eventually.HoldsMovingAsync(
            clock, async () => (await SinkAsync(supervisor, "sick")).Breaker is { State: BreakerState.Open, Waiting: 2 }, "it is open again and both wait", TimeSpan.FromHours(3));
        Volatile.Write(ref down, false);
        var before = clock.Elapsed;
        Assert.True(await supervisor.ResumeAsync("f", Cancel));
        await Eventually.HoldsAsync(async () => (await SinkAsync(supervisor, "sick")).Delivered == 2, "both are sent at once");
        Assert.Equal(before, clock.Elapsed);
    }

    /// <summary>The time-out is of the moved clock, too: where the far side answers, it is out of the way.</summary>
    private static WebhookSinkConfig Paused(Uri url, string name, int timeoutMs = 86_400_000) => ToWebhook(url, name: name, timeoutMs: timeoutMs) with { Breaker = Rule };

    private static async Task<SinkSnapshot> SinkAsync(FlowSupervisor supervisor, string sink) =>
        (await supervisor.SnapshotAsync("f", Cancel))!.Sinks.Single(s => s.Name == sink);
}
