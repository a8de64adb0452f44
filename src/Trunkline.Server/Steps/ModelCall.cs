using Trunkline.Messaging.Brokers;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Steps;

/// <summary>Asks one model for one step: through the effect port, with a stable key, within the model's time. Thread-safe.</summary>
/// <param name="step">The step, for faults and keys.</param>
/// <param name="name">The model's name in the project.</param>
/// <param name="model">The model.</param>
/// <param name="time">The clock of time-outs.</param>
/// <param name="memo">How answers are remembered; null for not at all.</param>
internal sealed class ModelCall(string step, string name, ModelHandle model, TimeProvider time, MemoConfig? memo)
{
    /// <summary>The answer, JSON as the model gave it.</summary>
    /// <exception cref="StepException">No answer, and whether to try again.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(MessageEffects effects, string key, ReadOnlyMemory<byte> question, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(model.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var entry = $"{name}={model.Version}";
            var call = new EffectCall(EffectKind.Model, entry, effects.IdempotencyKey(key, question.Span), question) { Step = step };
            var remembered = ModelMemo.Of(memo, effects.Input, entry, question.Span);
            if (remembered is not null && await remembered.FindAsync(either.Token).ConfigureAwait(false) is { } known)
            {
                effects.Recall(call, known);
                effects.NoteModel(entry);
                return known;
            }

            var answer = await effects.InvokeAsync(call, model.AnswerAsync, either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
            if (remembered is not null)
            {
                // Not under the model's deadline: the answer is there, and throwing it away would cost another call.
                await remembered.RememberAsync(answer, cancellationToken).ConfigureAwait(false);
            }

            effects.NoteModel(entry);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StepException(Fault(
                "step.model-timeout", $"Model '{name}' gave no answer within {model.Timeout.TotalSeconds} s.", FaultClass.Retryable));
        }
        catch (BrokerException exception)
        {
            throw new StepException(
                Fault("state.not-stored", $"The answer of model '{name}' could not be looked up or remembered: {exception.Code}.", FaultClass.Retryable), exception);
        }
        catch (ModelException exception)
        {
            throw new StepException(FaultOf(exception), exception);
        }
        catch (EffectMissingException exception)
        {
            throw new StepException(Fault(EffectMissingException.Code, exception.Message, FaultClass.Terminal), exception);
        }
        catch (InvalidModelException exception)
        {
            throw new StepException(Fault("step.model-unusable", exception.Message, FaultClass.Retryable), exception);
        }
    }

    /// <summary>The fault of an answer that cannot be read.</summary>
    public StepException NotJson() =>
        new(Fault("step.model-malformed", $"Model '{name}' answered something that is not the JSON expected.", FaultClass.Poison));

    private StepFault FaultOf(ModelException exception)
    {
        var (code, faultClass) = exception.Failure switch
        {
            ModelFailure.Timeout => ("step.model-timeout", FaultClass.Retryable),
            ModelFailure.RateLimited => ("step.model-rate-limited", FaultClass.Retryable),
            ModelFailure.Unavailable => ("step.model-unavailable", FaultClass.Retryable),
            ModelFailure.Malformed => ("step.model-malformed", FaultClass.Poison),
            _ => ("step.model-refused", FaultClass.Terminal),
        };
        return Fault(code, exception.Message, faultClass) with { RetryAfter = exception.RetryAfter };
    }

    private StepFault Fault(string code, string detail, FaultClass faultClass) => new(code, step, detail, faultClass);
}
