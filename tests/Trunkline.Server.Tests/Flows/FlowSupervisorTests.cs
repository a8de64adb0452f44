using System.Text;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Flows;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Flows;

public sealed class FlowSupervisorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revision_brings_its_topics_and_flows_and_the_next_one_takes_over()
    {
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic())), 1, Cancel);
        await fixture.PublishAsync("in", "a:0", "b:0");
        await fixture.HoldsAsync("out", 2);
        Assert.Equal(2, (await fixture.Broker.DescribeTopicAsync("f.dead", Cancel)).Partitions.Count);

        fixture.Steps = (_, revision) => (input, _) => FuncPipelines.To(input, payload: $"{input.Stored.Message.Key}:{revision}");
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic()), Flow("g", FromTopic(group: "flow.g"), ToTopic())), 2, Cancel);
        await Eventually.HoldsAsync(() => fixture.Disposed.Contains(1), "what revision 1 stood on is gone");
        await fixture.HoldsAsync("out", 4);
        var snapshots = await supervisor.SnapshotAsync(Cancel);
        Assert.Equal(["f", "g"], snapshots.Select(s => s.Name));
        Assert.All(snapshots, s => Assert.Equal((2, FlowState.Running), (s.Revision, s.State)));
        await supervisor.ApplyAsync(Project(), 3, Cancel);
        Assert.Empty(await supervisor.SnapshotAsync(Cancel));
    }

    [Fact]
    public async Task A_revision_that_cannot_be_built_changes_nothing()
    {
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic())), 1, Cancel);
        var bad = Flow("f", FromTopic(), ToTopic(), ToWebhook(new Uri("http://127.0.0.1:1/"), "whsec_%%%"));
        await Assert.ThrowsAsync<ArgumentException>(() => supervisor.ApplyAsync(Project(bad), 2, Cancel));
        await fixture.PublishAsync("in", "a:0");
        await fixture.HoldsAsync("out", 1);
        Assert.Equal(1, supervisor.Revision);
        Assert.Equal([2], fixture.Disposed);
    }

    [Fact]
    public async Task A_failed_flow_runs_again_when_resumed()
    {
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        var project = Project(Flow("f", FromTopic(), ToTopic()));
        await supervisor.ApplyAsync(project, 1, Cancel);
        await fixture.Broker.DeleteTopicAsync("in", Cancel);
        await Eventually.HoldsAsync(async () => (await supervisor.SnapshotAsync("f", Cancel))!.State == FlowState.Failed, "it failed");
        await fixture.Broker.CreateTopicAsync(project.Topics["in"].Settings, Cancel);
        Assert.True(await supervisor.ResumeAsync("f", Cancel));
        await fixture.PublishAsync("in", "a:0");
        await fixture.HoldsAsync("out", 1);
        Assert.False(await supervisor.ResumeAsync("no such flow", Cancel));
        Assert.False(await supervisor.PauseAsync("no such flow", Cancel));
    }

    [Fact]
    public async Task A_request_is_answered_once_its_message_is_durable()
    {
        await using var fixture = new SupervisorFixture();
        fixture.Steps = (_, _) => (input, _) => Encoding.UTF8.GetString(input.Stored.Message.Payload.Span) switch
        {
            "bad" => new(FuncPipelines.Failed(Trunkline.Server.Steps.FaultClass.Terminal)),
            "none" => new(new Trunkline.Server.Steps.PipelineResult.Filtered("filter-1")),
            _ => FuncPipelines.To(input),
        };
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", new HttpSourceConfig("/mail", default), ToTopic())), 1, Cancel);
        HttpIntake? intake = null;
        await Eventually.HoldsAsync(() => fixture.Intakes.TryGet("/mail", out intake), "the path is open");
        var message = FlowFixture.Text("k", "good");
        Assert.Equal(IntakeResult.Delivered, await intake!.AcceptAsync(message, null, Cancel));
        Assert.Single(await fixture.ReadAsync("out"));
        Assert.Equal(IntakeResult.DeadLettered, await intake.AcceptAsync(FlowFixture.Text("k", "bad"), null, Cancel));
        Assert.Equal(IntakeResult.Filtered, await intake.AcceptAsync(FlowFixture.Text("k", "none"), null, Cancel));
        Assert.Equal("bad", Encoding.UTF8.GetString(Assert.Single(await fixture.ReadAsync("f.dead")).Message.Payload.Span));

        // A client that missed the answer sends again: the topic recognises it.
        Assert.Equal(IntakeResult.Delivered, await intake.AcceptAsync(message, null, Cancel));
        Assert.Single(await fixture.ReadAsync("out"));
        await supervisor.ApplyAsync(Project(), 2, Cancel);
        Assert.False(fixture.Intakes.TryGet("/mail", out _));
        Assert.Equal(IntakeResult.Closed, await intake.AcceptAsync(message, null, Cancel));
    }
}
