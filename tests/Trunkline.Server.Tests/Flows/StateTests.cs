using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.FlowTests;
using Trunkline.Server.State;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Flows;

public sealed class StateTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_counted_exactly_through_restarts_and_partition_moves()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        var counting = Counting();
        var first = fixture.Start(counting);
        await PublishManyAsync(fixture, 0);
        await fixture.HoldsAsync("out", 300);

        // A second member takes half of the partitions, then the first one goes without a farewell.
        var second = fixture.Start(counting);
        await fixture.HoldsAsync("out", 1200);
        await first.StopAsync(TimeSpan.Zero);
        await PublishManyAsync(fixture, 1);
        await fixture.HoldsAsync("out", 6000);
        await second.StopAsync(TimeSpan.FromSeconds(10));

        var counts = (await fixture.ReadAsync("out")).GroupBy(m => m.Message.Key).ToDictionary(g => g.Key!.Value, g => g.Select(NumberOf).ToArray());
        Assert.Equal(30, counts.Count);
        Assert.All(counts.Values, numbers => Assert.Equal(Enumerable.Range(1, 200), numbers));
    }

    [Fact]
    public async Task A_try_that_fails_leaves_no_trace()
    {
        var calls = 0;
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        fixture.Start(Factory(
            (_, context, _) => Interlocked.Increment(ref calls) <= 2 || context.Message.Id.Value == "bad" ? throw new StepFailedException("no") : new(Body),
            new StateStepConfig("state-1", "({ n: (state?.n ?? 0) + 1 })", null, null, Pipelines.Here),
            new UseStepConfig("use-1", "custom", Pipelines.Here),
            Pipelines.Map("state")));
        await PublishAsync(fixture, "k", "good-1");
        await PublishAsync(fixture, "k", "bad");
        await PublishAsync(fixture, "k", "good-2");
        await fixture.HoldsAsync("out", 2);
        Assert.Equal(["bad"], (await fixture.ReadAsync("f.dead")).Select(m => m.Message.Id.Value));
        Assert.Equal([1, 2], (await fixture.ReadAsync("out")).Select(NumberOf));
    }

    [Fact]
    public async Task A_state_that_is_too_large_and_a_message_without_key_become_dead_letters()
    {
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync();
        fixture.Start(Factory(null, new StateStepConfig("state-1", "message.big ? 'x'.repeat(65536) : 1", "kept", null, Pipelines.Here)));
        await PublishAsync(fixture, "k", "small");
        await PublishAsync(fixture, "k", "big", """{"big":true}""");
        await PublishAsync(fixture, null, "nobody");
        await fixture.HoldsAsync("f.dead", 2);
        Assert.Equal(["state.no-key", "state.too-large"], (await fixture.ReadAsync("f.dead")).Select(m => m.Message.Headers.Text(HeaderNames.Cause)).Order());
        var kept = await StateListing.FindAsync(fixture.Broker, "flow.f", Enumerable.Range(0, 4), MessageKey.FromText("k"), Cancel);
        Assert.Equal("1"u8.ToArray(), kept!.State.Value.ToArray());
    }

    [Fact]
    public async Task A_value_is_seen_until_it_expires_and_then_leaves_the_store()
    {
        var clock = new VirtualClock(Start);
        await using var fixture = new FlowFixture(time: clock);
        await fixture.CreateTopicsAsync(1);
        fixture.Start(Counting(TimeSpan.FromMinutes(30)));
        await PublishAsync(fixture, "k", "a");
        await PublishAsync(fixture, "k", "b");
        await fixture.HoldsAsync("out", 2);
        await Eventually.HoldsMovingAsync(clock, async () => (await StatesAsync(fixture)).Count == 0, "the value is gone", TimeSpan.FromMinutes(31));
        Assert.InRange(clock.Elapsed, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));
        await PublishAsync(fixture, "k", "c");
        await fixture.HoldsAsync("out", 3);
        Assert.Equal([1, 2, 1], (await fixture.ReadAsync("out")).Select(NumberOf));
    }

    [Fact]
    public async Task A_timer_fires_once_runs_the_steps_after_it_and_sees_the_state()
    {
        var clock = new VirtualClock(Start);
        await using var fixture = new FlowFixture(time: clock);
        await fixture.CreateTopicsAsync(1);
        var runner = fixture.Start(Factory(
            null,
            new StateStepConfig("state-1", "({ n: (state?.n ?? 0) + 1 })", null, null, Pipelines.Here),
            Timer("silence", TimeSpan.FromMinutes(10)),
            Pipelines.Map("({ n: state.n, timer: meta.timer, at: meta.time, due: message.due ?? null, setBy: message.setBy ?? null })")));
        await PublishAsync(fixture, "k", "a");
        await fixture.HoldsAsync("out", 1);
        Assert.Equal(1, runner.Status().Timers);
        await Eventually.HoldsMovingAsync(clock, async () => await fixture.CountAsync("out") == 2, "it fired");
        Assert.Equal(
            ["""{"n":1,"timer":null,"at":"2026-03-01T12:00:00.000Z","due":null,"setBy":null}""",
             """{"n":1,"timer":"silence","at":"2026-03-01T12:10:00.000Z","due":"2026-03-01T12:10:00.000Z","setBy":"a"}"""],
            await fixture.PayloadsAsync("out"));
        await Eventually.HoldsAsync(() => runner.Status() is { Timers: 0, InFlight: 0 }, "nothing is left");
        Assert.Equal(0, await fixture.LagAsync());
        Assert.Equal((2, 2), (runner.Status().Counts.In, runner.Status().Counts.Delivered));
    }

    [Fact]
    public async Task A_timer_is_moved_and_cancelled_by_later_messages()
    {
        var clock = new VirtualClock(Start);
        await using var fixture = new FlowFixture(time: clock);
        await fixture.CreateTopicsAsync(1);
        var runner = fixture.Start(Factory(
            null,
            Timer("silence", TimeSpan.FromMinutes(10), when: "!message.answer"),
            new TimerStepConfig("timer-2", "silence", null, "message.answer", Pipelines.Here),
            Pipelines.Map("({ timer: meta.timer, at: meta.time })")));
        await PublishAsync(fixture, "moved", "a");
        await PublishAsync(fixture, "answered", "b");
        await fixture.HoldsAsync("out", 2);
        await Eventually.PassesAsync(clock, TimeSpan.FromMinutes(5));
        await PublishAsync(fixture, "moved", "c");
        await PublishAsync(fixture, "answered", "d", """{"answer":true}""");
        await fixture.HoldsAsync("out", 4);
        await Eventually.HoldsAsync(() => runner.Status().Timers == 1, "one runs");
        await Eventually.HoldsMovingAsync(clock, async () => await fixture.CountAsync("out") == 5, "it fired");
        Assert.Equal("""{"timer":"silence","at":"2026-03-01T12:15:00.000Z"}""", (await fixture.PayloadsAsync("out"))[^1]);
        Assert.Equal("moved", (await fixture.ReadAsync("out"))[^1].Message.Key.ToString());
        Assert.Equal(0, runner.Status().Timers);
    }

    [Fact]
    public async Task A_timer_due_while_the_flow_was_down_fires_after_what_came_before_it_was_due()
    {
        var clock = new VirtualClock(Start);
        await using var fixture = new FlowFixture(time: clock);
        await fixture.CreateTopicsAsync(1);
        var waiting = Factory(
            null,
            Timer("silence", TimeSpan.FromMinutes(10), when: "!message.answer"),
            new TimerStepConfig("timer-2", "silence", null, "message.answer", Pipelines.Here),
            Pipelines.Map("({ timer: meta.timer })"));
        var first = fixture.Start(waiting);
        await PublishAsync(fixture, "answered", "a");
        await PublishAsync(fixture, "forgotten", "b");
        await fixture.HoldsAsync("out", 2);
        await Eventually.HoldsAsync(async () => await fixture.LagAsync() == 0, "both are committed");
        await first.StopAsync(TimeSpan.Zero);
        await PublishAsync(fixture, "answered", "c", """{"answer":true}""");
        await Eventually.PassesAsync(clock, TimeSpan.FromHours(1));

        fixture.Start(waiting);
        await Eventually.HoldsMovingAsync(clock, async () => await fixture.CountAsync("out") == 4, "all is through");
        Assert.Equal(
            ["answered:null", "forgotten:null", "answered:null", "forgotten:\"silence\""],
            (await fixture.ReadAsync("out")).Select(m => $"{m.Message.Key}:{JsonDocument.Parse(m.Message.Payload).RootElement.GetProperty("timer").GetRawText()}"));
    }

    [Fact]
    public async Task A_timer_whose_run_fails_is_a_dead_letter_once_and_one_no_revision_knows_is_filtered()
    {
        var clock = new VirtualClock(Start);
        await using var fixture = new FlowFixture(time: clock);
        await fixture.CreateTopicsAsync(1);
        var runner = fixture.Start(Factory(
            null, Timer("doomed", TimeSpan.FromMinutes(1)), Timer("forgotten", TimeSpan.FromHours(2)), Pipelines.Map("meta.timer ? message.no.such : message")));
        await PublishAsync(fixture, "k", "a");
        await Eventually.HoldsMovingAsync(clock, async () => await fixture.CountAsync("f.dead") == 1, "it is dead", TimeSpan.FromHours(1));
        var dead = Assert.Single(await fixture.ReadAsync("f.dead")).Message;
        Assert.Equal(("doomed", "map-1"), (dead.Headers.Text(HeaderNames.Timer), dead.Headers.Text(HeaderNames.Step)));
        runner.Switch(fixture.Revision(Factory(null, Pipelines.Map("message")), 2));
        await Eventually.HoldsMovingAsync(clock, () => new(runner.Status().Counts.Filtered == 1), "the other is filtered");
        Assert.Equal((1, 0), (await fixture.CountAsync("f.dead"), (await StatesAsync(fixture)).Count));
    }

    [Fact]
    public async Task A_timer_that_fails_parks_its_key_and_one_of_a_parked_key_waits_until_it_is_open()
    {
        var clock = new VirtualClock(Start);
        await using var fixture = new FlowFixture(time: clock) { OnFailure = FailurePolicy.ParkKey };
        await fixture.CreateTopicsAsync(1);
        var broken = true;
        var runner = fixture.Start(Factory(
            (body, context, _) => Volatile.Read(ref broken) && context.Message.Headers.Text(HeaderNames.Timer) is not null
                ? throw new StepFailedException("no", retryable: false)
                : new(body),
            Timer("first", TimeSpan.FromMinutes(1), "!meta.timer && message.sets"),
            Timer("second", TimeSpan.FromMinutes(2), "!meta.timer && message.sets"),
            new UseStepConfig("use-1", "custom", Pipelines.Here),
            new StateStepConfig("state-1", "({ n: (state?.n ?? 0) + 1 })", null, null, Pipelines.Here),
            Pipelines.Map("({ n: state.n, timer: meta.timer })")));
        await PublishAsync(fixture, "k", "a", """{"sets":true}""");
        await Eventually.HoldsMovingAsync(clock, () => new(runner.Status().ParkedKeys == 1), "the key is parked", TimeSpan.FromMinutes(1));
        await PublishAsync(fixture, "k", "b");
        await fixture.HoldsAsync("trunkline.parked.f", 2);
        await Eventually.PassesAsync(clock, TimeSpan.FromMinutes(5));
        Assert.Equal(1, await fixture.CountAsync("out"));
        Assert.Equal("second", Assert.Single(Assert.Single(await StatesAsync(fixture)).State.Timers).Name);
        Volatile.Write(ref broken, false);
        Assert.Equal(KeyReleaseResult.Released, await runner.ReleaseAsync(new KeyReleaseOrder(MessageKey.FromText("k")), Cancel));
        await Eventually.HoldsMovingAsync(clock, async () => await fixture.CountAsync("out") == 4, "all is through", TimeSpan.FromMinutes(10));
        Assert.Equal(
            ["""{"n":1,"timer":null}""", """{"n":2,"timer":"first"}""", """{"n":3,"timer":null}""", """{"n":4,"timer":"second"}"""], await fixture.PayloadsAsync("out"));
        Assert.Equal(1, await fixture.CountAsync("f.dead"));
    }

    [Fact]
    public async Task Repeated_timers_go_on_for_ever_and_an_operator_ends_them()
    {
        var clock = new VirtualClock(Start);
        await using var fixture = new FlowFixture(time: clock);
        await fixture.CreateTopicsAsync(1);
        var runner = fixture.Start(Factory(
            null, Timer("tick", TimeSpan.FromHours(1)), Timer("tick", TimeSpan.FromHours(1), "meta.timer === 'tick'", 2), Pipelines.Map("({ at: meta.time })")));
        await PublishAsync(fixture, "k", "a");
        await Eventually.HoldsMovingAsync(clock, async () => await fixture.CountAsync("out") >= 4, "it ticked three times");
        Assert.Equal(
            ["12:00", "13:00", "14:00", "15:00"],
            (await fixture.PayloadsAsync("out")).Take(4).Select(p => JsonDocument.Parse(p).RootElement.GetProperty("at").GetString()![11..16]));
        Assert.True(await runner.DropStateAsync(MessageKey.FromText("k"), Cancel));
        Assert.Empty(await StatesAsync(fixture));
        Assert.False(await runner.DropStateAsync(MessageKey.FromText("stranger"), Cancel));
        Assert.Equal(0, runner.Status().Timers);
    }

    [Fact]
    public async Task More_timers_than_fit_into_memory_all_fire_in_order()
    {
        var broker = new Brokers.Embedded.Memory.MemoryBroker(TimeProvider.System);
        await using var owned = broker;
        var states = new KeyStates(broker, "flow.f", 0);
        var writes = Enumerable.Range(0, KeyStates.TimersMax + 50).SelectMany(i =>
        {
            var key = MessageKey.FromText(i.ToString("D6", CultureInfo.InvariantCulture));
            var timer = new KeyTimer("t", Start.AddSeconds(i), new TimerOrigin("s", "m", i, []));
            return StateCodec.Writes("flow.f", 0, new StateChange(key, KeyState.None, new KeyState { Timers = [timer] }));
        });
        await broker.CommitAsync(new CommitUnit { State = [.. writes] }, Cancel);
        await states.LoadTimersAsync(Cancel);
        Assert.Equal(KeyStates.TimersMax, states.TimerCount);
        var seen = new List<DueTimer>();
        while (states.First is { } due)
        {
            seen.Add(due);
            states.Take(due);
            var change = new StateChange(due.Key, await states.PeekAsync(due.Key, Cancel), KeyState.None);
            await broker.CommitAsync(new CommitUnit { State = [.. StateCodec.Writes("flow.f", 0, change)] }, Cancel);
            if (states.MustLoad)
            {
                await states.LoadTimersAsync(Cancel);
            }
        }

        Assert.Equal(KeyStates.TimersMax + 50, seen.Count);
        Assert.Equal(seen.Select(d => d.Due).Order(), seen.Select(d => d.Due));
    }

    private static readonly ReadOnlyMemory<byte>? Body = "{}"u8.ToArray();

    private static TimerStepConfig Timer(string timer, TimeSpan after, string? when = null, int number = 1) =>
        new(string.Create(CultureInfo.InvariantCulture, $"timer-{timer}-{number}"), timer, after, when, Pipelines.Here);

    private static IPipelineFactory Counting(TimeSpan? expire = null) => Factory(
        null, new StateStepConfig("state-1", "({ n: (state?.n ?? 0) + 1 })", null, expire, Pipelines.Here), Pipelines.Map("state"));

    private static IPipelineFactory Factory(CustomStep? custom, params StepConfig[] steps) =>
        Pipelines.Factory(steps, [], new Server.Effects.EffectPort(), custom: custom);

    private static async Task PublishAsync(FlowFixture fixture, string? key, string id, string json = "{}")
    {
        var message = new Message
        {
            Id = new MessageId(id),
            Source = "/chat",
            Key = key is null ? null : MessageKey.FromText(key),
            ContentType = "application/json",
            Payload = Encoding.UTF8.GetBytes(json),
        };
        await fixture.Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [message] }, Cancel);
    }

    /// <summary>3,000 messages of 30 keys.</summary>
    private static async Task PublishManyAsync(FlowFixture fixture, int round)
    {
        foreach (var chunk in Enumerable.Range(0, 3000).Chunk(500))
        {
            var messages = chunk.Select(i => FlowFixture.Text(string.Create(CultureInfo.InvariantCulture, $"k{i % 30}"), $$"""{"round":{{round}}}""")).ToArray();
            await fixture.Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = messages }, Cancel);
        }
    }

    private static int NumberOf(StoredMessage message) => JsonDocument.Parse(message.Message.Payload).RootElement.GetProperty("n").GetInt32();

    private static async Task<IReadOnlyList<ListedState>> StatesAsync(FlowFixture fixture) =>
        await StateListing.ReadAsync(fixture.Broker, "flow.f", 4, default, 100, Cancel);
}
