using Trunkline.Models;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Inference;

/// <summary>Puts a question to a model within its limits.</summary>
internal delegate ValueTask<ReadOnlyMemory<byte>> ModelAsk(EffectCall call, ModelTurn turn, CancellationToken cancellationToken);

/// <summary>What is done about a model's answers besides asking for them: kept ones given, late ones hedged, faulty ones repaired. Thread-safe.</summary>
/// <param name="time">The clock.</param>
internal sealed class AnswerRules(TimeProvider time)
{
    /// <summary>What answers must fit; null for anything. Made at first use, so that a broken one refuses the revision.</summary>
    public Lazy<AnswerSchema>? Schema { get; init; }

    /// <summary>The language answers must be in; null for any.</summary>
    public AnswerLanguage? Language { get; init; }

    /// <summary>Keeps answers; null for none.</summary>
    public AnswerCache? Cache { get; init; }

    /// <summary>After so long without an answer the same is asked a second time, and the first answer counts; null for never.</summary>
    public TimeSpan? Hedge { get; init; }

    /// <summary>The answer.</summary>
    /// <exception cref="ModelException">There is none, or none that fits.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(EffectCall call, ModelTurn turn, ModelAsk ask, CancellationToken cancellationToken)
    {
        var question = Cache is null ? null : AnswerCache.QuestionOf(call, turn);
        if (question is { } known && Cache!.Find(known) is { } kept)
        {
            return kept;
        }

        var answer = await FirstAsync(call, turn, ask, cancellationToken).ConfigureAwait(false);
        if (Schema is not null || Language is not null)
        {
            answer = await CheckAsync(answer, call, turn, ask, cancellationToken).ConfigureAwait(false);
        }

        if (question is { } fresh)
        {
            Cache!.Keep(fresh, answer);
        }

        return answer;
    }

    private async ValueTask<ReadOnlyMemory<byte>> CheckAsync(
        ReadOnlyMemory<byte> answer, EffectCall call, ModelTurn turn, ModelAsk ask, CancellationToken cancellationToken)
    {
        var (fits, problem, wanted) = await JudgeAsync(answer, call, cancellationToken).ConfigureAwait(false);
        if (problem is null)
        {
            return fits;
        }

        var again = call with { Input = AnswerText.Repair(call.Input, answer, problem, wanted), IdempotencyKey = call.IdempotencyKey + "-repair" };
        var repaired = await ask(again, turn, cancellationToken).ConfigureAwait(false);
        (fits, problem, _) = await JudgeAsync(repaired, call, cancellationToken).ConfigureAwait(false);
        return problem is null ? fits : throw new ModelException(ModelFailure.Malformed, $"The answer cannot be used, also after a second try: {problem}.");
    }

    /// <summary>The answer as it is given on, or why it is not and what would be.</summary>
    private async ValueTask<(ReadOnlyMemory<byte> Fits, string? Problem, string Wanted)> JudgeAsync(
        ReadOnlyMemory<byte> answer, EffectCall call, CancellationToken cancellationToken)
    {
        if (Schema is { Value: var schema })
        {
            if (schema.Check(answer, out var problem) is not { } json)
            {
                return (default, problem, schema.Wanted);
            }

            answer = json;
        }

        return Language is not null && await Language.MissedAsync(call.Input, answer, cancellationToken).ConfigureAwait(false) is { } language
            ? (default, $"it is not in the language '{language}'", $"Answer again in the language '{language}'{(Schema is null ? "" : ", in the same form")}.")
            : (answer, null, "");
    }

    private async ValueTask<ReadOnlyMemory<byte>> FirstAsync(EffectCall call, ModelTurn turn, ModelAsk ask, CancellationToken cancellationToken)
    {
        if (Hedge is not { } hedge)
        {
            return await ask(call, turn, cancellationToken).ConfigureAwait(false);
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = ask(call, turn, both.Token).AsTask();
        if (await Task.WhenAny(first, Task.Delay(hedge, time, both.Token)).ConfigureAwait(false) == first)
        {
            await both.CancelAsync().ConfigureAwait(false);
            return await first.ConfigureAwait(false);
        }

        // The second one takes no place from others: it is asked only where there is room at once.
        var hedged = turn.Hedge();
        var second = ask(call, hedged, both.Token).AsTask();
        var winner = await Task.WhenAny(first, second).ConfigureAwait(false);
        winner = winner.IsCompletedSuccessfully ? winner : winner == first ? second : first;
        try
        {
            var answer = await winner.ConfigureAwait(false);
            if (winner == second && hedged.Usage is { } usage)
            {
                turn.Add(usage);
            }

            return answer;
        }
        catch (Exception) when (winner == second && first.IsFaulted)
        {
            // What the question itself met is told, not what became of its double.
            return await first.ConfigureAwait(false);
        }
        finally
        {
            await both.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(first, second)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
