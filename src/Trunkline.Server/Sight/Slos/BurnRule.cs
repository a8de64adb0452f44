namespace Trunkline.Server.Sight.Slos;

/// <summary>
/// When a budget burns too fast: over a long and a short window both, at a factor of the rate that would just use it up. The four are those of
/// the SRE workbook: 2 % of the budget in an hour, 5 % in six, 10 % in a day and in three days, of a window of 30 days.
/// </summary>
/// <param name="Long">Over this the burn has to last to be worth a word.</param>
/// <param name="Short">Over this it has to go on still.</param>
/// <param name="Factor">1 uses the budget up in just its window.</param>
/// <param name="IsPage">Whether somebody has to be woken.</param>
internal readonly record struct BurnRule(TimeSpan Long, TimeSpan Short, double Factor, bool IsPage)
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);

    private static readonly (double Budget, TimeSpan Long, TimeSpan Short, bool IsPage)[] Rules =
    [
        (0.02, TimeSpan.FromHours(1), TimeSpan.FromMinutes(5), true), (0.05, TimeSpan.FromHours(6), TimeSpan.FromMinutes(30), true),
        (0.10, TimeSpan.FromDays(1), TimeSpan.FromHours(2), false), (0.10, TimeSpan.FromDays(3), TimeSpan.FromHours(6), false),
    ];

    /// <summary>
    /// The rules for a window. From 28 days on the windows of the rules stay and the factors follow, as the workbook has them; below, where factors would
    /// fall below what is no burn at all, the factors stay and the windows shrink with the window.
    /// </summary>
    public static IReadOnlyList<BurnRule> For(TimeSpan window) =>
    [
        .. Rules.Select(r => window >= TimeSpan.FromDays(28)
            ? new BurnRule(r.Long, r.Short, r.Budget * (window / r.Long), r.IsPage)
            : new BurnRule(Scaled(r.Long, window), Scaled(r.Short, window), r.Budget * (Usual / r.Long), r.IsPage)),
    ];

    /// <summary>The share of the budget it is about: what is spent when it fires, with as many messages in its long window as on average.</summary>
    public double BudgetOf(TimeSpan window) => Factor * (Long / window);

    /// <summary>In whole minutes, which is what counts are kept by.</summary>
    private static TimeSpan Scaled(TimeSpan span, TimeSpan window) => TimeSpan.FromMinutes(Math.Max(Least.TotalMinutes, Math.Round(span.TotalMinutes * (window / Usual))));
}
