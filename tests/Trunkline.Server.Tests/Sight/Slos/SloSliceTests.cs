using Trunkline.Core.Config;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Tests.Sight.Slos;

/// <summary>SLOs over slices of time, and over windows of the calendar; the worked numbers are those of the authors of OpenSLO.</summary>
public sealed class SloSliceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan TwoWeeks = TimeSpan.FromDays(14);

    [Theory]
    [InlineData((16 * 60) + 47, false)]
    [InlineData((16 * 60) + 49, true)]
    public void Of_two_weeks_at_95_percent_an_attack_of_16_h_48_min_takes_all_slices_there_are(int minutes, bool isSpent) =>
        Assert.Equal(isSpent, Attacked(new SloSlices(TimeSpan.FromMinutes(1), 0.9), minutes).Spent >= 1);

    [Theory]
    [InlineData((13 * 60) + 40, false)]
    [InlineData((13 * 60) + 46, true)]
    public void Counted_by_their_share_it_takes_about_13_h_45_min(int minutes, bool isSpent) =>
        Assert.Equal(isSpent, Attacked(new SloSlices(TimeSpan.FromMinutes(1), null), minutes).Spent >= 1);

    [Fact]
    public void A_slice_counts_once_it_is_over_and_one_without_messages_is_good()
    {
        var messages = new SloSeries();
        var slicer = new SloSlicer(Objective(new SloSlices(TimeSpan.FromMinutes(5), 0.9)));
        Assert.Empty(slicer.Over(messages, Now.AddMinutes(2)));
        messages.Count(Now.AddMinutes(6), new SloCounts(10, 0, 2, 2));
        messages.Count(Now.AddMinutes(16), new SloCounts(100, 0, 10, 10));
        Assert.Equal([(Now.AddMinutes(5), (long)SloSlicer.Scale), (Now.AddMinutes(10), 0)], slicer.Over(messages, Now.AddMinutes(19)).Select(s => (s.At, s.Counts.Bad(SloMeasure.Latency))));
        Assert.Equal([(Now.AddMinutes(15), 0L)], slicer.Over(messages, Now.AddMinutes(20)).Select(s => (s.At, s.Counts.Bad(SloMeasure.Latency))));
        Assert.Empty(slicer.Over(messages, Now.AddMinutes(20)));
    }

    [Theory]
    [InlineData("2026-03-15T12:00:00Z", 0, 1, "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z")]
    [InlineData("2026-03-01T04:59:59Z", 0, 1, "2026-02-01T05:00:00Z", "2026-03-01T05:00:00Z")]
    [InlineData("2026-03-15T12:00:00Z", 0, 3, "2026-01-01T05:00:00Z", "2026-04-01T04:00:00Z")]
    [InlineData("2021-12-31T12:00:00Z", 0, 12, "2021-01-01T05:00:00Z", "2022-01-01T05:00:00Z")]
    [InlineData("2026-03-12T12:00:00Z", 7, 0, "2026-03-07T05:00:00Z", "2026-03-14T04:00:00Z")]
    public void A_window_of_the_calendar_begins_by_its_clocks(string now, int days, int months, string from, string until)
    {
        var calendar = new SloCalendar(new DateTime(2022, 1, 1), TimeZoneInfo.FindSystemTimeZoneById("America/New_York"), days, months);
        Assert.Equal((DateTimeOffset.Parse(from, null), DateTimeOffset.Parse(until, null)), calendar.At(DateTimeOffset.Parse(now, null)));
    }

    [Fact]
    public void What_was_before_the_window_of_the_calendar_spends_nothing_of_it()
    {
        var series = new SloSeries();
        series.Count(Now.AddHours(-13), new SloCounts(100, 0, 50, 50));
        series.Count(Now.AddHours(-1), new SloCounts(100, 0, 1, 1));
        var calendar = new SloCalendar(new DateTime(2026, 1, 1), TimeZoneInfo.Utc, 1, 0);
        var report = new SloReport(Flow(), Objective(null) with { Calendar = calendar }, null, series, Now);
        Assert.Equal((100L, 1L), (report.Due, report.Bad));
    }

    /// <summary>1 % of messages are bad in two weeks, and 99 % in the last minutes of them.</summary>
    private static SloReport Attacked(SloSlices slices, int minutes)
    {
        var objective = Objective(slices);
        var slicer = new SloSlicer(objective);
        var series = new SloSeries();
        for (var at = Now - TwoWeeks; at < Now; at = at.AddMinutes(1))
        {
            var bad = at >= Now.AddMinutes(-minutes) ? 99 : 1;
            series.Count(at, slicer.Of(new SloCounts(100, 0, bad, bad)));
        }

        series.Roll(Now - TwoWeeks, Now);
        return new SloReport(Flow(), objective, null, series, Now.AddMinutes(-1));
    }

    private static SloObjective Objective(SloSlices? slices) => new("a.latency", SloMeasure.Latency, 0.95, TwoWeeks) { Slices = slices };

    private static FlowConfig Flow() => new()
    {
        Name = "a",
        From = new HttpSourceConfig("/a", default),
        Branches = [],
        Slo = new SloConfig(default(SourceLocation)) { Objectives = [Objective(null)] },
    };
}
