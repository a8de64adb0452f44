using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Slos;

/// <summary>A burn rate, against its rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Long">Over the long window; null without messages.</param>
/// <param name="Short">Over the short one.</param>
/// <param name="Due">Messages in the long one.</param>
/// <param name="Fires">Whether both are over the factor, with messages enough to say so.</param>
internal readonly record struct SloBurn(BurnRule Rule, double? Long, double? Short, long Due, bool Fires);

/// <summary>How fast a budget burns at any time that is kept by minute.</summary>
/// <param name="series">What was counted.</param>
/// <param name="objective">What is promised.</param>
/// <param name="least">Messages a burn rate is judged by at least.</param>
/// <param name="now">The present: what is kept is as of it.</param>
internal sealed class SloBurns(SloSeries series, SloObjective objective, int least, DateTimeOffset now)
{
    private readonly IReadOnlyList<BurnRule> _rules = BurnRule.For(objective.Window);

    /// <summary>The burn rates as of the end of a minute, fastest rule first.</summary>
    public IReadOnlyList<SloBurn> At(DateTimeOffset minute) => [.. _rules.Select(rule => Burn(rule, minute))];

    /// <summary>What was due and what was not good between two times; the minute of the first counts whole, that of the second does not.</summary>
    public (long Due, long Bad) Between(DateTimeOffset from, DateTimeOffset until)
    {
        var sum = series.Sum(FigureStore.StartOf(FigureSpan.Minute, from), FigureStore.StartOf(FigureSpan.Minute, until), now);
        var bad = sum.Bad(objective.Measure);
        return (Math.Max(sum.Due, bad), bad);
    }

    private SloBurn Burn(BurnRule rule, DateTimeOffset minute)
    {
        var (due, bad) = Between(minute - rule.Long, minute.AddMinutes(1));
        var (shortDue, shortBad) = Between(minute - rule.Short, minute.AddMinutes(1));
        var over = Rate(due, bad);
        var still = Rate(shortDue, shortBad);
        return new SloBurn(rule, over, still, due, due >= least && over >= rule.Factor && still >= rule.Factor);
    }

    private double? Rate(long due, long bad) => due == 0 ? null : (double)bad / due / (1 - objective.Target);
}
