using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.FlowTests;
using Trunkline.Server.State;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Inference;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Flows;

public sealed class MemoTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_failed_after_its_model_call_finds_the_answer_on_the_retry_and_after_a_restart()
    {
        var model = new ScriptedModel(Numbered());
        var broken = true;
        await using var fixture = new FlowFixture { Retry = new RetryConfig(100, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2)) };
        await fixture.CreateTopicsAsync(1);
        var factory = Factory(model, new MemoConfig(), (body, _, _) => Volatile.Read(ref broken) ? throw new StepFailedException("no") : new(body));
        var first = fixture.Start(factory);
        await PublishAsync(fixture, "k", "a", "hi");
        await Eventually.HoldsAsync(() => first.Status().Counts.Retries > 5, "it is tried again and again");
        await first.DisposeAsync();
        Volatile.Write(ref broken, false);
        fixture.Start(factory);
        await fixture.HoldsAsync("out", 1);
        Assert.Single(model.Requests);
        Assert.Equal(["""{"text":"hi","answer":1}"""], await fixture.PayloadsAsync("out"));

        // The recording of effects has it all the same, so that a replay finds it.
        var recorded = EffectRecordReader.Read(Assert.Single(await fixture.ReadAsync("trunkline.effects.f")).Message);
        Assert.Equal("1", Encoding.UTF8.GetString(Assert.Single(recorded, e => e.Kind == EffectKind.Model).Answer.Span));
    }

    [Fact]
    public async Task A_memo_is_of_one_message_or_of_a_key_and_a_fresh_answer_can_be_asked_for()
    {
        foreach (var perKey in new[] { false, true })
        {
            var model = new ScriptedModel(Numbered());
            await using var fixture = new FlowFixture();
            await fixture.CreateTopicsAsync(1);
            fixture.Start(Factory(model, new MemoConfig(TimeSpan.FromDays(1), perKey)));
            var sent = 0;
            foreach (var (key, id, text, fresh) in new[]
            {
                ("k", "a", "hi", false), ("k", "b", "hi", false), ("k", "c", "ho", false), ("l", "d", "hi", false), ("k", "a", "hi", false), ("k", "a", "hi", true),
                ("k", "a", "hi", false),
            })
            {
                await PublishAsync(fixture, key, id, text, fresh ? [new Header(HeaderNames.Fresh, "models")] : []);
                await fixture.HoldsAsync("out", ++sent);
            }

            var answers = (await fixture.PayloadsAsync("out")).Select(p => p[(p.LastIndexOf(':') + 1)..^1]);
            Assert.Equal(perKey ? ["1", "1", "2", "3", "1", "4", "4"] : ["1", "2", "3", "4", "1", "5", "5"], answers);
        }
    }

    [Fact]
    public async Task An_expired_answer_is_asked_for_again_and_leaves_the_store_and_a_huge_one_is_not_kept()
    {
        var clock = new VirtualClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var broker = new Brokers.Embedded.Memory.MemoryBroker(clock);
        var memo = new MemoStore(broker, "flow.f", 0, clock);
        var (early, late, huge) = ("early"u8.ToArray(), "late"u8.ToArray(), "huge"u8.ToArray());
        await memo.RememberAsync(early, "1"u8.ToArray(), TimeSpan.FromHours(1), Cancel);
        await memo.RememberAsync(late, "2"u8.ToArray(), TimeSpan.FromHours(1), Cancel);
        await memo.RememberAsync(late, "3"u8.ToArray(), TimeSpan.FromHours(3), Cancel);
        await memo.RememberAsync(huge, new byte[MemoStore.AnswerBytesMax + 1], TimeSpan.FromHours(3), Cancel);
        Assert.Null(await memo.FindAsync(huge, Cancel));
        clock.CreateTimer(_ => { }, null, TimeSpan.FromHours(2), Timeout.InfiniteTimeSpan);
        clock.MoveToNextTimer();
        Assert.Null(await memo.FindAsync(early, Cancel));
        Assert.False(await memo.SweepAsync(Cancel));
        Assert.Equal("3"u8.ToArray(), (await memo.FindAsync(late, Cancel))!.Value.ToArray());
        Assert.Equal(2, await EntriesAsync(broker));
        clock.CreateTimer(_ => { }, null, TimeSpan.FromHours(2), Timeout.InfiniteTimeSpan);
        clock.MoveToNextTimer();
        Assert.False(await memo.SweepAsync(Cancel));
        Assert.Equal(0, await EntriesAsync(broker));
    }

    [Fact]
    public async Task An_answer_that_cannot_be_remembered_fails_the_try_and_is_not_lost_for_good()
    {
        var model = new ScriptedModel(Numbered());
        await using var fixture = new FlowFixture();
        await fixture.CreateTopicsAsync(1);
        var refused = 0;
        var broker = new BrokerWithFaults(fixture.Broker)
        {
            Before = unit => unit is { Positions.Count: 0, State.Count: 2 } && Interlocked.Increment(ref refused) == 1
                ? throw new BrokerException(BrokerErrorCode.DiskFull, "full")
                : Task.CompletedTask,
        };
        fixture.Start(Factory(model, new MemoConfig()), broker);
        await PublishAsync(fixture, "k", "a", "hi");
        await fixture.HoldsAsync("out", 1);
        Assert.Equal((2, 0), (model.Requests.Count, await fixture.CountAsync("f.dead")));
    }

    private static async Task<int> EntriesAsync(IBroker broker)
    {
        var count = 0;
        await foreach (var entry in broker.ScanStateAsync("flow.f", 0, default, Cancel))
        {
            count++;
        }

        return count;
    }

    private static Func<ModelRequest, CancellationToken, ValueTask<ModelAnswer>> Numbered()
    {
        var asked = 0;
        return (_, _) => new(new ModelAnswer(Encoding.UTF8.GetBytes((++asked).ToString(CultureInfo.InvariantCulture))));
    }

    private static IPipelineFactory Factory(IModel model, MemoConfig memo, CustomStep? custom = null) => Pipelines.Factory(
        [
            Pipelines.Infer("message.text", "answer") with { Memo = memo },
            .. custom is null ? Array.Empty<StepConfig>() : [new UseStepConfig("use-1", "custom", Pipelines.Here)],
        ],
        [],
        new EffectPort(),
        model,
        custom: custom);

    private static async Task PublishAsync(FlowFixture fixture, string key, string id, string text, params Header[] headers) => await fixture.Broker.AppendAsync(
        new TopicAppend
        {
            Topic = "in",
            Messages =
            [
                new Message
                {
                    Id = new MessageId(id),
                    Source = "/chat",
                    Key = MessageKey.FromText(key),
                    ContentType = "application/json",
                    Headers = Headers.Of(headers),
                    Payload = Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""),
                },
            ],
        },
        Cancel);
}
