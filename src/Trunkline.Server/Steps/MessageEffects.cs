using System.Security.Cryptography;
using System.Text;
using Trunkline.Core.Limits;
using Trunkline.Messaging;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Steps;

/// <summary>The way outside for one message: runs its effects through the port and keeps what was answered. One thread at a time.</summary>
internal sealed class MessageEffects(PipelineInput input, EffectPort port)
{
    // Most messages touch nothing outside.
    private List<RecordedEffect>? _recorded;
    private List<string>? _models;
    private List<string>? _degraded;

    /// <summary>What came in.</summary>
    public PipelineInput Input { get; } = input;

    /// <summary>Effects answered so far.</summary>
    public IReadOnlyList<RecordedEffect> Recorded => _recorded ?? (IReadOnlyList<RecordedEffect>)[];

    /// <summary>Models that took part: <c>name=version</c>, in order.</summary>
    public IReadOnlyList<string> Models => _models ?? (IReadOnlyList<string>)[];

    /// <summary>Where another model answered than the flow names, in order.</summary>
    public IReadOnlyList<string> Degraded => _degraded ?? (IReadOnlyList<string>)[];

    /// <summary>Whose message it is.</summary>
    public WorkShare Share => MessageShare.Of(Input.Stored.Message);

    /// <summary>The flow it is in; empty if that is not known.</summary>
    public string Flow => port.Flow;

    /// <summary>When the message is late; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The result with what was noted on the way.</summary>
    public PipelineResult Complete(PipelineResult result) =>
        _recorded is null && _degraded is null ? result : result with { Effects = Recorded, Degraded = _degraded is not null };

    /// <summary>Runs an effect and keeps its answer for the recording.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> InvokeAsync(EffectCall call, EffectHandler effect, CancellationToken cancellationToken)
    {
        var started = port.Time.GetTimestamp();
        var answer = await port.InvokeAsync(call with { Key = KeyOf(Input.Stored.Message) }, effect, cancellationToken).ConfigureAwait(false);
        (_recorded ??= []).Add(new RecordedEffect(call.Kind, call.Name, call.IdempotencyKey, answer)
        {
            Took = port.Time.GetElapsedTime(started),
            InputBytes = call.Kind == EffectKind.Model ? call.Input.Length : null,
        });
        return answer;
    }

    /// <summary>An answer was remembered: it stands in the recording as if it had been asked for now.</summary>
    public void Recall(EffectCall call, ReadOnlyMemory<byte> answer) =>
        (_recorded ??= []).Add(new RecordedEffect(call.Kind, call.Name, call.IdempotencyKey, answer));

    /// <summary>What a message is told apart by where a share of keys is chosen: its key, else its id.</summary>
    public static ReadOnlyMemory<byte> KeyOf(Message message) => message.Key?.Bytes ?? Encoding.UTF8.GetBytes(message.Id.Value);

    /// <summary>Notes what the effect answered last used up. What it waited for room is no part of the time it took.</summary>
    public void NoteUsage(EffectUsage usage, TimeSpan waited) =>
        _recorded![^1] = _recorded[^1] with { Usage = usage, Took = _recorded[^1].Took is { } took && took > waited ? took - waited : _recorded[^1].Took };

    /// <summary>Notes that another model answered than was asked first.</summary>
    public void NoteDegraded(string entry) => (_degraded ??= []).Add(entry);

    /// <summary>Notes a model that took part.</summary>
    public void NoteModel(string entry)
    {
        _models ??= [];
        if (!_models.Contains(entry))
        {
            _models.Add(entry);
        }
    }

    /// <summary>
    /// The stable key of this message's effect at a step: over retries, restarts and replays the same as long as the same is asked.
    /// What is asked is part of it, so that another question never gets an earlier answer, here or at the other side.
    /// </summary>
    public string IdempotencyKey(string step, ReadOnlySpan<byte> input) => StableId.Of(
        Input.Stored.Message.Source, Input.Stored.Message.Id.Value, step, Convert.ToHexStringLower(SHA256.HashData(input)));
}
