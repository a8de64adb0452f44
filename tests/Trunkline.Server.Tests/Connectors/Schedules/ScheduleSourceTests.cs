using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Schedules;
using Trunkline.Server.Tests.Configuration;
using Trunkline.Server.Tests.Flows;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors.Schedules;

public sealed class ScheduleSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_time_makes_one_message_with_an_id_of_its_own_that_is_always_the_same()
    {
        var first = await RunsAsync("*/10 * * * *", "UTC", MissedRuns.All, "2026-01-01T00:00:00Z", null, 3);
        Assert.Equal(["2026-01-01T00:10:00+00:00", "2026-01-01T00:20:00+00:00", "2026-01-01T00:30:00+00:00"], first.Select(At));
        var again = await RunsAsync("*/10 * * * *", "UTC", MissedRuns.All, "2026-01-01T00:55:00Z", first[0].Position, 2);
        Assert.Equal(first.Skip(1).Select(run => (run.Position, run.Message.Id)), again.Select(run => (run.Position, run.Message.Id)));
        Assert.Equal(3, first.Select(run => run.Message.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(MissedRuns.Latest, "2026-01-01T05:00:00+00:00", "2026-01-01T06:00:00+00:00")]
    [InlineData(MissedRuns.Skip, "2026-01-01T06:00:00+00:00", "2026-01-01T07:00:00+00:00")]
    [InlineData(MissedRuns.All, "2026-01-01T02:00:00+00:00", "2026-01-01T03:00:00+00:00")]
    public async Task Runs_missed_come_as_the_project_says(MissedRuns missed, string first, string second)
    {
        var runs = await RunsAsync("0 * * * *", "UTC", missed, "2026-01-01T05:30:00Z", "2026-01-01T01:00:00.0000000Z", 2);
        Assert.Equal([first, second], runs.Select(At));
    }

    [Fact]
    public async Task Daylight_saving_neither_loses_a_run_nor_makes_two()
    {
        // 02:30 does not exist on 29 March 2026 in Berlin, and exists twice on 25 October.
        Assert.Equal(
            ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
            (await RunsAsync("30 2 * * *", "Europe/Berlin", MissedRuns.Latest, "2026-03-27T12:00:00Z", null, 3)).Select(At));
        Assert.Equal(
            ["2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
            (await RunsAsync("30 2 * * *", "Europe/Berlin", MissedRuns.Latest, "2026-10-23T12:00:00Z", null, 3)).Select(At));
    }

    [Fact]
    public async Task A_flow_that_is_started_again_runs_no_time_twice()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 30, TimeSpan.Zero));
        await using var fixture = new SupervisorFixture { Time = time };
        var project = Project(Flow("f", new ScheduleSourceConfig("* * * * *", "UTC", MissedRuns.All, default), ToTopic()));
        for (var life = 0; life < 3; life++)
        {
            var supervisor = fixture.Start();
            await supervisor.ApplyAsync(project, 1, Cancel);
            var wanted = (life + 1) * 5;
            await Eventually.HoldsAsync(
                async () =>
                {
                    var held = (await fixture.ReadAsync("out")).Count;
                    if (held < wanted)
                    {
                        time.Advance(TimeSpan.FromSeconds(10));
                    }

                    return held >= wanted;
                },
                $"{wanted} runs",
                60);
            await supervisor.StopAsync(TimeSpan.FromSeconds(30));
        }

        var runs = (await fixture.ReadAsync("out")).Select(run => JsonDocument.Parse(run.Message.Payload).RootElement.GetProperty("scheduledAt").GetDateTimeOffset()).Order().ToArray();
        Assert.Equal(Enumerable.Range(0, runs.Length).Select(minute => runs[0].AddMinutes(minute)), runs);
    }

    [Theory]
    [InlineData("schedule: \"61 * * * *\"")]
    [InlineData("schedule: \"0 0 30 2 *\"")]
    [InlineData("schedule: { cron: \"* * * * *\", zone: Mars/Olympus }")]
    [InlineData("schedule: { cron: \"* * * * *\", missed: some }")]
    [InlineData("schedule: { zone: UTC }")]
    public void What_is_no_schedule_is_a_fault(string from) =>
        Assert.NotEmpty(Projects.OnlyFault($"topics: {{ t: {{}} }}\nflows:\n  f:\n    from: {{ {from} }}\n    to: {{ topic: t }}\n").Remedy);

    private static string At(SourceMessage run) => JsonDocument.Parse(run.Message.Payload).RootElement.GetProperty("scheduledAt").GetString()!;

    private static async Task<List<SourceMessage>> RunsAsync(string cron, string zone, MissedRuns missed, string now, string? position, int count)
    {
        var time = new Trunkline.Server.FlowTests.VirtualClock(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));
        await using var reading = new ScheduleSource(new ScheduleSourceConfig(cron, zone, missed, default))
            .ReadAsync(new SourceStart("f", position, time), Cancel).GetAsyncEnumerator(Cancel);
        var runs = new List<SourceMessage>();
        while (runs.Count < count)
        {
            var next = reading.MoveNextAsync().AsTask();
            await Eventually.HoldsMovingAsync(time, () => new(next.IsCompleted), "the next run");
            Assert.True(await next);
            runs.Add(reading.Current);
        }

        return runs;
    }
}
