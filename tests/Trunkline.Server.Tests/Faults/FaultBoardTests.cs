using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Models;
using Trunkline.Server.Connectors;
using Trunkline.Server.Effects;
using Trunkline.Server.Faults;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Faults;

public sealed class FaultBoardTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero));
    private readonly FaultBoard _board;
    private int _crashes;

    public FaultBoardTests() => _board = new FaultBoard(_clock, () => _crashes++);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_share_of_keys_is_hit_always_and_the_others_never()
    {
        Add(FaultKind.Unavailable, share: 0.1);
        var hit = new HashSet<int>();
        for (var round = 0; round < 3; round++)
        {
            for (var key = 0; key < 2000; key++)
            {
                var fails = await FailsAsync(Call(key: $"k{key}"));
                Assert.True(round == 0 || hit.Contains(key) == fails, $"key {key}");
                if (fails)
                {
                    hit.Add(key);
                }
            }
        }

        Assert.InRange(hit.Count, 140, 260);
        Assert.Equal(3 * hit.Count, Assert.Single(_board.Active).Hits);
    }

    [Fact]
    public async Task A_fault_ends_by_itself_and_when_it_is_stopped()
    {
        var rule = Add(FaultKind.Unavailable, minutes: 5);
        Assert.True(await FailsAsync(Call()));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(await FailsAsync(Call()));
        Assert.Empty(_board.Active);
        Assert.Null(_board.Stop(rule.Id));

        var second = Add(FaultKind.Unavailable);
        Assert.Equal(second, _board.Stop(second.Id));
        Assert.False(await FailsAsync(Call()));
    }

    [Fact]
    public async Task Only_the_flow_and_step_or_model_named_is_hit()
    {
        Add(FaultKind.Unavailable, step: "infer-2");
        Add(FaultKind.Unavailable, step: "reply");
        Assert.True(await FailsAsync(Call() with { Step = "infer-2" }));
        Assert.True(await FailsAsync(Call(name: "reply=openai:small")));
        Assert.False(await FailsAsync(Call() with { Step = "infer-1" }));
        Assert.False(await FailsAsync(Call() with { Step = "infer-2", Flow = "other" }));
    }

    [Fact]
    public async Task Each_kind_fails_as_the_outside_would()
    {
        Add(FaultKind.RateLimited);
        Assert.Equal(ModelFailure.RateLimited, (await Assert.ThrowsAsync<ModelException>(async () => await RunAsync(Call()))).Failure);
        Assert.Equal("sink.rate-limited", (await Assert.ThrowsAsync<SinkException>(async () => await RunAsync(Call(EffectKind.Http)))).Code);
        await Assert.ThrowsAsync<StepFailedException>(async () => await RunAsync(Call(EffectKind.Custom)));
        Again(FaultKind.Garbage);
        Assert.StartsWith("<html>", Encoding.UTF8.GetString((await RunAsync(Call())).Span), StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(async () => await RunAsync(Call(EffectKind.Http)));
        Again(FaultKind.Crash);
        await Assert.ThrowsAsync<ModelException>(async () => await RunAsync(Call()));
        Assert.Equal(1, _crashes);
    }

    [Fact]
    public async Task A_time_out_waits_for_the_deadline_of_who_asks_and_a_slow_answer_comes_later()
    {
        Add(FaultKind.Timeout);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20), _clock);
        var waits = _board.InterceptAsync(Call(), Answer, deadline.Token).AsTask();
        Assert.False(waits.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);

        Again(FaultKind.Slow);
        var slow = _board.InterceptAsync(Call(), Answer, Cancel).AsTask();
        Assert.False(slow.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("answer", Encoding.UTF8.GetString((await slow).Span));
    }

    [Fact]
    public async Task A_commit_of_the_flow_fails_as_if_the_broker_were_away_and_others_go_on()
    {
        await using var inner = new MemoryBroker(_clock);
        var broker = new FaultyBroker(inner, _board);
        await broker.CreateTopicAsync(new TopicSettings { Name = "out" }, Cancel);
        _board.Add(id => new FaultRule { Id = id, Flow = "triage", Step = FaultRule.Broker, Group = "flow.triage", Kind = FaultKind.Unavailable, Share = 1, Until = _clock.GetUtcNow().AddMinutes(1), By = "test" });

        var unit = new CommitUnit { Appends = [new TopicAppend { Topic = "out", Messages = [new Message { Id = new MessageId("a"), Payload = "{}"u8.ToArray() }] }] };
        var away = await Assert.ThrowsAsync<BrokerException>(async () => await broker.CommitAsync(unit with { Fence = new FencingToken("flow.triage", "m", 1) }, Cancel));
        Assert.Equal(BrokerErrorCode.Unreachable, away.Code);
        Assert.Single((await broker.CommitAsync(unit, Cancel)).Appended);
        Assert.False(await FailsAsync(Call()));
    }

    [Fact]
    public void There_is_a_bound_on_faults()
    {
        for (var i = 0; i < FaultBoard.FaultsMax; i++)
        {
            Assert.NotNull(Add(FaultKind.Slow));
        }

        Assert.Null(_board.Add(id => throw new InvalidOperationException(id)));
    }

    private static EffectCall Call(EffectKind kind = EffectKind.Model, string name = "spam=1", string key = "k") =>
        new(kind, name, "id", "{}"u8.ToArray()) { Flow = "triage", Step = "infer-1", Key = Encoding.UTF8.GetBytes(key) };

    private static ValueTask<ReadOnlyMemory<byte>> Answer(EffectCall call, CancellationToken cancellationToken) => ValueTask.FromResult<ReadOnlyMemory<byte>>("answer"u8.ToArray());

    private FaultRule Add(FaultKind kind, double share = 1, string? step = null, int minutes = 10) => _board.Add(id => new FaultRule
    {
        Id = id,
        Flow = "triage",
        Step = step,
        Kind = kind,
        Share = share,
        Until = _clock.GetUtcNow().AddMinutes(minutes),
        By = "test",
    })!;

    private void Again(FaultKind kind)
    {
        foreach (var rule in _board.Active)
        {
            _board.Stop(rule.Id);
        }

        Add(kind);
    }

    private ValueTask<ReadOnlyMemory<byte>> RunAsync(EffectCall call) => _board.InterceptAsync(call, Answer, Cancel);

    private async Task<bool> FailsAsync(EffectCall call)
    {
        try
        {
            await RunAsync(call);
            return false;
        }
        catch (ModelException)
        {
            return true;
        }
    }
}
