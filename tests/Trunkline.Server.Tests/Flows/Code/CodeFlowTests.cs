using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Messaging;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Inference;
using Trunkline.Server.Tests.Steps;

namespace Trunkline.Server.Tests.Flows.Code;

public sealed class CodeFlowTests
{
    private static readonly ScriptedModel Model = new("""{"probability":0.95}""");

    [Fact]
    public async Task A_typed_handler_asks_a_model_and_chooses_the_sink()
    {
        var result = Assert.IsType<PipelineResult.Delivered>(await Factory(new Triage()).RunAsync(Pipelines.Json("""{"text":"win money"}""")));
        var (sink, output) = (Assert.Single(result.Outputs).Sink, result.Outputs[0].Message);

        Assert.Equal(1, sink);
        Assert.Equal("""{"text":"win money","spam":0.95}""", Pipelines.Text(output));
        Assert.Equal("trunkline:flow/triage", output.Source);
        Assert.Equal("model=scripted@1", output.Headers.Text(HeaderNames.Models));
        Assert.Equal("9", output.Headers.Text(HeaderNames.Revision));
        Assert.Equal(MessageKey.FromText("k"), output.Key);
        Assert.Single(result.Effects);
    }

    [Fact]
    public async Task A_handler_that_sends_nothing_filters_the_message() => Assert.Equal(
        "handler", Assert.IsType<PipelineResult.Filtered>(await Factory(new Scripted((_, _) => { })).RunAsync(Pipelines.Json("""{"text":""}"""))).Step);

