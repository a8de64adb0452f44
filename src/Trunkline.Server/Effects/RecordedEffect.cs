namespace Trunkline.Server.Effects;

/// <summary>An effect that was answered.</summary>
/// <param name="Kind">What it touched.</param>
/// <param name="Name">Name of the model, step or sink, with its version where it has one.</param>
/// <param name="IdempotencyKey">The stable key of <see cref="EffectCall"/>; what a replay finds the answer by.</param>
/// <param name="Answer">The bytes answered.</param>
internal sealed record RecordedEffect(EffectKind Kind, string Name, string IdempotencyKey, ReadOnlyMemory<byte> Answer)
{
    /// <summary>How long the answer took; null in recordings from before times were kept.</summary>
    public TimeSpan? Took { get; init; }

    /// <summary>Size of what was asked; null in recordings from before it was kept, and of what is no model.</summary>
    public int? InputBytes { get; init; }

    /// <summary>What it used up; null if nobody told.</summary>
    public EffectUsage? Usage { get; init; }
}
