namespace Trunkline.Core.Limits;

/// <summary>What may be used up in a window. Immutable.</summary>
public sealed record BudgetSettings
{
    /// <summary>Calls; null for any number.</summary>
    public long? Calls { get; init; }

    /// <summary>Tokens; null for any number.</summary>
    public long? Tokens { get; init; }

    /// <summary>Money; null for any amount.</summary>
    public decimal? Money { get; init; }

    /// <summary>The window: each begins where the one before ends, counted from the year 1, so a day's begins at midnight UTC.</summary>
    public required TimeSpan Per { get; init; }

    /// <summary>True if every tenant has the budget for itself; false if all share it. Default false.</summary>
    public bool EachTenant { get; init; }

    internal bool Fits(Spend spend) => spend.Calls <= (Calls ?? long.MaxValue) && spend.Tokens <= (Tokens ?? long.MaxValue) && spend.Money <= (Money ?? decimal.MaxValue);

    /// <summary>True if what is granted covers what is used, in all that is bounded here.</summary>
    internal bool Covers(Spend granted, Spend used) =>
        (Calls is null || used.Calls <= granted.Calls) && (Tokens is null || used.Tokens <= granted.Tokens) && (Money is null || used.Money <= granted.Money);

    /// <summary>A grant that covers what is used and some part of the budget more, never more than all of it.</summary>
    internal Spend Grant(Spend used, int parts) => new(
        Calls is { } calls ? Math.Min(calls, used.Calls + (calls / parts)) : used.Calls,
        Tokens is { } tokens ? Math.Min(tokens, used.Tokens + (tokens / parts)) : used.Tokens,
        Money is { } money ? Math.Min(money, used.Money + (money / parts)) : used.Money);
}
