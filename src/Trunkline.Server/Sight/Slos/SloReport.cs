using Trunkline.Client.Api;
using Trunkline.Server.Configuration;
using Trunkline.Server.Releases.Comparison.Statistics;

namespace Trunkline.Server.Sight.Slos;

/// <summary>How an SLO stands.</summary>
internal enum SloVerdict
{
    /// <summary>All is well.</summary>
    Met,

    /// <summary>No message was due in the window: nothing is spent, and nothing is known.</summary>
    NoTraffic,

    /// <summary>Too few messages to judge a burn rate by.</summary>
    Few,

    /// <summary>No message came for longer than the flow says is fine.</summary>
    Quiet,

    /// <summary>The budget burns too fast.</summary>
    Burning,

    /// <summary>The budget of the window is used up.</summary>
    Spent,
}

/// <summary>An SLO over its window, as of a moment. Shares are of messages, so that busy times weigh as much as they have traffic.</summary>
internal sealed class SloReport
{
    private readonly SloSeries _series;
    private readonly SloBurns _burns;
    private readonly DateTimeOffset _now;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _until;

    /// <summary>Judges it.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="objective">What it promises.</param>
    /// <param name="tenant">To whom; null for all.</param>
    /// <param name="series">What was counted.</param>
    /// <param name="now">The moment.</param>
    public SloReport(FlowConfig flow, SloObjective objective, string? tenant, SloSeries series, DateTimeOffset now)
    {
        (Flow, Objective, Tenant, _series, _now) = (flow, objective, tenant, series, now);
        _burns = new SloBurns(series, objective, LeastOf(flow, objective), now);
        (_from, _until) = objective.Calendar?.At(now) ?? (now - objective.Window, now);
        (Due, Bad) = Between(_from, now.AddMinutes(1));
        Burns = _burns.At(now);
        LastAt = series.LastAt;
        Verdict = Judge();
    }

    public FlowConfig Flow { get; }

    public SloObjective Objective { get; }

    public string? Tenant { get; }

    /// <summary>Messages that were due in the window.</summary>
    public long Due { get; }

    /// <summary>Those that were not good.</summary>
    public long Bad { get; }

    /// <summary>The share that was good; null without messages.</summary>
    public double? Good => Due == 0 ? null : 1 - ((double)Bad / Due);

    /// <summary>Between what the share may be as far as so many messages can tell: its 95 % interval.</summary>
    public ShareView Sure => Interval.OfShare(Due - Bad, Due);

    /// <summary>What may be bad in the window: of the messages that came, or of all slices it has.</summary>
    public double Budget => (Objective.Slices is { } slices ? (_until - _from) / slices.Length * SloSlicer.Scale : Due) * (1 - Objective.Target);

    /// <summary>Messages, or parts of slices, that a verdict wants at least.</summary>
    public static int LeastOf(FlowConfig flow, SloObjective objective) => objective.Slices is null ? flow.Slo!.Least : SloSlicer.Scale;

    /// <summary>The share of the budget that is used; above 1 if there is none left, null without messages.</summary>
    public double? Spent => Due == 0 ? null : Bad / Budget;

    /// <summary>The burn rates, fastest rule first.</summary>
    public IReadOnlyList<SloBurn> Burns { get; }

    /// <summary>When a message was counted last; null for never.</summary>
    public DateTimeOffset? LastAt { get; }

    public SloVerdict Verdict { get; }

    /// <summary>What was counted at each hop; none for a tenant's.</summary>
    public IReadOnlyList<(string Hop, SloSeries Series)> Hops { get; init; } = [];

    /// <summary>When the budget ends at the rate of the last long window that has a burn; null if it does not.</summary>
    public DateTimeOffset? EndsAt
    {
        get
        {
            var burn = Burns.Select(b => b.Long).FirstOrDefault(b => b is > 0);
            return burn is { } rate && Spent < 1 && (1 - Spent.Value) * (Objective.Window / rate) is var left && left < Objective.Window ? _now + left : null;
        }
    }

    /// <summary>When the first message that was not good came within the long window of the fastest rule that fires, or of the whole; null without any.</summary>
    public DateTimeOffset? BadSince => _series.FirstBad(_now - Burns.Where(b => b.Fires).Select(b => (TimeSpan?)b.Rule.Long).FirstOrDefault().GetValueOrDefault(Objective.Window), Objective.Measure);

    /// <summary>Messages that were not good at each hop, the most first; hops without any are left out.</summary>
    public IEnumerable<(string Hop, long Bad)> BadByHop() => Hops
        .Select(h => (h.Hop, Bad: h.Series.Sum(_from, _now.AddMinutes(1)).Bad(Objective.Measure))).Where(h => h.Bad > 0).OrderByDescending(h => h.Bad);

    /// <summary>What was due and what was not good between two times; the minute of the first counts whole, that of the second does not.</summary>
    public (long Due, long Bad) Between(DateTimeOffset from, DateTimeOffset until) => _burns.Between(from, until);

    private SloVerdict Judge()
    {
        if (Flow.Slo!.QuietMax is { } quiet && Tenant is null && LastAt is { } last && _now - last > quiet)
        {
            return SloVerdict.Quiet;
        }

        return Burns.Any(b => b.Fires) ? SloVerdict.Burning
            : Due == 0 ? SloVerdict.NoTraffic
            : Due < LeastOf(Flow, Objective) ? SloVerdict.Few
            : Spent >= 1 ? SloVerdict.Spent
            : SloVerdict.Met;
    }
}
