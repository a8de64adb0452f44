using Microsoft.Extensions.Time.Testing;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Delays;
using Trunkline.Server.Steps;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Flows.Delays;

/// <summary>The topics flows keep waiting messages and dead letters in.</summary>
public sealed class ParkedTopicTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_parked_topic_is_trimmed_once_nothing_in_it_waits_and_not_before()
    {
        var time = new FakeTimeProvider();
        await using var fixture = new FlowFixture(time: time) { OnFailure = FailurePolicy.ParkKey };
        await fixture.CreateTopicsAsync(1);
        await ParkedTopic.GuardAsync(fixture.Broker, "trunkline.parked.f", Cancel);
        await fixture.PublishAsync(20, 2);
        var broken = true;
        var runner = fixture.Start(new FuncPipelines(
            (input, _) => Volatile.Read(ref broken) && input.Stored.Position.Offset < 2 ? new(FuncPipelines.Failed(FaultClass.Terminal)) : FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("trunkline.parked.f", 20);
        Volatile.Write(ref broken, false);
        Assert.Equal(KeyReleaseResult.Released, await runner.ReleaseAsync(new KeyReleaseOrder(MessageKey.FromText("k0")), Cancel));
        await RetainAsync(fixture, time);
        Assert.Equal(20, await fixture.CountAsync("trunkline.parked.f"));

        Assert.Equal(KeyReleaseResult.Released, await runner.ReleaseAsync(new KeyReleaseOrder(MessageKey.FromText("k1")), Cancel));
        await Eventually.HoldsAsync(
            async () =>
            {
                await RetainAsync(fixture, time);
                return await fixture.CountAsync("trunkline.parked.f") == 0;
            },
            "what waits no more is gone");
        await fixture.AssertEachOnceInOrderAsync("out", 20, 2);
    }

    [Fact]
    public async Task A_revision_sets_how_long_dead_letters_are_kept_and_guards_what_waits()
    {
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic()) with { DeadRetention = TimeSpan.FromDays(3) }), 1, Cancel);
        Assert.Equal(TimeSpan.FromDays(3), (await fixture.Broker.DescribeTopicAsync("f.dead", Cancel)).Settings.RetentionAge);
        Assert.Contains(await fixture.Broker.DescribeGroupsAsync("trunkline.parked.f", Cancel), g => g.Group == FlowNames.ParkedGroup && g.Partitions.All(p => p.Next == 0));
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic())), 2, Cancel);
        Assert.Null((await fixture.Broker.DescribeTopicAsync("f.dead", Cancel)).Settings.RetentionAge);
    }

    [Fact]
    public async Task A_revision_sets_how_long_is_kept_what_a_flow_writes_beside_its_outputs()
    {
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        var flow = Flow("f", FromTopic(), ToTopic(), ToWebhook(new Uri("http://127.0.0.1:9")));
        var keep = new KeepConfig { Effects = new RetentionConfig(null, 1_000), Outcomes = new RetentionConfig(null, 2_000), Sent = new RetentionConfig(TimeSpan.FromHours(1), 3_000) };
        await supervisor.ApplyAsync(Project(flow with { Keep = keep }), 1, Cancel);
        Assert.Equal([keep.Effects, keep.Outcomes, keep.Sent], await KeptAsync());
        await supervisor.ApplyAsync(Project(flow), 2, Cancel);
        var usual = new KeepConfig();
        Assert.Equal([usual.Effects, usual.Outcomes, usual.Sent], await KeptAsync());

        async Task<List<RetentionConfig>> KeptAsync()
        {
            var kept = new List<RetentionConfig>();
            foreach (var topic in new[] { "trunkline.effects.f", "trunkline.outcomes.f", "trunkline.outbox.f.webhook-1" })
            {
                var settings = (await fixture.Broker.DescribeTopicAsync(topic, Cancel)).Settings;
                kept.Add(new RetentionConfig(settings.RetentionAge, settings.RetentionBytes));
            }

            return kept;
        }
    }

    [Fact]
    public async Task A_paused_flow_is_paused_after_a_restart_until_it_is_resumed()
    {
        await using var fixture = new SupervisorFixture();
        var first = fixture.Start();
        await first.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic())), 1, Cancel);
        Assert.True(await first.PauseAsync("f", Cancel));
        await first.StopAsync(TimeSpan.Zero);
        var second = fixture.Start();
        await second.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic())), 1, Cancel);
        await fixture.PublishAsync("in", "a:0");
        Assert.Equal(FlowState.Paused, (await second.SnapshotAsync("f", Cancel))!.State);
        await second.ResumeAsync("f", Cancel);
        await fixture.HoldsAsync("out", 1);
        await second.StopAsync(TimeSpan.Zero);
        var third = fixture.Start();
        await third.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic())), 1, Cancel);
        Assert.Equal(FlowState.Running, (await third.SnapshotAsync("f", Cancel))!.State);
    }

    private static async Task RetainAsync(FlowFixture fixture, FakeTimeProvider time)
    {
        time.Advance(TimeSpan.FromMinutes(2));
        await fixture.Broker.ApplyRetentionAsync(false, Cancel);
    }
}
