using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Slos;

/// <summary>A time an alert would have been on.</summary>
/// <param name="From">From when.</param>
/// <param name="Until">Until when; null if it would be on still.</param>
/// <param name="Began">When the first message was not good that it is of.</param>
/// <param name="Rule">The rule that fired first.</param>
/// <param name="IsPage">Whether somebody would have been woken.</param>
/// <param name="Due">Messages that were due from its beginning to its end.</param>
/// <param name="Bad">Those that were not good.</param>
/// <param name="Spent">Share of the window's budget they used.</param>
internal sealed record SloFiring(DateTimeOffset From, DateTimeOffset? Until, DateTimeOffset Began, BurnRule Rule, bool IsPage, long Due, long Bad, double Spent)
{
    /// <summary>Whether it was worth it: as much of the budget was spent as the rule is about. Where few messages come, a high rate may cost little.</summary>
    public required bool IsRight { get; init; }
}

/// <summary>What an alert would have done in a past time.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Objective">The promise, as it was tried.</param>
/// <param name="Tenant">Whose; null for all.</param>
/// <param name="Due">Messages that were due in the time.</param>
/// <param name="Bad">Those that were not good.</param>
/// <param name="Firings">When it would have been on, the first first.</param>
/// <param name="SpentSilently">Share of the budget that was spent while it was not on, nor before it came on.</param>
internal sealed record SloTrial(FlowConfig Flow, SloObjective Objective, string? Tenant, long Due, long Bad, IReadOnlyList<SloFiring> Firings, double SpentSilently)
{
    /// <summary>The share of firings that were worth it; null without any.</summary>
    public double? Precision => Firings.Count == 0 ? null : (double)Firings.Count(f => f.IsRight) / Firings.Count;
}

/// <summary>Runs kept minutes through the burn rules, as they came.</summary>
internal sealed class SloReplay(FlowConfig flow, SloObjective objective, SloSeries series, DateTimeOffset now)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly SloBurns _burns = new(series, objective, SloReport.LeastOf(flow, objective), now);
    private readonly List<SloFiring> _firings = [];
    private (DateTimeOffset From, BurnRule Rule, bool IsPage)? _on;

    /// <summary>Runs them.</summary>
    public SloTrial Run(string? tenant, DateTimeOffset from)
    {
        for (var minute = FigureStore.StartOf(FigureSpan.Minute, from); minute < now; minute += Minute)
        {
            Look(minute, [.. _burns.At(minute).Where(b => b.Fires)]);
        }

        End(null);
        var (due, bad) = _burns.Between(from, now + Minute);
        return new SloTrial(flow, objective, tenant, due, bad, _firings, Spent(Math.Max(0, bad - _firings.Sum(f => f.Bad)), now));
    }

    private void Look(DateTimeOffset minute, List<SloBurn> fires)
    {
        if (fires.Count == 0)
        {
            End(minute);
        }
        else
        {
            var on = _on ?? (minute + Minute, fires[0].Rule, false);
            _on = (on.Item1, on.Item2, on.Item3 || fires.Any(f => f.Rule.IsPage));
        }
    }

    private void End(DateTimeOffset? at)
    {
        if (_on is not { } on)
        {
            return;
        }

        var until = at ?? now + Minute;
        var earliest = _firings.Count > 0 && _firings[^1].Until is { } last && last > on.From - on.Rule.Long ? last : on.From - on.Rule.Long;
        var began = series.FirstBad(earliest, objective.Measure) is { } first && first < on.From ? first : on.From;
        var (due, bad) = _burns.Between(began, until);
        var spent = Spent(bad, until);
        _firings.Add(new SloFiring(on.From, at, began, on.Rule, on.IsPage, due, bad, spent) { IsRight = spent >= on.Rule.BudgetOf(objective.Window) });
        _on = null;
    }

    private double Spent(long bad, DateTimeOffset at) => _burns.Between(at - objective.Window, at).Due is > 0 and var due ? bad / (due * (1 - objective.Target)) : 0;
}
