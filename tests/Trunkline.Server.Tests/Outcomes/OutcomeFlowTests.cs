using System.Collections.Concurrent;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Flows;
using Trunkline.Server.Configuration;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Outcomes;

/// <summary>What a running flow writes down.</summary>
public sealed class OutcomeFlowTests
{
    [Fact]
    public async Task Each_message_has_one_outcome_in_the_unit_that_moves_its_position()
    {
        await using var fixture = new FlowFixture { WritesOutcomes = true, Within = TimeSpan.FromSeconds(3) };
        await fixture.CreateTopicsAsync();
        var broker = new BrokerWithFaults(fixture.Broker);
        var units = new ConcurrentQueue<CommitUnit>();
        broker.Before = unit =>
        {
            units.Enqueue(unit);
            return Task.CompletedTask;
        };
        await fixture.PublishAsync(3_000, 30);
        var runner = fixture.Start(
            new FuncPipelines(
                (input, _) => input.Stored.Position.Offset % 10 == 0 ? new(new PipelineResult.Filtered("filter-1")) : FuncPipelines.To(input), "out"),
            broker);
        await Eventually.HoldsAsync(() => runner.Status().Counts is var counts && counts.Delivered + counts.Filtered == 3_000, "all are through");
        Assert.True(await runner.StopAsync(TimeSpan.FromSeconds(10)));

        var rows = await RowsAsync(fixture);
        Assert.Equal(3_000, rows.Select(row => (row.Partition, row.Offset)).Distinct().Count());
        Assert.Equal(3_000, rows.Count);
        var counts = runner.Status().Counts;
        Assert.Equal((counts.Delivered, counts.Filtered), (rows.Count(row => row.State == OutcomeState.Delivered), rows.Count(row => row.State == OutcomeState.Filtered)));
        Assert.All(rows, row => Assert.Equal((1, 1, 3_000L), (row.Attempts, row.Context.Revision, row.Context.WithinMilliseconds)));
        var moving = units.Where(unit => unit.Positions.Count > 0).ToArray();
        Assert.NotEmpty(moving);
        Assert.All(moving, unit => Assert.Single(unit.Appends, append => append.Topic == OutcomeTopics.Of("f")));
    }

    [Fact]
    public async Task Tries_failures_and_degraded_answers_are_told()
    {
        await using var fixture = new FlowFixture { WritesOutcomes = true };
        await fixture.CreateTopicsAsync(1);
        var runner = fixture.Start(new FuncPipelines(
            (input, _) => new(Encoding.UTF8.GetString(input.Stored.Message.Payload.Span) switch
            {
                "dead" => FuncPipelines.Failed(FaultClass.Terminal),
                "shed" => new PipelineResult.Failed(new StepFault("flow.shed", "flow", "too much", FaultClass.Terminal)),
                "slow" when input.Attempt < 3 => FuncPipelines.Failed(),
                "other" => FuncPipelines.Delivered(input) with { Degraded = true },
                _ => FuncPipelines.Delivered(input),
            }),
            "out"));
        string[] payloads = ["dead", "shed", "slow", "other", "good"];
        await fixture.Broker.AppendAsync(
            new TopicAppend { Topic = "in", Messages = [.. payloads.Select(payload => FlowFixture.Text(payload, payload))] }, FlowFixture.Cancel);
        await fixture.HoldsAsync("out", 3);
        await fixture.HoldsAsync("f.dead", 2);
        Assert.True(await runner.StopAsync(TimeSpan.FromSeconds(10)));

        var rows = (await RowsAsync(fixture)).ToDictionary(row => Encoding.UTF8.GetString(row.Key!.Value.Span));
        Assert.Equal((OutcomeState.DeadLettered, 1, "step.expression-failed"), (rows["dead"].State, rows["dead"].Attempts, rows["dead"].Cause));
        Assert.Equal((OutcomeState.Shed, "flow.shed"), (rows["shed"].State, rows["shed"].Cause));
        Assert.Equal((OutcomeState.Delivered, 3, false), (rows["slow"].State, rows["slow"].Attempts, rows["slow"].Degraded));
        Assert.True(rows["other"].Degraded);
        Assert.Equal((OutcomeState.Delivered, 1, false), (rows["good"].State, rows["good"].Attempts, rows["good"].Degraded));
        Assert.Equal([new OutcomeSink("out", false)], rows["good"].Context.Sinks);
    }

    [Fact]
    public async Task A_parked_message_has_an_outcome_when_it_is_parked_and_another_when_it_is_released()
    {
        await using var fixture = new FlowFixture { WritesOutcomes = true, OnFailure = FailurePolicy.ParkKey };
        await fixture.CreateTopicsAsync(1);
        var healed = false;
        var runner = fixture.Start(new FuncPipelines(
            (input, _) => new(Volatile.Read(ref healed) || input.Stored.Position.Offset > 0 ? FuncPipelines.Delivered(input) : FuncPipelines.Failed(FaultClass.Terminal)), "out"));
        await fixture.PublishAsync(3, 1);
        await fixture.HoldsAsync("trunkline.parked.f", 3);
        Volatile.Write(ref healed, true);
        await runner.ReleaseAsync(new KeyReleaseOrder(MessageKey.FromText("k0")) { SkipFailed = false }, FlowFixture.Cancel);
        Assert.True(await runner.StopAsync(TimeSpan.FromSeconds(10)));

        var rows = await RowsAsync(fixture);
        Assert.Equal(
            [(0L, OutcomeState.DeadLettered), (1L, OutcomeState.Parked), (2L, OutcomeState.Parked), (0L, OutcomeState.Delivered), (1L, OutcomeState.Delivered), (2L, OutcomeState.Delivered)],
            rows.Select(row => (row.Offset, row.State)));
        using var views = new OutcomeViews(fixture.Broker);
        var tenants = (await views.CountAsync("f", DateTimeOffset.UnixEpoch, FlowFixture.Cancel))["f"];
        Assert.Equal((3, 0, 0), (tenants[""].Due, tenants[""].Faulty, tenants[""].OutOfOrder));
    }

    [Fact]
    public async Task Without_an_outcome_topic_nothing_is_written()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        await fixture.PublishAsync(10, 2);
        var runner = fixture.Start(new FuncPipelines((input, _) => FuncPipelines.To(input), "out"));
        await fixture.HoldsAsync("out", 10);
        Assert.True(await runner.StopAsync(TimeSpan.FromSeconds(10)));
        Assert.Empty(await RowsAsync(fixture));
    }

    private static async Task<List<OutcomeRow>> RowsAsync(FlowFixture fixture) =>
        [.. (await fixture.ReadAsync(OutcomeTopics.Of("f"))).SelectMany(OutcomeReader.Read)];
}
