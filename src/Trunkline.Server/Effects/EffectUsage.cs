namespace Trunkline.Server.Effects;

/// <summary>What an effect used up, where the other side told.</summary>
/// <param name="InputTokens">Tokens read.</param>
/// <param name="OutputTokens">Tokens written.</param>
/// <param name="Cost">Its price, in the currency of the project's prices; null for a model without one.</param>
internal sealed record EffectUsage(int? InputTokens, int? OutputTokens, decimal? Cost);
