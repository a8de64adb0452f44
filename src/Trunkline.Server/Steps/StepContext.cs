using Trunkline.Messaging;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Steps;

/// <summary>The message a custom step works on, and the only door outside it should use. Valid until the step returns; not thread-safe.</summary>
public sealed class StepContext
{
    private readonly MessageEffects _run;
    private readonly string _step;
    private int _effects;

    internal StepContext(MessageEffects run, string step)
    {
        _run = run;
        _step = step;
    }

    /// <summary>The message as it came in: id, key, headers, original payload.</summary>
    public Message Message => _run.Input.Stored.Message;

    /// <summary>1 for the first try.</summary>
    public int Attempt => _run.Input.Attempt;

    /// <summary>The message's time, else the time it was stored. Use it instead of the clock, so that a replay gives equal bytes.</summary>
    public DateTimeOffset Time => Message.Time ?? _run.Input.Stored.AppendedAt;

    /// <summary>
    /// Tells that the answer of this step is not from where the flow asked for it: a fallback, a smaller model, a default. It counts
    /// against the flow's fidelity.
    /// </summary>
    public void NoteDegraded() => _run.NoteDegraded(_step);

    /// <summary>
    /// Calls the outside so that it can be recorded and answered from the recording in a replay. The key is stable over retries,
    /// restarts and replays as long as the step makes its calls in the same order; send it along where the other side takes one.
    /// </summary>
    /// <param name="name">Names the call in recordings, such as <c>crm.lookup</c>.</param>
    /// <param name="input">What is sent.</param>
    /// <param name="call">Makes the call: input, idempotency key, token.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The answer, from outside or from a recording.</returns>
    public ValueTask<ReadOnlyMemory<byte>> InvokeAsync(
        string name,
        ReadOnlyMemory<byte> input,
        Func<ReadOnlyMemory<byte>, string, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> call,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(call);
        var key = _run.IdempotencyKey(FormattableString.Invariant($"{_step}#{_effects++}"), input.Span);
        return _run.InvokeAsync(
            new EffectCall(EffectKind.Custom, name, key, input) { Step = _step }, (effect, token) => call(effect.Input, effect.IdempotencyKey, token), cancellationToken);
    }
}
