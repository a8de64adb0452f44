using Trunkline.Server.Effects;

namespace Trunkline.Server.Steps;

/// <summary>When messages of a flow are late. What the clock decided is recorded, so that a replay decides alike. Thread-safe.</summary>
/// <param name="deadline">How old a message may be, from when it was stored.</param>
/// <param name="time">The clock.</param>
/// <param name="isReplay">Recorded messages run again: the recording decides.</param>
internal sealed class DeadlineRule(TimeSpan deadline, TimeProvider time, bool isReplay)
{
    /// <summary>The code of the fault of a late message.</summary>
    public const string Expired = "message.expired";

    /// <summary>When the message is late by the clock; null in a replay.</summary>
    public DateTimeOffset? ExpiryOf(PipelineInput input) => isReplay ? null : input.Stored.AppendedAt + deadline;

    /// <summary>True if the message is late before it begins.</summary>
    public async ValueTask<bool> IsLateAsync(MessageEffects effects, CancellationToken cancellationToken)
    {
        if (isReplay)
        {
            return await WasLateAsync(effects, cancellationToken).ConfigureAwait(false);
        }

        if (time.GetUtcNow() <= effects.Expires)
        {
            return false;
        }

        await RecordAsync(effects, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Records that the message is late.</summary>
    public static async ValueTask RecordAsync(MessageEffects effects, CancellationToken cancellationToken) =>
        await effects.InvokeAsync(CallOf(effects), static (_, _) => new ValueTask<ReadOnlyMemory<byte>>("true"u8.ToArray()), cancellationToken).ConfigureAwait(false);

    /// <summary>The fault of a late message.</summary>
    public StepFault FaultAt(string step) => new(Expired, step, $"The message was older than the flow's deadline of {deadline.TotalSeconds} s.", FaultClass.Dropped);

    private static EffectCall CallOf(MessageEffects effects) => new(EffectKind.Clock, "deadline", effects.IdempotencyKey("deadline", []), default);

    private static async ValueTask<bool> WasLateAsync(MessageEffects effects, CancellationToken cancellationToken)
    {
        var call = CallOf(effects);
        try
        {
            await effects.InvokeAsync(call, (_, _) => throw new EffectMissingException(call), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (EffectMissingException)
        {
            // Only lateness is recorded: where nothing is, the message was on time.
            return false;
        }
    }
}
