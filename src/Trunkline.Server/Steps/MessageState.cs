using System.Globalization;
using Trunkline.Messaging;
using Trunkline.Server.State;

namespace Trunkline.Server.Steps;

/// <summary>
/// The state of a message's key during one try: what was remembered when it began, and what the try makes of it. Nothing of a try that
/// fails is kept. Its clock is when the node took the message, so that a producer's wrong clock neither fires nor hides anything. One
/// thread at a time.
/// </summary>
internal sealed class MessageState
{
    private readonly PipelineInput _input;
    private readonly MessageKey _key;
    private readonly KeyState _before;
    private readonly KeyState _begun;
    private KeyState _now;

    private MessageState(PipelineInput input, MessageKey key, KeyState before)
    {
        (_input, _key, _before) = (input, key, before);
        _begun = input.Visit is StateVisit.Timer fired ? before.Without(fired.Due.Name) : before;
        _now = _begun;
    }

    /// <summary>JSON in UTF-8; empty for none.</summary>
    public ReadOnlyMemory<byte> Value => _now.ValueAt(_input.Stored.AppendedAt);

    /// <summary>What is written if the message is through, or failed; null for nothing.</summary>
    public StateOutcome? Outcome => ReferenceEquals(_now, _before) ? null : new StateOutcome(ChangeTo(_now), ChangeTo(_begun));

    /// <summary>Reads what is remembered of the message's key.</summary>
    /// <exception cref="StepException">The message has no key, or nothing is remembered here.</exception>
    public static async ValueTask<MessageState> OpenAsync(PipelineInput input, string step, CancellationToken cancellationToken)
    {
        if (input.Stored.Message.Key is not { } key)
        {
            throw Fault("state.no-key", step, "The message has no key, and state is kept by key.");
        }

        if (input.States is not { } states)
        {
            throw Fault("state.not-kept", step, "State is not kept here.");
        }

        return new MessageState(input, key, await states.ReadAsync(key, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>True if a timer that brought us here was cancelled or moved meanwhile.</summary>
    public bool IsVoid => _input.Visit is StateVisit.Timer fired && !_before.Timers.Any(t => t.Name == fired.Due.Name && t.Due == fired.Due.Due);

    /// <summary>Remembers a value instead of the one before.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    /// <param name="expire">How long after this message; null for ever.</param>
    /// <param name="step">Named in the fault.</param>
    /// <exception cref="StepException">It is too large.</exception>
    public void Set(ReadOnlyMemory<byte> json, TimeSpan? expire, string step)
    {
        if (json.Length > KeyState.ValueBytesMax)
        {
            var detail = string.Create(CultureInfo.InvariantCulture, $"The state has {json.Length} bytes of JSON; a key may have {KeyState.ValueBytesMax}.");
            throw Fault("state.too-large", step, detail);
        }

        var expiresAt = _input.Stored.AppendedAt + expire;
        var sweepAt = expiresAt is null ? null : _now.SweepAt is { } set && set <= expiresAt ? set : expiresAt;
        _now = _now with { Value = json, ExpiresAt = expiresAt, SweepAt = sweepAt };
    }

    /// <summary>Forgets the value; timers go on.</summary>
    public void Clear()
    {
        if (!_now.Value.IsEmpty)
        {
            _now = _now with { Value = default, ExpiresAt = null, SweepAt = null };
        }
    }

    /// <summary>Sets a timer, or moves it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="after">How long after this message.</param>
    /// <param name="step">Named in the fault.</param>
    /// <exception cref="StepException">There are too many.</exception>
    public void SetTimer(string name, TimeSpan after, string step)
    {
        var others = _now.Without(name);
        if (others.Timers.Count >= KeyState.TimersMax)
        {
            var detail = string.Create(CultureInfo.InvariantCulture, $"The key has {KeyState.TimersMax} timers running, as many as it may.");
            throw Fault("state.too-many-timers", step, detail);
        }

        var timer = new KeyTimer(name, _input.Stored.AppendedAt + after, TimerMessage.OriginOf(_input.Stored));
        _now = others with { Timers = [.. others.Timers, timer] };
    }

    /// <summary>Stops a timer; nothing happens if it is not running.</summary>
    public void CancelTimer(string name)
    {
        if (_now.Timers.Any(t => t.Name == name))
        {
            _now = _now.Without(name);
        }
    }

    private static StepException Fault(string code, string step, string detail) => new(new StepFault(code, step, detail, FaultClass.Terminal));

    private StateChange? ChangeTo(KeyState after) => ReferenceEquals(after, _before) ? null : new StateChange(_key, _before, after);
}
