using Microsoft.Extensions.Time.Testing;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Steps;

/// <summary>Messages taken apart, and held to a rate.</summary>
public sealed class SplitAndThrottleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_element_goes_through_the_steps_that_follow_and_out_under_an_id_of_its_own_that_repeats()
    {
        var factory = Pipelines.Factory(
            [new SplitStepConfig("split-1", "message.items", 10, Pipelines.Here), Pipelines.Filter("message.n > 0"), Pipelines.Map("({ double: message.n * 2 })")],
            Pipelines.To("large", "message.double > 4", "message.double"),
            Pipelines.To("small"));
        var message = Pipelines.Json("""{"items":[{"n":1},{"n":0},{"n":3},{"n":1}]}""");

        var result = Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(message));
        Assert.Equal([(1, """{"double":2}"""), (0, """{"double":6}"""), (1, """{"double":2}""")], result.Outputs.Select(o => (o.Sink, Pipelines.Text(o.Message))));
        Assert.Equal(["k", "6", "k"], result.Outputs.Select(o => o.Message.Key.ToString()));
        Assert.Equal(3, result.Outputs.Select(o => o.Message.Id).Distinct().Count());
        var again = Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(message, attempt: 2));
        Assert.Equal(result.Outputs.Select(o => o.Message.Id), again.Outputs.Select(o => o.Message.Id));
    }

    [Theory]
    [InlineData("""{"items":[]}""", "split-1")]
    [InlineData("""{"items":[0,0]}""", "filter-1")]
    public async Task What_has_no_part_left_ends_there(string body, string step) => Assert.Equal(
        step,
        Assert.IsType<PipelineResult.Filtered>(await Pipelines.Factory([new SplitStepConfig("split-1", "message.items", 10, Pipelines.Here), Pipelines.Filter("message > 0")])
            .RunAsync(Pipelines.Json(body))).Step);

    [Theory]
    [InlineData("""{"items":{"a":1}}""")]
    [InlineData("""{}""")]
    [InlineData("""{"items":[1,2,3,4]}""")]
    public async Task No_list_or_one_too_long_is_a_dead_letter(string body)
    {
        var fault = await Pipelines.Factory([new SplitStepConfig("split-1", "message.items ?? null", 3, Pipelines.Here)]).FaultAsync(Pipelines.Json(body));
        Assert.Equal(("step.split-failed", FaultClass.Terminal), (fault.Code, fault.Class));
    }

    [Fact]
    public async Task A_part_that_fails_fails_the_message_and_nothing_of_it_goes_out() => Assert.Equal(
        "step.expression-failed",
        (await Pipelines.Factory([new SplitStepConfig("split-1", "message.items", 10, Pipelines.Here), Pipelines.Map("({ v: message.a.b })")]).FaultAsync(Pipelines.Json("""{"items":[{"a":{}},{}]}"""))).Code);

    [Fact]
    public async Task Lists_in_lists_are_split_in_turn()
    {
        var factory = Pipelines.Factory([new SplitStepConfig("split-1", "message", 10, Pipelines.Here), new SplitStepConfig("split-2", "message", 10, Pipelines.Here)]);
        var result = Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("[[1,2],[],[3]]")));
        Assert.Equal(["1", "2", "3"], result.Outputs.Select(o => Pipelines.Text(o.Message)));
        Assert.Equal(3, result.Outputs.Select(o => o.Message.Id).Distinct().Count());
    }

    [Fact]
    public async Task So_many_go_through_in_a_time_and_the_others_have_their_turns_without_using_up_tries()
    {
        var time = new FakeTimeProvider(Pipelines.Noon);
        var factory = Throttled(new ThrottleStepConfig("throttle-1", 2, TimeSpan.FromSeconds(1), ThrottleShare.All, Pipelines.Here), time);

        Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("1", "a")));
        var second = await factory.FaultAsync(Pipelines.Json("1", "b"));
        var third = await factory.FaultAsync(Pipelines.Json("1", "c"));
        Assert.Equal((TimeSpan.FromMilliseconds(500), true, FaultClass.Retryable), (second.RetryAfter, second.IsUncounted, second.Class));
        Assert.Equal(TimeSpan.FromSeconds(1), third.RetryAfter);
        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(TimeSpan.FromMilliseconds(500), (await factory.FaultAsync(Pipelines.Json("1", "c"))).RetryAfter);
        Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("1", "b")));
        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("1", "c")));
    }

    [Fact]
    public async Task A_short_wait_is_spent_on_the_lane()
    {
        var time = new FakeTimeProvider(Pipelines.Noon);
        var factory = Throttled(new ThrottleStepConfig("throttle-1", 20, TimeSpan.FromSeconds(1), ThrottleShare.All, Pipelines.Here), time);
        Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("1", "a")));
        var waiting = factory.RunAsync(Pipelines.Json("1", "b"));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.IsType<PipelineResult.Delivered>(await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
    }

    [Fact]
    public async Task Tenants_have_rates_of_their_own()
    {
        var time = new FakeTimeProvider(Pipelines.Noon);
        var factory = Throttled(new ThrottleStepConfig("throttle-1", 1, TimeSpan.FromMinutes(1), ThrottleShare.Tenant, Pipelines.Here), time);
        Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Of("a", "one")));
        Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Of("b", "two")));
        Assert.IsType<PipelineResult.Failed>(await factory.RunAsync(Of("c", "one")));
    }

    private static Message Of(string id, string tenant) => new()
    {
        Id = new MessageId(id),
        ContentType = "application/json",
        Headers = Headers.Of([new Header(HeaderNames.Tenant, tenant)]),
        Payload = "1"u8.ToArray(),
    };

    private static IPipelineFactory Throttled(ThrottleStepConfig step, TimeProvider time) => Pipelines.Factory([step], [Pipelines.To("out")], new EffectPort(), time: time);
}
