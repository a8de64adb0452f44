using Trunkline.Core.Config;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Tests.Sight.Slos;

/// <summary>Budgets are of messages; what says too little is said to say too little.</summary>
public sealed class SloReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 31, 12, 30, 20, TimeSpan.Zero);

    [Fact]
    public void A_budget_weighs_busy_times_by_their_traffic()
    {
        // Twenty quiet nights without a fault do not make good one busy hour with 2 % of faults.
        var series = new SloSeries();
        for (var hour = 1; hour <= 20; hour++)
        {
            series.Count(Now.AddHours(-hour), new SloCounts(10, 0, 0, 0));
        }

        series.Count(Now.AddHours(-21), new SloCounts(10_000, 200, 200, 200));
        var report = Report(series, 0.99);
        Assert.Equal((10_200L, 200L), (report.Due, report.Bad));
        Assert.Equal(200 / 102.0, report.Spent!.Value, 1e-9);
        Assert.Equal(SloVerdict.Spent, report.Verdict);
    }

    [Fact]
    public void Both_windows_of_a_rule_have_to_burn()
    {
        var lasting = new SloSeries();
        var over = new SloSeries();
        for (var minute = 0; minute < 60; minute++)
        {
            lasting.Count(Now.AddMinutes(-minute), new SloCounts(10, 0, 2, 2));
            over.Count(Now.AddMinutes(-minute), new SloCounts(10, 0, minute < 10 ? 0 : 3, 0));
        }

        var burning = Report(lasting, 0.99).Burns[0];
        Assert.Equal((20, 20, true), (burning.Long!.Value, burning.Short!.Value, burning.Fires), Close);
        Assert.Equal(SloVerdict.Burning, Report(lasting, 0.99).Verdict);
        Assert.InRange(Report(lasting, 0.99, total: 1_000_000).EndsAt!.Value - Now, TimeSpan.FromMinutes(1), TimeSpan.FromDays(2));

        // It burned more, but not in the last five minutes.
        Assert.Equal((true, 0d, false), (Report(over, 0.99).Burns[0].Long > 20, Report(over, 0.99).Burns[0].Short, Report(over, 0.99).Burns[0].Fires));
    }

    [Fact]
    public void Few_messages_alert_nobody_and_no_traffic_spends_nothing()
    {
        var few = new SloSeries();
        few.Count(Now, new SloCounts(29, 29, 29, 29));
        Assert.Equal((SloVerdict.Few, false), (Report(few, 0.99).Verdict, Report(few, 0.99).Burns.Any(b => b.Fires)));
        few.Count(Now, new SloCounts(1, 1, 1, 1));
        Assert.Equal(SloVerdict.Burning, Report(few, 0.99).Verdict);

        var none = Report(new SloSeries(), 0.99);
        Assert.Equal((SloVerdict.NoTraffic, null, null, null), (none.Verdict, none.Good, none.Spent, none.EndsAt));
    }

    [Fact]
    public void A_flow_that_must_not_be_quiet_is_in_trouble_after_its_time()
    {
        var series = new SloSeries();
        series.Count(Now.AddMinutes(-61), new SloCounts(1000, 0, 0, 0));
        Assert.Equal(SloVerdict.Quiet, Report(series, 0.99, quiet: TimeSpan.FromHours(1)).Verdict);
        Assert.Equal(SloVerdict.Met, Report(series, 0.99, quiet: TimeSpan.FromHours(2)).Verdict);
    }

    [Fact]
    public void What_is_corrected_later_counts_when_it_is_told_and_never_below_zero()
    {
        // A dead letter of yesterday, redriven now: the message is not due twice, and good after all.
        var series = new SloSeries();
        series.Count(Now.AddDays(-1), new SloCounts(1, 1, 1, 1));
        series.Count(Now, new SloCounts(-1, -1, -1, -1));
        series.Count(Now, new SloCounts(1, 0, 0, 0));
        var report = Report(series, 0.99);
        Assert.Equal((1L, 0L), (report.Due, report.Bad));
        Assert.Equal((0L, 0L), report.Between(Now.AddMinutes(-5), Now.AddMinutes(1)));
    }

    [Fact]
    public void Hours_and_days_go_on_where_minutes_are_not_kept_any_more()
    {
        var series = new SloSeries();
        var from = Now.AddDays(-80);
        for (var at = from; at <= Now; at = at.AddHours(1))
        {
            series.Roll(at.AddHours(-1), at);
            series.Count(at, new SloCounts(100, 0, 1, 1));
        }

        series.Roll(Now.AddHours(-1), Now);
        foreach (var days in new[] { 1, 2, 3, 29, 45, 75 })
        {
            // A window ends anywhere; what is older than minutes counts from the next whole hour or day.
            var report = Report(series, 0.99, window: TimeSpan.FromDays(days));
            Assert.InRange(report.Due, (days - 1) * 2400, (days * 2400) + 100);
            Assert.Equal(report.Due / 100, report.Bad);
        }
    }

    private static bool Close((double Long, double Short, bool Fires) a, (double Long, double Short, bool Fires) b) =>
        Math.Abs(a.Long - b.Long) < 1e-9 && Math.Abs(a.Short - b.Short) < 1e-9 && a.Fires == b.Fires;

    private static SloReport Report(SloSeries series, double target, TimeSpan? quiet = null, TimeSpan? window = null, long total = 0)
    {
        var objective = new SloObjective("a.latency", SloMeasure.Latency, target, window ?? TimeSpan.FromDays(30));
        var flow = new FlowConfig
        {
            Name = "a",
            From = new HttpSourceConfig("/a", default),
            Branches = [],
            Slo = new SloConfig(default(SourceLocation)) { Objectives = [objective], QuietMax = quiet },
        };
        if (total > 0)
        {
            series.Count(Now.AddDays(-1.5), new SloCounts(total, 0, 0, 0));
        }

        return new SloReport(flow, objective, null, series, Now);
    }
}
