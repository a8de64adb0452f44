using Microsoft.Extensions.Time.Testing;
using Trunkline.Core.Limits;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Inference;

namespace Trunkline.Server.Tests.Steps;

/// <summary>What an infer step does while its model has no room.</summary>
public sealed class OverloadTests : IAsyncDisposable
{
    private static readonly OverloadConfig Buffer = new(OverloadPolicy.Buffer);

    private readonly FakeTimeProvider _time = new(Pipelines.Noon);
    private readonly List<IAsyncDisposable> _owned = [];
    private TaskCompletionSource<ModelAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned.AsEnumerable().Reverse())
        {
            await owned.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_message_waits_for_room_and_its_wait_does_not_count_against_the_time_of_the_call()
    {
        var model = Slow();
        var flow = Flow(model, Buffer, new ModelLimitsConfig { Concurrency = new ConcurrencySettings { Max = 1 } });
        var first = flow.RunAsync(Pipelines.Json("""{"text":"a"}""", "a"));
        var second = flow.RunAsync(Pipelines.Json("""{"text":"b"}""", "b"));
        Answer();
        await Soon(first);

        // Nothing runs now but the second, which began only when the first was through.
        Assert.IsType<PipelineResult.Delivered>(await Soon(second));
        Assert.Equal(2, model.Requests.Count);
    }

    [Fact]
    public async Task A_wait_longer_than_the_time_of_a_call_is_no_time_out()
    {
        var flow = Flow(Slow(), Buffer, new ModelLimitsConfig { Budgets = [new BudgetSettings { Calls = 1, Per = TimeSpan.FromHours(1) }] });
        Answer();
        await Soon(flow.RunAsync(Pipelines.Json("""{"text":"a"}""", "a")));
        var waiting = flow.RunAsync(Pipelines.Json("""{"text":"b"}""", "b"));
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.False(waiting.IsCompleted);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<PipelineResult.Delivered>(await Soon(waiting));
    }

    [Fact]
    public async Task A_full_model_is_left_for_another_and_the_output_says_so()
    {
        var flow = Flow(Slow(), new OverloadConfig(OverloadPolicy.Reroute, "small"), new ModelLimitsConfig { Concurrency = new ConcurrencySettings { Max = 1 } });
        var first = flow.RunAsync(Pipelines.Json("""{"text":"a"}""", "a"));
        var output = Assert.Single(Assert.IsType<PipelineResult.Delivered>(await Soon(flow.RunAsync(Pipelines.Json("""{"text":"b"}""", "b")))).Outputs).Message;

        Assert.Equal("infer-1: model -> small (overload)", output.Headers.Text(HeaderNames.Degraded));
        Assert.Equal("small=scripted@1", output.Headers.Text(HeaderNames.Models));
        Answer();
        output = Assert.Single(Assert.IsType<PipelineResult.Delivered>(await Soon(first)).Outputs).Message;
        Assert.Null(output.Headers.Text(HeaderNames.Degraded));
    }

    [Fact]
    public async Task A_replay_finds_the_answer_of_the_model_that_was_asked_instead()
    {
        var replay = new EffectPort((call, _, _) => call.Name.StartsWith("small=", StringComparison.Ordinal)
            ? new ValueTask<ReadOnlyMemory<byte>>("7"u8.ToArray())
            : throw new EffectMissingException(call));
        var flow = Flow(Slow(), new OverloadConfig(OverloadPolicy.Reroute, "small"), new ModelLimitsConfig(), replay);

        Assert.Equal("""{"text":"a","spam":7}""", await flow.BodyAsync(Pipelines.Json("""{"text":"a"}""")));
    }

    [Fact]
    public async Task A_full_model_sheds_the_lowest_priority_first_as_dead_letters_with_that_cause()
    {
        var limits = new ModelLimitsConfig { Concurrency = new ConcurrencySettings { Max = 1, Queue = 4 } };
        var flow = Flow(Slow(), new OverloadConfig(OverloadPolicy.Shed), limits);
        var runs = Enumerable.Range(0, 3).Select(i => flow.RunAsync(Prioritised("0", $"m-{i}"))).ToList();

        // One runs, two wait: of four places the lowest priority may use none, the middle two, the highest all.
        var low = Assert.IsType<PipelineResult.Failed>(await Soon(flow.RunAsync(Prioritised("9", "low"))));
        Assert.Equal(("message.shed", FaultClass.Dropped), (low.Fault.Code, low.Fault.Class));
        Assert.IsType<PipelineResult.Failed>(await Soon(flow.RunAsync(Prioritised("5", "middle"))));
        runs.Add(flow.RunAsync(Prioritised("0", "high")));
        Assert.False(runs[^1].IsCompleted);
        Answer();
        Assert.All(await Soon(Task.WhenAll(runs)), r => Assert.IsType<PipelineResult.Delivered>(r));
    }

    [Fact]
    public async Task A_model_that_asks_to_slow_down_burns_no_attempt_of_a_message_that_waits()
    {
        var model = new ScriptedModel((_, _) => throw new ModelException(ModelFailure.RateLimited, "slow down"));

        Assert.True((await Flow(model, Buffer, new ModelLimitsConfig()).FaultAsync(Pipelines.Json("""{"text":"a"}"""))).IsUncounted);
        Assert.False((await Flow(model, new OverloadConfig(OverloadPolicy.Shed), new ModelLimitsConfig()).FaultAsync(Pipelines.Json("""{"text":"a"}"""))).IsUncounted);
    }

    [Fact]
    public async Task A_call_larger_than_a_whole_budget_fails_at_once_and_is_not_made()
    {
        var model = Slow();
        var fault = await Flow(model, Buffer, new ModelLimitsConfig { Budgets = [new BudgetSettings { Tokens = 20, Per = TimeSpan.FromHours(1) }] })
            .FaultAsync(Pipelines.Json("""{"text":"a text of more than twenty bytes"}"""));

        Assert.Equal(("step.model-over-budget", FaultClass.Terminal), (fault.Code, fault.Class));
        Assert.Empty(model.Requests);
    }

    [Fact]
    public async Task Tokens_and_cost_stand_on_the_recorded_effect_and_count_in_the_budget()
    {
        var model = new ScriptedModel((_, _) => ValueTask.FromResult(new ModelAnswer("1"u8.ToArray(), 100, 50)));
        var flow = Flow(model, new OverloadConfig(OverloadPolicy.Shed), new ModelLimitsConfig
        {
            Price = new PriceConfig(10, 20, 0.5m),
            Budgets = [new BudgetSettings { Money = 1.01m, Per = TimeSpan.FromHours(1) }],
        });
        var first = await flow.RunAsync(Pipelines.Json("""{"text":"a"}""", "a"));

        Assert.Equal(new EffectUsage(100, 50, 0.502m), Assert.Single(first.Effects).Usage);
        Assert.IsType<PipelineResult.Delivered>(await flow.RunAsync(Pipelines.Json("""{"text":"b"}""", "b")));
        Assert.Equal("message.shed", (await flow.FaultAsync(Pipelines.Json("""{"text":"c"}""", "c"))).Code);
        Assert.Equal(2, model.Requests.Count);
    }

    [Fact]
    public async Task Tenants_with_their_own_budget_do_not_wait_for_each_other()
    {
        var flow = Flow(Slow(), new OverloadConfig(OverloadPolicy.Shed), new ModelLimitsConfig
        {
            Budgets = [new BudgetSettings { Calls = 1, Per = TimeSpan.FromHours(1), EachTenant = true }],
        });
        Answer();

        Assert.IsType<PipelineResult.Delivered>(await flow.RunAsync(With(HeaderNames.Tenant, "a", "1")));
        Assert.IsType<PipelineResult.Failed>(await flow.RunAsync(With(HeaderNames.Tenant, "a", "2")));
        Assert.IsType<PipelineResult.Delivered>(await flow.RunAsync(With(HeaderNames.Tenant, "b", "3")));
    }

    [Fact]
    public async Task A_message_past_the_deadline_takes_the_late_branch_also_while_it_waits_for_room()
    {
        var limits = new ModelLimitsConfig { Concurrency = new ConcurrencySettings { Max = 1 } };
        var flow = Flow(Slow(), Buffer, limits, deadline: TimeSpan.FromSeconds(3), late: true);
        var first = flow.RunAsync(Pipelines.Json("""{"text":"a"}""", "a"));
        var waiting = flow.RunAsync(Pipelines.Json("""{"text":"b"}""", "b"));
        _time.Advance(TimeSpan.FromSeconds(4));

        var late = Assert.IsType<PipelineResult.Delivered>(await Soon(waiting));
        Assert.Equal((1, """{"text":"b"}"""), (late.Branch, Pipelines.Text(Assert.Single(late.Outputs).Message)));
        Assert.Equal((EffectKind.Clock, "deadline"), (Assert.Single(late.Effects).Kind, late.Effects[0].Name));
        var begun = Assert.IsType<PipelineResult.Delivered>(await Soon(flow.RunAsync(Pipelines.Json("not json", "c"))));
        Assert.Equal((1, "not json"), (begun.Branch, Pipelines.Text(Assert.Single(begun.Outputs).Message)));

        // A call that had begun in time is not cut off.
        Answer();
        Assert.Equal(0, Assert.IsType<PipelineResult.Delivered>(await Soon(first)).Branch);
    }

    [Fact]
    public async Task Without_a_late_branch_a_late_message_is_a_dead_letter_with_that_cause()
    {
        var flow = Flow(Slow(), Buffer, new ModelLimitsConfig(), deadline: TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromMinutes(1));
        var fault = await flow.FaultAsync(Pipelines.Json("""{"text":"a"}"""));

        Assert.Equal(("message.expired", FaultClass.Dropped), (fault.Code, fault.Class));
    }

    [Fact]
    public async Task In_a_replay_a_message_is_late_exactly_if_it_was()
    {
        _time.Advance(TimeSpan.FromDays(10));
        Answer();
        EffectPort Recording(bool late) => new((call, next, token) => call.Kind != EffectKind.Clock
            ? next(call, token)
            : late ? new ValueTask<ReadOnlyMemory<byte>>("true"u8.ToArray()) : throw new EffectMissingException(call));

        foreach (var late in new[] { true, false })
        {
            var flow = Flow(Slow(), Buffer, new ModelLimitsConfig(), Recording(late), TimeSpan.FromSeconds(30), late: true, replay: true);
            Assert.Equal(late ? 1 : 0, Assert.IsType<PipelineResult.Delivered>(await flow.RunAsync(Pipelines.Json("""{"text":"a"}"""))).Branch);
        }
    }

    /// <summary>The line: a thousand tokens, fifty callers at once, never overspent.</summary>
    [Fact]
    public async Task Fifty_callers_never_overspend_a_budget_of_a_thousand_tokens()
    {
        var used = 0;
        var model = new ScriptedModel(async (request, _) =>
        {
            await Task.Yield();
            var tokens = request.Input.Length + 20;
            Interlocked.Add(ref used, tokens);
            return new ModelAnswer("1"u8.ToArray(), tokens - 2, 2);
        });
        var flow = Flow(model, new OverloadConfig(OverloadPolicy.Shed), new ModelLimitsConfig
        {
            Budgets = [new BudgetSettings { Tokens = 1_000, Per = TimeSpan.FromHours(1) }],
        });
        var runs = Enumerable.Range(0, 50).Select(caller => Task.Run(async () =>
        {
            using var pipeline = flow.Create();
            for (var i = 0; i < 6; i++)
            {
                await pipeline.RunAsync(Pipelines.Input(Pipelines.Json($$"""{"text":"{{new string('x', caller % 9)}}"}""", $"{caller}-{i}")), TestContext.Current.CancellationToken);
            }
        }));
        await Task.WhenAll(runs);

        Assert.InRange(used, 500, 1_000);
    }

    private static Message Prioritised(string priority, string id) => With(HeaderNames.Priority, priority, id);

    private static Message With(string header, string value, string id)
    {
        var message = Pipelines.Json("""{"text":"a"}""", id);
        return new Message
        {
            Id = message.Id,
            Source = message.Source,
            Key = message.Key,
            ContentType = message.ContentType,
            Headers = Headers.Of([new Header(header, value)]),
            Payload = message.Payload,
        };
    }

    private static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private static Task Soon(Task task) => task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private ScriptedModel Slow() => new((_, token) => new ValueTask<ModelAnswer>(Volatile.Read(ref _answer).Task.WaitAsync(token)));

    private void Answer() => _answer.TrySetResult(new ModelAnswer("1"u8.ToArray()));

    private ProjectPipelineFactory Flow(
        ScriptedModel model, OverloadConfig overload, ModelLimitsConfig limits, EffectPort? port = null, TimeSpan? deadline = null, bool late = false, bool replay = false)
    {
        var catalog = new ModelCatalog(
            new OutgoingAddressPolicy(), new Dictionary<string, IModel> { ["model"] = model, ["small"] = new ScriptedModel("2") }, _time);
        var models = catalog.Lease(new ProjectConfig
        {
            Models = new[]
            {
                new ModelConfig { Name = "model", Kind = "use", Limits = limits, Timeout = TimeSpan.FromSeconds(5) },
                new ModelConfig { Name = "small", Kind = "use" },
            }.ToDictionary(m => m.Name),
        });
        _owned.Add(catalog);
        _owned.Add(models);
        var flow = new FlowConfig
        {
            Name = "triage",
            From = new TopicSourceConfig("in", "flow.triage", SubscribeStart.Earliest, Pipelines.Here),
            Steps = [Pipelines.Infer("message.text", "spam") with { Overload = overload }],
            Branches = late ? [Pipelines.To("out"), Pipelines.To("late") with { IsLate = true }] : [Pipelines.To("out")],
            Deadline = deadline,
        };
        return new ProjectPipelineFactory(flow, "1", new PipelineServices(port ?? new EffectPort(), models, new Dictionary<string, CustomStep>(), _time) { IsReplay = replay });
    }
}
