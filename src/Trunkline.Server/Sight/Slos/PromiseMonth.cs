using Trunkline.Server.Configuration;

namespace Trunkline.Server.Sight.Slos;

/// <summary>A promise in a calendar month, as far as that is over.</summary>
/// <param name="Promise">The promise.</param>
/// <param name="Flow">The flow it is of.</param>
/// <param name="Objective">The SLO, with the promise's target.</param>
/// <param name="Due">Messages that were due.</param>
/// <param name="Bad">Those that were not good.</param>
/// <param name="Days">The same by day, those without messages left out.</param>
/// <param name="Hops">Where messages were not good, the most first; empty for a tenant's.</param>
internal sealed record PromiseMonth(
    PromiseConfig Promise, FlowConfig Flow, SloObjective Objective, long Due, long Bad, IReadOnlyList<(DateTimeOffset Day, long Due, long Bad)> Days, IReadOnlyList<(string Hop, long Bad)> Hops)
{
    /// <summary>The share of what may be bad that is used up; above 1 the promise is broken. Null without messages.</summary>
    public double? Spent => Due == 0 ? null : Bad / (Due * (1 - Objective.Target));

    /// <summary>Counts a month.</summary>
    public static PromiseMonth Of(PromiseConfig promise, FlowConfig flow, SloSeries series, IEnumerable<(string Hop, SloSeries Series)> hops, CalendarMonth month, DateTimeOffset now)
    {
        var own = flow.Slo!.Objectives.First(o => o.Name == promise.Slo);
        var objective = own with { Target = promise.Target ?? own.Target };
        var days = month.Days(now).Select(day => (Day: day, Counts: Between(series, objective, day, day.AddDays(1), now))).Where(d => d.Counts.Due > 0).ToList();
        return new PromiseMonth(
            promise,
            flow,
            objective,
            days.Sum(d => d.Counts.Due),
            days.Sum(d => d.Counts.Bad),
            [.. days.Select(d => (d.Day, d.Counts.Due, d.Counts.Bad))],
            [.. hops.Select(h => (h.Hop, Between(h.Series, objective, month.From, month.Until, now).Bad)).Where(h => h.Bad > 0).OrderByDescending(h => h.Bad)]);
    }

    private static (long Due, long Bad) Between(SloSeries series, SloObjective objective, DateTimeOffset from, DateTimeOffset until, DateTimeOffset now)
    {
        var sum = series.Sum(from, until, now);
        var bad = sum.Bad(objective.Measure);
        return (Math.Max(sum.Due, bad), bad);
    }
}