    [Fact]
    public async Task Several_outputs_for_one_sink_have_ids_of_their_own_that_repeat_with_the_message()
    {
        var factory = Factory(new Scripted((message, output) =>
        {
            output.Send("a", message.Body);
            output.Send("a", message.Body, key: "other");
            output.Send("b", message.Body);
        }));
        var first = Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("""{"text":"x"}""")));
        var second = Assert.IsType<PipelineResult.Delivered>(await factory.RunAsync(Pipelines.Json("""{"text":"x"}"""), attempt: 2));

        Assert.Equal(3, first.Outputs.Select(o => o.Message.Id).Distinct().Count());
        Assert.Equal(first.Outputs.Select(o => o.Message.Id), second.Outputs.Select(o => o.Message.Id));
        Assert.Equal(MessageKey.FromText("other"), first.Outputs[1].Message.Key);
    }

    [Fact]
    public async Task What_a_handler_throws_fails_the_message_without_its_text_unless_it_is_meant_for_operators()
    {
        var fault = await Factory(new Scripted((message, _) => throw new InvalidOperationException(message.Body.Text))).FaultAsync(Pipelines.Json("""{"text":"hunter2"}"""));
        Assert.Equal(("step.custom-failed", "handler", FaultClass.Retryable), (fault.Code, fault.Step, fault.Class));
        Assert.DoesNotContain("hunter2", fault.Detail, StringComparison.Ordinal);

        var told = await Factory(new Scripted((_, _) => throw new StepFailedException("the ledger is closed", retryable: false))).FaultAsync(Pipelines.Json("""{"text":""}"""));
        Assert.Equal(("the ledger is closed", FaultClass.Terminal), (told.Detail, told.Class));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"text":{"secret":1}}""")]
    public async Task A_body_of_another_shape_is_terminal_and_not_quoted(string body)
    {
        var fault = await Factory(new Triage()).FaultAsync(Pipelines.Json(body));

        Assert.Equal(("step.json-invalid", FaultClass.Terminal), (fault.Code, fault.Class));
        Assert.DoesNotContain("secret", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_undeclared_sink_or_model_is_the_flows_own_mistake()
    {
        var fault = await Factory(new Scripted((message, output) => output.Send("elsewhere", message.Body))).FaultAsync(Pipelines.Json("""{"text":""}"""));
        Assert.Contains("ArgumentException", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hosts_flows_join_the_project_and_may_not_take_its_names()
    {
        var host = new HostRegistrations();
        host.Add(new Triage());
        Assert.Empty(host.Bind(new ProjectConfig(), ExpressionSyntax.Check));
        var project = host.AddTo(new ProjectConfig());

        var flow = Assert.Single(project.Flows).Value;
        Assert.Equal(("mail.in", "flow.triage"), Assert.IsType<TopicSourceConfig>(flow.From) is var from ? (from.Topic, from.Group) : default);
        Assert.Throws<ArgumentException>(() => host.AddTo(project));
        Assert.Throws<ArgumentException>(() => host.Add(new Triage()));
    }

    [Fact]
    public void A_body_the_serializer_does_not_know_is_told_when_the_flow_is_added() =>
        Assert.Throws<NotSupportedException>(() => new HostRegistrations().Add(new WithoutMetadata()));

    [Fact]
    public async Task A_custom_step_gets_the_body_and_its_effects_are_recorded_under_stable_keys()
    {
        var keys = new List<string>();
        CustomStep step = async (body, context, token) =>
        {
            for (var i = 0; i < 2; i++)
            {
                await context.InvokeAsync("crm", body, (_, key, _) =>
                {
                    keys.Add(key);
                    return ValueTask.FromResult<ReadOnlyMemory<byte>>("1"u8.ToArray());
                }, token);
            }

            return Encoding.UTF8.GetBytes($$"""{"was":{{Encoding.UTF8.GetString(body.Span)}}}""");
        };
        var factory = Pipelines.Factory([new UseStepConfig("use-1", "custom", Pipelines.Here)], [Pipelines.To("out")], new EffectPort(), custom: step);

        Assert.Equal("""{"was":{"n":1}}""", await factory.BodyAsync(Pipelines.Json("""{"n":1}""")));
        await factory.RunAsync(Pipelines.Json("""{"n":1}"""), attempt: 2);
        Assert.Equal(keys[..2], keys[2..]);
        Assert.NotEqual(keys[0], keys[1]);
    }

    [Fact]
    public async Task A_handler_remembers_by_key_sets_timers_and_handles_them()
    {
        var clock = new Trunkline.Server.FlowTests.VirtualClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var fixture = new FlowFixture(time: clock);
        await fixture.CreateTopicsAsync(1);
        fixture.Start(Factory(new Patient()));
        await fixture.Broker.AppendAsync(
            new Messaging.Brokers.TopicAppend { Topic = "in", Messages = [Pipelines.Json("""{"text":"a"}""", "1"), Pipelines.Json("""{"text":"b"}""", "2")] }, FlowFixture.Cancel);
        await fixture.HoldsAsync("out", 2);
        // The flow may set its own timer only after the outputs are seen, and the clock has others: it moves until this one has fired.
        await Eventually.HoldsMovingAsync(
            clock, async () => (await fixture.PayloadsAsync("out")).Count == 3, "the timer fired", TimeSpan.FromMinutes(10));
        Assert.Equal(["\"a 1\"", "\"b 2\"", "\"silence after 2, set by 2 at 12:10\""], await fixture.PayloadsAsync("out"));
        Assert.Empty(await Trunkline.Server.State.StateListing.ReadAsync(fixture.Broker, "flow.f", 1, default, 10, FlowFixture.Cancel));
    }

    private static IPipelineFactory Factory(Flow flow)
    {
        var models = new ModelSet(
            new Dictionary<string, ModelHandle> { ["model"] = new(new Lazy<IModel>(Model), TimeSpan.FromSeconds(5)) }, () => ValueTask.CompletedTask);
        var host = new HostRegistrations();
        host.Add(flow);
        Assert.Empty(host.Bind(new ProjectConfig(), ExpressionSyntax.Check));
        var config = Assert.Single(host.AddTo(new ProjectConfig()).Flows).Value;
        return host.Pipelines(config, "9", new PipelineServices(new EffectPort(), models, host.Steps, TimeProvider.System));
    }

    private sealed record Mail(string Text, double? Spam = null);

    private sealed record Spam(double Probability);

    private sealed class Patient : Flow<Mail>
    {
        public override void Configure(FlowBuilder flow) => flow.Named("f").FromTopic("in").ToTopic("out");

        public override async ValueTask HandleAsync(FlowMessage<Mail> message, FlowOutput output, CancellationToken cancellationToken)
        {
            var seen = await message.State.ReadAsync<int>(cancellationToken) + 1;
            await message.State.WriteAsync(seen, TimeSpan.FromHours(1), cancellationToken);
            await message.State.SetTimerAsync("silence", TimeSpan.FromMinutes(10), cancellationToken);
            output.Send("out", $"{message.Body.Text} {seen}");
        }

        public override async ValueTask HandleTimerAsync(FlowMessage<FlowTimer> timer, FlowOutput output, CancellationToken cancellationToken)
        {
            var seen = await timer.State.ReadAsync<int>(cancellationToken);
            await timer.State.ClearAsync(cancellationToken);
            output.Send("out", FormattableString.Invariant($"{timer.Body.Name} after {seen}, set by {timer.Body.SetBy} at {timer.Body.Due:HH:mm}"));
        }
    }

    private sealed class Triage : Flow<Mail>
    {
        public override void Configure(FlowBuilder flow) =>
            flow.Named("triage").FromTopic("mail.in").ToTopic("mail.inbox").ToTopic("mail.spam").Using("model")
                .Json(new JsonSerializerOptions(JsonSerializerOptions.Web));

        public override async ValueTask HandleAsync(FlowMessage<Mail> message, FlowOutput output, CancellationToken cancellationToken)
        {
            var spam = await message.InferAsync<Spam>("model", message.Body.Text, cancellationToken);
            output.Send(spam.Probability > 0.9 ? "mail.spam" : "mail.inbox", message.Body with { Spam = spam.Probability });
        }
    }

    private sealed class WithoutMetadata : Flow<Mail>
    {
        public override void Configure(FlowBuilder flow) =>
            flow.FromTopic("in").Json(new JsonSerializerOptions { TypeInfoResolver = JsonTypeInfoResolver.Combine() });

        public override ValueTask HandleAsync(FlowMessage<Mail> message, FlowOutput output, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private sealed class Scripted(Action<FlowMessage<Mail>, FlowOutput> handle) : Flow<Mail>
    {
        public override void Configure(FlowBuilder flow) => flow.FromTopic("in").ToTopic("a").ToTopic("b");

        public override ValueTask HandleAsync(FlowMessage<Mail> message, FlowOutput output, CancellationToken cancellationToken)
        {
            handle(message, output);
            return ValueTask.CompletedTask;
        }
    }
}
