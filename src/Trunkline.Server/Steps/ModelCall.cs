using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Steps;

/// <summary>Asks one model for one step: through the effect port, with a stable key, within the model's limits and time. Thread-safe.</summary>
/// <param name="step">The step, for faults and keys.</param>
/// <param name="name">The model's name in the project.</param>
/// <param name="model">The model.</param>
/// <param name="time">The clock of time-outs.</param>
/// <param name="memo">How answers are remembered; null for not at all.</param>
internal sealed class ModelCall(string step, string name, ModelHandle model, TimeProvider time, MemoConfig? memo)
{
    /// <summary>What happens while the model has no room; null to wait for it, but to count a refusal for overload as a try.</summary>
    public OverloadConfig? Overload { get; init; }

    /// <summary>Names of the tools the model may ask to call.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Who is asked instead, in order; each at most once.</summary>
    public IReadOnlyList<ModelAlternative> Alternatives { get; init; } = [];

    /// <summary>Passes the answer on as it comes; null for not at all.</summary>
    public PieceSender? Pieces { get; init; }

    /// <summary>The answer, JSON as the model gave it.</summary>
    /// <exception cref="StepException">No answer, and whether to try again.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(MessageEffects effects, string key, ReadOnlyMemory<byte> question, CancellationToken cancellationToken)
    {
        var pieces = Pieces?.Begin(effects.Input.Stored.Message);
        try
        {
            return await AskAsync(effects, key, question, pieces, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            pieces?.Withdraw();
            throw;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskAsync(
        MessageEffects effects, string key, ReadOnlyMemory<byte> question, AnswerPieces? pieces, CancellationToken cancellationToken)
    {
        StepException first;
        try
        {
            return await AskOwnAsync(effects, key, question, pieces, cancellationToken).ConfigureAwait(false);
        }
        catch (StepException failed) when (pieces is not { HasBegun: true } && Alternatives.Any(a => a.Takes(failed.Fault)))
        {
            // Another model's text does not go on where this one's broke off.
            first = failed;
        }

        foreach (var other in Alternatives.Where(a => a.Takes(first.Fault) && pieces is not { HasBegun: true }))
        {
            try
            {
                var answer = await other.Call.AskAsync(effects, key, question, pieces, cancellationToken).ConfigureAwait(false);
                effects.NoteDegraded($"{step}: {name} -> {other.Call.ModelName} ({other.Reason(first.Fault)})");
                return answer;
            }
            catch (StepException failed) when (failed.Fault.Code == EffectMissingException.Code || failed.Fault.Class is FaultClass.Retryable or FaultClass.Poison)
            {
                // The fault of the model that was meant is the one to tell.
            }
        }

        throw first;
    }

    /// <summary>The fault of an answer that cannot be read.</summary>
    public StepException NotJson() =>
        new(Fault("step.model-malformed", $"Model '{name}' answered something that is not the JSON expected.", FaultClass.Poison));

    /// <summary>The code of a question that was not put for lack of room.</summary>
    public const string BusyCode = "step.model-busy";

    private string ModelName => name;

    private async ValueTask<ReadOnlyMemory<byte>> AskOwnAsync(
        MessageEffects effects, string key, ReadOnlyMemory<byte> question, AnswerPieces? pieces, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var current = model.Current;
                return await AskOnceAsync(current, (current.For(HashOf(effects)), pieces), effects, key, question, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelWithdrawnException)
            {
                // A newer version took over before this one was called: it is asked, under its own name.
            }
            catch (ModelException exception)
            {
                throw new StepException(FaultOf(exception), exception);
            }
            catch (Exception exception) when (RefusalOf(exception) is { } fault)
            {
                throw new StepException(fault, exception);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskOnceAsync(
        ModelHandle serving, (ModelHandle Model, AnswerPieces? Pieces) asked, MessageEffects effects, string key, ReadOnlyMemory<byte> question, CancellationToken cancellationToken)
    {
        var current = asked.Model;
        using var deadline = new CancellationTokenSource(current.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var late = effects.Expires is { } expires ? new CancellationTokenSource(Later(expires - time.GetUtcNow()), time) : null;
        var turn = new ModelTurn(effects.Share, Overload?.Policy ?? OverloadPolicy.Buffer, deadline)
        {
            Flow = effects.Flow,
            WaitEnd = late?.Token ?? CancellationToken.None,
            Tools = Tools,
            Piece = asked.Pieces is { } pieces ? pieces.Send : null,
            Conversation = effects.Input.Stored.Message.Key is { } conversation ? Convert.ToHexString(conversation.Bytes.Span) : null,
        };
        try
        {
            // Of versions side by side the one that is asked has its own name.
            var entry = $"{(ReferenceEquals(serving, current) ? name : current.Name)}={current.Version}";
            var call = new EffectCall(EffectKind.Model, entry, effects.IdempotencyKey(WithTools(key), question.Span), question) { Step = step };
            var remembered = ModelMemo.Of(memo, effects.Input, WithTools(entry), question.Span);
            if (remembered is not null && await remembered.FindAsync(either.Token).ConfigureAwait(false) is { } known)
            {
                effects.Recall(call, known);
                effects.NoteModel(entry);
                return known;
            }

            using var span = ModelSpan.Begin(effects, current, name);
            using var inside = span?.Enter();
            var answer = await effects.InvokeAsync(call, (effect, token) => current.AnswerAsync(effect, turn, token), either.Token)
                .AsTask().WaitAsync(either.Token).ConfigureAwait(false);
            ModelSpan.Answered(span, turn);
            if (remembered is not null)
            {
                // Not under the model's deadline: the answer is there, and throwing it away would cost another call.
                await remembered.RememberAsync(answer, cancellationToken).ConfigureAwait(false);
            }

            effects.NoteModel(entry);
            if (turn.Usage is { } usage)
            {
                effects.NoteUsage(usage, turn.Waited);
            }

            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelException(ModelFailure.Timeout, $"Model '{name}' gave no answer within {current.Timeout.TotalSeconds} s.");
        }
    }

    // An answer to who may call tools is none to who may not.
    private string WithTools(string key) => Tools.Count == 0 ? key : $"{key}\0tools {string.Join(' ', Tools)}";

    // Versions side by side share the keys; a message without one goes by its id. The low bits decide the partition: others decide here.
    private static uint HashOf(MessageEffects effects)
    {
        var hash = Murmur2.Hash(MessageEffects.KeyOf(effects.Input.Stored.Message).Span);
        return ((uint)hash * 0x9E3779B1u) >> 8;
    }

    // A message that is late already waits for nothing, and a timer takes 49 days at most.
    private static TimeSpan Later(TimeSpan left) => left <= TimeSpan.Zero ? TimeSpan.Zero : left < TimeSpan.FromDays(40) ? left : TimeSpan.FromDays(40);

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
        return Fault(code, exception.Message, faultClass) with
        {
            RetryAfter = exception.RetryAfter,
            IsUncounted = exception.Failure == ModelFailure.RateLimited && Overload?.Policy == OverloadPolicy.Buffer && Alternatives.Count == 0,
        };
    }

    /// <summary>The fault of a question that was not put to the model; null for any other exception.</summary>
    private StepFault? RefusalOf(Exception exception) => exception switch
    {
        ModelBusyException when Overload?.Policy == OverloadPolicy.Shed => Fault("message.shed", exception.Message, FaultClass.Dropped),
        ModelBusyException => Fault(BusyCode, exception.Message, FaultClass.Retryable),
        WaitEndedException => Fault("message.expired", exception.Message, FaultClass.Dropped),
        OverBudgetException => Fault("step.model-over-budget", exception.Message, FaultClass.Terminal),
        EffectMissingException => Fault(EffectMissingException.Code, exception.Message, FaultClass.Terminal),
        BrokerException broker => Fault("state.not-stored", $"The answer of model '{name}', or what its budget has used, could not be looked up or stored: {broker.Code}.", FaultClass.Retryable),
        InvalidModelException => Fault("step.model-unusable", exception.Message, FaultClass.Retryable),
        _ => null,
    };

    private StepFault Fault(string code, string detail, FaultClass faultClass) => new(code, step, detail, faultClass);
}
