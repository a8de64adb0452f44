namespace Trunkline.Core.Limits;

/// <summary>What calls use up.</summary>
/// <param name="Calls">Calls.</param>
/// <param name="Tokens">Tokens, read and written together.</param>
/// <param name="Money">Money, in the currency prices are written in.</param>
public readonly record struct Spend(long Calls, long Tokens, decimal Money)
{
    /// <summary>Both together.</summary>
    public static Spend operator +(Spend a, Spend b) => new(a.Calls + b.Calls, a.Tokens + b.Tokens, a.Money + b.Money);

    /// <summary>What is left of the first.</summary>
    public static Spend operator -(Spend a, Spend b) => new(a.Calls - b.Calls, a.Tokens - b.Tokens, a.Money - b.Money);

    /// <summary>The greater of each.</summary>
    public static Spend Most(Spend a, Spend b) => new(Math.Max(a.Calls, b.Calls), Math.Max(a.Tokens, b.Tokens), Math.Max(a.Money, b.Money));

    /// <summary>As <c>+</c>.</summary>
    public static Spend Add(Spend left, Spend right) => left + right;

    /// <summary>As <c>-</c>.</summary>
    public static Spend Subtract(Spend left, Spend right) => left - right;
}
