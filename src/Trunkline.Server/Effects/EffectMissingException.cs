namespace Trunkline.Server.Effects;

/// <summary>A replay needs the answer of an effect that was not recorded and that it may not run.</summary>
internal sealed class EffectMissingException(EffectCall call) : Exception($"No answer of '{call.Name}' was recorded for this question.")
{
    /// <summary>The stable code.</summary>
    public const string Code = "step.effect-not-recorded";
}
