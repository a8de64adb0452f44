namespace Trunkline.Server.Flows.Code;

/// <summary>
/// What a flow remembers of the message's key, and the key's timers. Changes count from here on for this handler, and become durable in
/// the commit that completes the message; a try that fails leaves no trace. A message without key fails. Valid until the handler
/// returns; not thread-safe.
/// </summary>
public sealed class KeyedState
{
    private readonly FlowRun _run;

    internal KeyedState(FlowRun run) => _run = run;

    /// <summary>What is remembered; the type's default if that is nothing, or it has expired.</summary>
    /// <typeparam name="T">What the JSON is read into.</typeparam>
    public async ValueTask<T?> ReadAsync<T>(CancellationToken cancellationToken)
    {
        var state = await _run.OpenStateAsync(cancellationToken).ConfigureAwait(false);
        return state.Value.IsEmpty ? default : _run.Read<T>(state.Value.Span);
    }

    /// <summary>Remembers a value, at most 64 KiB as JSON, instead of the one before.</summary>
    /// <param name="value">The value.</param>
    /// <param name="expire">How long after this message it is forgotten; null for never.</param>
    /// <param name="cancellationToken">Ends the read that comes first.</param>
    public async ValueTask WriteAsync<T>(T value, TimeSpan? expire, CancellationToken cancellationToken)
    {
        var state = await _run.OpenStateAsync(cancellationToken).ConfigureAwait(false);
        state.Set(_run.Write(value), expire, CodeFlow.HandlerStep);
    }

    /// <summary>Forgets the value; timers go on.</summary>
    public async ValueTask ClearAsync(CancellationToken cancellationToken) =>
        (await _run.OpenStateAsync(cancellationToken).ConfigureAwait(false)).Clear();

    /// <summary>Sets a timer, or moves it if it runs: when it is due, <see cref="Flow{TBody}.HandleTimerAsync"/> is called, once. A key may have 16.</summary>
    /// <param name="name">Its name, at most 100 bytes in UTF-8.</param>
    /// <param name="after">How long after this message; at least a second.</param>
    /// <param name="cancellationToken">Ends the read that comes first.</param>
    public async ValueTask SetTimerAsync(string name, TimeSpan after, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(System.Text.Encoding.UTF8.GetByteCount(name), 100, nameof(name));
        ArgumentOutOfRangeException.ThrowIfLessThan(after, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(after, TimeSpan.FromDays(3650));
        (await _run.OpenStateAsync(cancellationToken).ConfigureAwait(false)).SetTimer(name, after, CodeFlow.HandlerStep);
    }

    /// <summary>Stops a timer; nothing happens if it is not running.</summary>
    public async ValueTask CancelTimerAsync(string name, CancellationToken cancellationToken) =>
        (await _run.OpenStateAsync(cancellationToken).ConfigureAwait(false)).CancelTimer(name);
}

/// <summary>A timer that is due.</summary>
/// <param name="Name">As <see cref="KeyedState.SetTimerAsync"/> named it.</param>
/// <param name="Due">When it was due; it may be handled later.</param>
/// <param name="SetBy">The id of the message that set it.</param>
public sealed record FlowTimer(string Name, DateTimeOffset Due, string SetBy);
