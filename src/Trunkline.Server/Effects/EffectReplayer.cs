namespace Trunkline.Server.Effects;

/// <summary>
/// An interceptor that answers effects from a recording. What was not recorded is run if that is allowed (a model of this machine),
/// and is an <see cref="EffectMissingException"/> otherwise: a replay reaches nothing outside. Thread-safe once filled.
/// </summary>
/// <param name="mayRun">Whether an effect without a recorded answer may run.</param>
/// <param name="bytesMax">Bound on all answers held. Past it, further answers count as not recorded.</param>
internal sealed class EffectReplayer(Func<EffectCall, bool> mayRun, long bytesMax)
{
    private readonly Dictionary<(string Key, string Name), ReadOnlyMemory<byte>> _answers = [];
    private long _bytes;

    /// <summary>True once an answer was left out for lack of room.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Adds a recorded answer; the latest of a question counts.</summary>
    public void Add(RecordedEffect effect)
    {
        if (_bytes + effect.Answer.Length > bytesMax)
        {
            Truncated = true;
            return;
        }

        _bytes += effect.Answer.Length;
        _answers[(effect.IdempotencyKey, effect.Name)] = effect.Answer;
    }

    /// <summary>The interceptor, for <see cref="EffectPort"/>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> InterceptAsync(EffectCall call, EffectHandler next, CancellationToken cancellationToken)
    {
        if (_answers.TryGetValue((call.IdempotencyKey, call.Name), out var answer))
        {
            return ValueTask.FromResult(answer);
        }

        return mayRun(call) ? next(call, cancellationToken) : throw new EffectMissingException(call);
    }
}
