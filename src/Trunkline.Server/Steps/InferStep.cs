using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Steps;

/// <summary><c>infer</c>: asks a model, through the effect port, and puts its answer into the body.</summary>
internal sealed class InferStep(InferStepConfig config, PreparedExpression input, ModelHandle model, TimeProvider time) : Step(config.Name)
{
    /// <inheritdoc/>
    public override async ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var version = Version();
        var question = run.Engine.WriteJson(run.Evaluate(input));
        var answer = await AskAsync(run, $"{config.Model}={version}", question, cancellationToken).ConfigureAwait(false);
        run.NoteModel(config.Model, version);
        run.Body = run.Engine.With(run.Body, config.Output, Read(run, answer));
        return true;
    }

    private string Version()
    {
        try
        {
            return model.Version;
        }
        catch (InvalidModelException exception)
        {
            throw new StepException(Fault("step.model-unusable", exception.Message, FaultClass.Retryable), exception);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskAsync(MessageRun run, string name, byte[] question, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(model.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var call = new EffectCall(EffectKind.Model, name, run.IdempotencyKey(Name), question);
            return await run.InvokeAsync(call, model.AnswerAsync, either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StepException(Fault(
                "step.model-timeout", $"Model '{config.Model}' gave no answer within {model.Timeout.TotalSeconds} s.", FaultClass.Retryable));
        }
        catch (ModelException exception)
        {
            throw new StepException(FaultOf(exception), exception);
        }
    }

    private Jint.Native.JsValue Read(MessageRun run, ReadOnlyMemory<byte> answer)
    {
        try
        {
            return run.Engine.ReadJson(answer.Span);
        }
        catch (ExpressionException)
        {
            throw new StepException(Fault("step.model-malformed", $"Model '{config.Model}' answered something that is not JSON.", FaultClass.Retryable));
        }
    }

    private StepFault FaultOf(ModelException exception)
    {
        var (code, faultClass) = exception.Failure switch
        {
            ModelFailure.Timeout => ("step.model-timeout", FaultClass.Retryable),
            ModelFailure.RateLimited => ("step.model-rate-limited", FaultClass.Retryable),
            ModelFailure.Unavailable => ("step.model-unavailable", FaultClass.Retryable),
            ModelFailure.Malformed => ("step.model-malformed", FaultClass.Retryable),
            _ => ("step.model-refused", FaultClass.Terminal),
        };
        return Fault(code, exception.Message, faultClass) with { RetryAfter = exception.RetryAfter };
    }

    private StepFault Fault(string code, string detail, FaultClass faultClass) => new(code, Name, detail, faultClass);
}
