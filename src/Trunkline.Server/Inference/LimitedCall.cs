using Trunkline.Core.Limits;
using Trunkline.Models;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Inference;

/// <summary>A call of a model within its limits: a permit, a reservation, then the call, and what it used is settled. Thread-safe.</summary>
/// <param name="handle">The model as a step sees it.</param>
/// <param name="model">The model.</param>
internal readonly struct LimitedCall(ModelHandle handle, IModel model)
{
    /// <summary>Asks; see <see cref="ModelHandle.AnswerAsync(EffectCall, ModelTurn, CancellationToken)"/>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EffectCall call, ModelTurn turn, CancellationToken cancellationToken)
    {
        if (handle.Limits is null)
        {
            ThrowIfWithdrawn();
            return (await CallAsync(call, turn, cancellationToken).ConfigureAwait(false)).Output;
        }

        turn.StopClock();
        var most = handle.Limits.Most(call.Input.Length);
        var began = handle.Time.GetTimestamp();
        while (true)
        {
            using var permit = await EnterAsync(handle.Limits.Calls, turn, cancellationToken).ConfigureAwait(false);
            if (handle.Limits.Budgets is not { } budgets)
            {
                return await CallAsync(call, turn, (permit, null, most, began), cancellationToken).ConfigureAwait(false);
            }

            var (reservation, wait) = await budgets.ReserveAsync(turn.Share.Tenant, most, cancellationToken).ConfigureAwait(false);
            if (reservation is not null)
            {
                using (reservation)
                {
                    return await CallAsync(call, turn, (permit, reservation, most, began), cancellationToken).ConfigureAwait(false);
                }
            }

            ModelMeter.OverBudget(handle.Name, turn.Flow);

            // The place is for others meanwhile: another tenant's budget may have room.
            permit?.Dispose();
            await WaitAsync(budgets, wait ?? throw new OverBudgetException(), turn, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<Permit?> EnterAsync(CallLimiter? calls, ModelTurn turn, CancellationToken cancellationToken)
    {
        ThrowIfWithdrawn();
        if (calls is null)
        {
            return null;
        }

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.WaitEnd, handle.Withdrawn);
        try
        {
            var admission = await calls.EnterAsync(turn.Share, turn.WaitingMax(calls.Settings), ends.Token).ConfigureAwait(false);
            if (admission.Permit is { } permit)
            {
                if (!handle.IsWithdrawn && !turn.WaitEnd.IsCancellationRequested)
                {
                    return permit;
                }

                permit.Dispose();
                ThrowIfWithdrawn();
                throw new WaitEndedException();
            }

            throw new ModelBusyException($"Model '{handle.Name}' runs as many calls as it can take, or rests.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ThrowIfWithdrawn();
            throw new WaitEndedException();
        }
    }

    private async Task WaitAsync(Budgets budgets, TimeSpan wait, ModelTurn turn, CancellationToken cancellationToken)
    {
        if (!turn.Waits)
        {
            throw new ModelBusyException($"A budget of model '{handle.Name}' is used up.");
        }

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.WaitEnd, handle.Withdrawn);
        try
        {
            await budgets.WaitAsync(wait, ends.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ThrowIfWithdrawn();
            throw new WaitEndedException();
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> CallAsync(
        EffectCall call, ModelTurn turn, (Permit? Permit, Reservation? Reservation, Spend Most, long Began) held, CancellationToken cancellationToken)
    {
        var waited = handle.Time.GetElapsedTime(held.Began);
        turn.Waited += waited;
        ModelMeter.Waited(handle.Name, turn.Flow, waited);
        turn.StartClock(handle.Timeout);
        try
        {
            var answer = await CallAsync(call, turn, cancellationToken).ConfigureAwait(false);
            held.Permit?.Complete(CallResult.Answered);
            held.Reservation?.Settle(handle.Limits!.Used(answer, held.Most));
            return answer.Output;
        }
        catch (ModelException failed)
        {
            held.Permit?.Complete(ResultOf(failed.Failure), failed.Failure == ModelFailure.RateLimited ? failed.RetryAfter : null);

            // What was refused used nothing but the call; what broke off may have used all it could.
            held.Reservation?.Settle(failed.Failure is ModelFailure.Refused or ModelFailure.RateLimited ? new Spend(1, 0, 0) : held.Most);
            throw;
        }
        catch (OperationCanceledException)
        {
            // Cut off by the call's own time, or by the end of the flow: it may have used all it could.
            held.Permit?.Complete(turn.IsTimeUp ? CallResult.Overloaded : CallResult.GivenUp);
            held.Reservation?.Settle(held.Most);
            throw;
        }
    }

    private async ValueTask<ModelAnswer> CallAsync(EffectCall call, ModelTurn turn, CancellationToken cancellationToken)
    {
        var began = handle.Time.GetTimestamp();
        try
        {
            var answer = await BeginAsync(call, turn, cancellationToken).ConfigureAwait(false);
            ModelMeter.Called(handle.Name, turn.Flow, "answered", handle.Time.GetElapsedTime(began));
            if (handle.Limits is not null)
            {
                var usage = handle.Limits.Usage(answer);
                turn.Add(usage);
                ModelMeter.Used(handle.Name, usage);
            }

            return answer;
        }
        catch (ModelException failed)
        {
            ModelMeter.Called(handle.Name, turn.Flow, OutcomeOf(failed.Failure), handle.Time.GetElapsedTime(began));
            throw;
        }
        catch (OperationCanceledException)
        {
            ModelMeter.Called(handle.Name, turn.Flow, turn.IsTimeUp ? "timeout" : "given-up", handle.Time.GetElapsedTime(began));
            throw;
        }
    }

    private ValueTask<ModelAnswer> BeginAsync(EffectCall call, ModelTurn turn, CancellationToken cancellationToken)
    {
        if (!handle.TryBegin())
        {
            throw new ModelWithdrawnException();
        }

        try
        {
            return model.InferAsync(new ModelRequest(call.Input, call.IdempotencyKey) { Tools = turn.Tools, Piece = turn.Piece }, cancellationToken);
        }
        finally
        {
            handle.Begun();
        }
    }

    private static CallResult ResultOf(ModelFailure failure) => failure switch
    {
        ModelFailure.Timeout or ModelFailure.RateLimited => CallResult.Overloaded,
        ModelFailure.Unavailable or ModelFailure.Malformed => CallResult.Failed,
        _ => CallResult.Answered,
    };

    private static string OutcomeOf(ModelFailure failure) => failure switch
    {
        ModelFailure.Timeout => "timeout",
        ModelFailure.RateLimited => "rate-limited",
        ModelFailure.Unavailable => "unavailable",
        ModelFailure.Malformed => "malformed",
        _ => "refused",
    };

    private void ThrowIfWithdrawn()
    {
        if (handle.IsWithdrawn)
        {
            throw new ModelWithdrawnException();
        }
    }
}
