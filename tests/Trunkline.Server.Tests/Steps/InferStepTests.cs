using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Messaging;
using Trunkline.Models;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Inference;

namespace Trunkline.Server.Tests.Steps;

public sealed class InferStepTests
{
    [Fact]
    public async Task The_answer_stands_under_output_and_the_version_on_the_output()
    {
        var model = new ScriptedModel("""{"probability":0.93}""");
        var result = Assert.IsType<PipelineResult.Delivered>(await Flow(model).RunAsync(Pipelines.Json("""{"text":"hi","n":9007199254740993}""")));
        var output = Assert.Single(result.Outputs).Message;

        Assert.Equal("""{"text":"hi","n":9007199254740993,"spam":{"probability":0.93}}""", Pipelines.Text(output));
        Assert.Equal("model=scripted@1", output.Headers.Text(HeaderNames.Models));
        Assert.Equal("\"hi\"", Encoding.UTF8.GetString(Assert.Single(model.Requests).Input.Span));
    }

    [Fact]
    public async Task The_idempotency_key_is_the_same_at_every_try_and_another_for_another_message_or_step()
    {
        var model = new ScriptedModel("1");
        await Flow(model).RunAsync(Pipelines.Json("""{"text":"hi"}"""), attempt: 1);
        await Flow(model).RunAsync(Pipelines.Json("""{"text":"hi"}"""), attempt: 2);
        await Flow(model).RunAsync(Pipelines.Json("""{"text":"hi"}""", "m-2"));
        await Flow(model, step: "other").RunAsync(Pipelines.Json("""{"text":"hi"}"""));

        var keys = model.Requests.Select(r => r.IdempotencyKey).ToArray();
        Assert.Equal(keys[0], keys[1]);
        Assert.Equal(3, keys.Distinct().Count());
    }

    [Fact]
    public async Task What_was_answered_is_carried_by_the_result_also_of_a_message_that_fails_later()
    {
        var factory = Pipelines.Factory(
            [Pipelines.Infer("message.text", "spam"), Pipelines.Map("message.nothing.at.all")], [Pipelines.To("out")], new EffectPort(), new ScriptedModel("0.5"));
        var failed = Assert.IsType<PipelineResult.Failed>(await factory.RunAsync(Pipelines.Json("""{"text":"hi"}""")));

        var effect = Assert.Single(failed.Effects);
        Assert.Equal((EffectKind.Model, "model=scripted@1", "0.5"), (effect.Kind, effect.Name, Encoding.UTF8.GetString(effect.Answer.Span)));
    }

    [Theory]
    [InlineData(ModelFailure.Timeout, "step.model-timeout", nameof(FaultClass.Retryable))]
    [InlineData(ModelFailure.RateLimited, "step.model-rate-limited", nameof(FaultClass.Retryable))]
    [InlineData(ModelFailure.Unavailable, "step.model-unavailable", nameof(FaultClass.Retryable))]
    [InlineData(ModelFailure.Malformed, "step.model-malformed", nameof(FaultClass.Poison))]
    [InlineData(ModelFailure.Refused, "step.model-refused", nameof(FaultClass.Terminal))]
    public async Task A_failed_call_becomes_a_fault_of_its_class(ModelFailure failure, string code, string faultClass)
    {
        var model = new ScriptedModel((_, _) => throw new ModelException(failure, "no") { RetryAfter = TimeSpan.FromSeconds(7) });
        var fault = await Flow(model).FaultAsync(Pipelines.Json("""{"text":"hi"}"""));

        Assert.Equal((code, "infer-1", TimeSpan.FromSeconds(7)), (fault.Code, fault.Step, fault.RetryAfter));
        Assert.Equal(faultClass, fault.Class.ToString());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("{} {}")]
    public async Task An_answer_that_is_not_json_is_poison(string answer)
    {
        var fault = await Flow(new ScriptedModel(answer)).FaultAsync(Pipelines.Json("""{"text":"hi"}"""));

        Assert.Equal(("step.model-malformed", FaultClass.Poison), (fault.Code, fault.Class));
    }

    [Fact]
    public async Task A_model_that_ignores_its_token_is_given_up_at_the_timeout()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource<ModelAnswer>();
        var model = new ScriptedModel((_, _) =>
        {
            asked.SetResult();
            return new ValueTask<ModelAnswer>(never.Task);
        });
        var running = Flow(model, time).FaultAsync(Pipelines.Json("""{"text":"hi"}"""));
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(6));

        var fault = await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(("step.model-timeout", FaultClass.Retryable), (fault.Code, fault.Class));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    public async Task A_body_that_is_no_object_has_no_place_for_the_answer(string body)
    {
        var factory = Pipelines.Factory([Pipelines.Infer("1", "spam")], [Pipelines.To("out")], new EffectPort(), new ScriptedModel("1"));

        Assert.Equal(FaultClass.Terminal, (await factory.FaultAsync(Pipelines.Json(body))).Class);
    }

    private static IPipelineFactory Flow(IModel model, TimeProvider? time = null, string step = "infer-1") =>
        Pipelines.Factory([Pipelines.Infer("message.text", "spam", step)], [Pipelines.To("out")], new EffectPort(), model, time);
}
