namespace Trunkline.Server.Effects;

/// <summary>How a replay answers.</summary>
internal sealed record ReplayRules
{
    /// <summary>Where answers come from.</summary>
    public EffectMode Mode { get; init; }

    /// <summary>Whether an effect without an answer may run, such as a model of this machine.</summary>
    public required Func<EffectCall, bool> MayRun { get; init; }

    /// <summary>Whether an effect runs although it was recorded. Default: none.</summary>
    public Func<EffectCall, bool> RunsAnyway { get; init; } = _ => false;

    /// <summary>Answers given by hand, by <see cref="EffectCall.Subject"/>; looked at in <see cref="EffectMode.Stub"/> only.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Stubs { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();

    /// <summary>Bound on all answers held. Past it, further answers count as not recorded. Default 256 MiB.</summary>
    public long BytesMax { get; init; } = 256L * 1024 * 1024;
}

/// <summary>
/// An interceptor that answers effects from a recording. What was not recorded is run if that is allowed (a model of this machine),
/// and is an <see cref="EffectMissingException"/> otherwise: a replay reaches nothing outside unless asked to. Thread-safe once filled.
/// </summary>
/// <param name="rules">How it answers.</param>
internal sealed class EffectReplayer(ReplayRules rules)
{
    private readonly Dictionary<(string Key, string Name), RecordedEffect> _answers = [];
    private long _bytes;

    /// <summary>True once an answer was left out for lack of room.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Adds a recorded answer; the latest of a question counts.</summary>
    public void Add(RecordedEffect effect)
    {
        if (_bytes + effect.Answer.Length > rules.BytesMax)
        {
            Truncated = true;
            return;
        }

        _bytes += effect.Answer.Length;
        _answers[(effect.IdempotencyKey, effect.Name)] = effect;
    }

    /// <summary>The answer the effect gets without being run; null if it has to run.</summary>
    /// <exception cref="EffectMissingException">There is none and it may not run.</exception>
    public RecordedEffect? Find(EffectCall call)
    {
        if (rules.Mode == EffectMode.Stub && rules.Stubs.TryGetValue(call.Subject, out var stub))
        {
            return new RecordedEffect(call.Kind, call.Name, call.IdempotencyKey, stub);
        }

        if (rules.Mode == EffectMode.Fresh || rules.RunsAnyway(call))
        {
            return null;
        }

        return _answers.TryGetValue((call.IdempotencyKey, call.Name), out var answer) ? answer
            : rules.MayRun(call) ? null
            : throw new EffectMissingException(call);
    }

    /// <summary>The interceptor, for <see cref="EffectPort"/>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> InterceptAsync(EffectCall call, EffectHandler next, CancellationToken cancellationToken) =>
        Find(call) is { } found ? ValueTask.FromResult(found.Answer) : next(call, cancellationToken);
}
