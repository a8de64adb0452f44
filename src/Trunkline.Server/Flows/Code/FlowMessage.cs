using Trunkline.Messaging;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Flows.Code;

/// <summary>A message in a flow's handler, and the only door outside the handler should use. Valid until it returns; not thread-safe.</summary>
/// <typeparam name="TBody">What the body was read into.</typeparam>
public sealed class FlowMessage<TBody>
{
    private readonly FlowRun _run;

    internal FlowMessage(FlowRun run, TBody body)
    {
        _run = run;
        Body = body;
    }

    /// <summary>What the flow remembers of the message's key, and the key's timers.</summary>
    public KeyedState State => field ??= new KeyedState(_run);

    /// <summary>The body.</summary>
    public TBody Body { get; }

    /// <summary>The message as it came in: id, key, headers, payload.</summary>
    public Message Incoming => _run.Effects.Input.Stored.Message;

    /// <summary>Where it stands in its topic.</summary>
    public Position Position => _run.Effects.Input.Stored.Position;

    /// <summary>1 for the first try.</summary>
    public int Attempt => _run.Effects.Input.Attempt;

    /// <summary>The message's time, else the time it was stored. Use it instead of the clock.</summary>
    public DateTimeOffset Time => Incoming.Time ?? _run.Effects.Input.Stored.AppendedAt;

    /// <summary>Asks a model that <see cref="FlowBuilder.Using"/> declares, about a text.</summary>
    /// <typeparam name="TAnswer">What the model's JSON is read into.</typeparam>
    public ValueTask<TAnswer> InferAsync<TAnswer>(string model, string input, CancellationToken cancellationToken) =>
        _run.InferAsync<TAnswer>(model, _run.Write(input), cancellationToken);

    /// <summary>Asks a model that <see cref="FlowBuilder.Using"/> declares, about any JSON.</summary>
    /// <typeparam name="TInput">What is written as the model's JSON input.</typeparam>
    /// <typeparam name="TAnswer">What the model's JSON is read into.</typeparam>
    public ValueTask<TAnswer> InferAsync<TInput, TAnswer>(string model, TInput input, CancellationToken cancellationToken) =>
        _run.InferAsync<TAnswer>(model, _run.Write(input), cancellationToken);

    /// <summary>
    /// Calls the outside so that it can be recorded and answered from the recording in a replay. The key is stable over retries,
    /// restarts and replays as long as the handler makes its calls in the same order; send it along where the other side takes one.
    /// </summary>
    /// <param name="name">Names the call in recordings, such as <c>crm.lookup</c>.</param>
    /// <param name="input">What is sent.</param>
    /// <param name="call">Makes the call: input, idempotency key, token.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public ValueTask<ReadOnlyMemory<byte>> InvokeAsync(
        string name,
        ReadOnlyMemory<byte> input,
        Func<ReadOnlyMemory<byte>, string, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> call,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(call);
        var key = _run.Effects.IdempotencyKey(_run.NextKey(name), input.Span);
        return _run.Effects.InvokeAsync(
            new EffectCall(EffectKind.Custom, name, key, input) { Step = CodeFlow.HandlerStep }, (effect, token) => call(effect.Input, effect.IdempotencyKey, token), cancellationToken);
    }
}
