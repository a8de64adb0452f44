namespace Trunkline.Server.Effects;

/// <summary>What kind of outside an effect touches.</summary>
internal enum EffectKind
{
    /// <summary>A model call.</summary>
    Model,

    /// <summary>What a sink sends, over HTTP or otherwise.</summary>
    Http,

    /// <summary>A step of the host's own code.</summary>
    Custom,

    /// <summary>The clock, where it decided something: that a message is late.</summary>
    Clock,
}

/// <summary>
/// Names one effect so that it can be recorded, replayed and found again: the same message, revision-independent name and
/// occurrence always give the same <see cref="IdempotencyKey"/>.
/// </summary>
/// <param name="Kind">What it touches.</param>
/// <param name="Name">Model name and version, or sink name.</param>
/// <param name="IdempotencyKey">Stable over retries, restarts and replays of the message.</param>
/// <param name="Input">What is sent, as bytes.</param>
internal sealed record EffectCall(EffectKind Kind, string Name, string IdempotencyKey, ReadOnlyMemory<byte> Input)
{
    /// <summary>The flow it belongs to; empty where nobody asks.</summary>
    public string Flow { get; init; } = "";

    /// <summary>The step or sink that asks.</summary>
    public string Step { get; init; } = "";

    /// <summary>The message's key; of a message without one its id.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>The name without the version of a model: what a project, a test or an operator calls it.</summary>
    public string Subject => Kind == EffectKind.Model && Name.IndexOf('=', StringComparison.Ordinal) is > 0 and var end ? Name[..end] : Name;
}

/// <summary>
/// The one door through which steps and sinks reach the outside (design, invariant 7). What passes can be recorded,
/// answered from a recording, or made to fail, by the interceptors the port was built with.
/// </summary>
internal delegate ValueTask<ReadOnlyMemory<byte>> EffectHandler(EffectCall call, CancellationToken cancellationToken);

/// <summary>Runs effects through a chain of interceptors, outermost first. Thread-safe.</summary>
internal sealed class EffectPort
{
    private readonly Func<EffectCall, EffectHandler, CancellationToken, ValueTask<ReadOnlyMemory<byte>>>[] _interceptors;

    public EffectPort(params IEnumerable<Func<EffectCall, EffectHandler, CancellationToken, ValueTask<ReadOnlyMemory<byte>>>> interceptors) =>
        _interceptors = interceptors.ToArray();

    /// <summary>The clock the time of answers is taken from.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The flow whose effects pass here; empty for any.</summary>
    public string Flow { get; private init; } = "";

    /// <summary>The same door for the effects of one flow.</summary>
    public EffectPort Of(string flow) => new(_interceptors) { Time = Time, Flow = flow };

    /// <summary>Runs the effect; what it answers, or throws, is what the interceptors let through.</summary>
    public ValueTask<ReadOnlyMemory<byte>> InvokeAsync(EffectCall call, EffectHandler effect, CancellationToken cancellationToken) =>
        Next(0, Flow.Length == 0 || _interceptors.Length == 0 ? call : call with { Flow = Flow }, effect, cancellationToken);

    private ValueTask<ReadOnlyMemory<byte>> Next(int index, EffectCall call, EffectHandler effect, CancellationToken cancellationToken) =>
        index == _interceptors.Length
            ? effect(call, cancellationToken)
            : _interceptors[index](call, (inner, token) => Next(index + 1, inner, effect, token), cancellationToken);
}
