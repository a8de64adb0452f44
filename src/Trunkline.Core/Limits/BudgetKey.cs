using System.Globalization;

namespace Trunkline.Core.Limits;

/// <summary>The name of a budget's account, which lasts over restarts and over changes of its amounts: <c>reply 1.00:00:00 tokens each</c>.</summary>
/// <param name="Text">The name.</param>
internal readonly record struct BudgetKey(string Text)
{
    /// <summary>The key of a budget of an owner.</summary>
    public static BudgetKey Of(string owner, BudgetSettings settings) => new(string.Join(' ', new[]
    {
        owner,
        settings.Per.Ticks.ToString(CultureInfo.InvariantCulture),
        settings.Calls is null ? null : "calls",
        settings.Tokens is null ? null : "tokens",
        settings.Money is null ? null : "money",
        settings.EachTenant ? "each" : null,
    }.OfType<string>()));

    /// <summary>The length of its windows, read back from an account's name; null if it is no such name.</summary>
    public static TimeSpan? PerOf(string account) =>
        account.Split(' ') is [_, var ticks, ..] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var per) && per > 0 ? TimeSpan.FromTicks(per) : null;

    /// <summary>The name of the account; an owner may have several budgets that are written alike.</summary>
    public string Numbered(int before) => before == 0 ? Text : string.Create(CultureInfo.InvariantCulture, $"{Text} #{before}");
}
