using Trunkline.Core.Config;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Slos;

namespace Trunkline.Server.Tests.Sight.Slos;

/// <summary>What an alert would have done: as the alert itself does, minute by minute.</summary>
public sealed class SloReplayTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 30, TimeSpan.Zero);
    private static readonly DateTimeOffset Yesterday = Now.AddHours(-24);

    [Fact]
    public void An_outage_at_noon_would_have_paged_soon_and_been_worth_it()
    {
        var trial = Replay(Traffic(_ => 100, at => at >= Now.AddHours(-6) && at < Now.AddHours(-5.5) ? 1 : 0), target: 0.99);
        var firing = Assert.Single(trial.Firings);
        Assert.True(firing.IsPage);
        Assert.InRange(firing.From - Now.AddHours(-6), TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(11));
        Assert.InRange(firing.Until!.Value - Now.AddHours(-5.5), TimeSpan.Zero, TimeSpan.FromMinutes(30));
        Assert.Equal((3000L, 1d, 0d), (firing.Bad, trial.Precision, trial.SpentSilently));
        Assert.InRange(Now.AddHours(-6) - firing.Began, TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_bad_night_with_few_messages_would_have_fired_and_not_been_worth_it()
    {
        bool IsNight(DateTimeOffset at) => at >= Now.AddHours(-9) && at < Now.AddHours(-7);
        var trial = Replay(Traffic(at => IsNight(at) ? 2 : 1000, at => IsNight(at) ? 0.5 : 0), target: 0.99, least: 10);
        Assert.False(Assert.Single(trial.Firings).IsRight);
        Assert.Equal(0, trial.Precision);
        Assert.Empty(Replay(Traffic(at => IsNight(at) ? 2 : 1000, at => IsNight(at) ? 0.5 : 0), target: 0.99, least: 2000).Firings);
    }

    [Fact]
    public void What_never_fires_is_told_as_spent_silently()
    {
        var trial = Replay(Traffic(_ => 1000, _ => 0.009), target: 0.99);
        Assert.Empty(trial.Firings);
        Assert.Null(trial.Precision);
        Assert.InRange(trial.SpentSilently, 0.02, 0.04);
    }

    [Fact]
    public void It_fires_in_just_the_minutes_the_alert_itself_does()
    {
        var random = new Random(7);
        var hours = Enumerable.Range(0, 100).Select(_ => random.NextDouble() < 0.15 ? random.NextDouble() : random.NextDouble() * 0.01).ToArray();
        var series = Traffic(_ => 50, at => hours[(int)((Now - at).TotalHours)]);
        var trial = Replay(series, target: 0.99);
        Assert.True(trial.Firings.Count >= 2);
        var from = new DateTimeOffset(Yesterday.UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero);
        for (var minute = from; minute < Now; minute += TimeSpan.FromMinutes(7))
        {
            // Reports only see what was counted by then: minutes after it are left out by where the window ends.
            var fires = new SloReport(Flow(30), Objective(0.99), null, series, minute).Burns.Any(b => b.Fires);
            Assert.Equal(fires, trial.Firings.Any(f => f.From <= minute.AddMinutes(1) && !(f.Until <= minute)));
        }
    }

    /// <summary>Messages of each minute of the last two days, in hours and days before.</summary>
    private static SloSeries Traffic(Func<DateTimeOffset, int> messages, Func<DateTimeOffset, double> bad)
    {
        var series = new SloSeries();
        var minutes = Now.AddSeconds(-30).AddHours(-47);
        for (var hour = minutes.AddDays(-29); hour < minutes; hour = hour.AddHours(1))
        {
            series.Add(FigureSpan.Hour, hour, new SloCounts(messages(hour) * 60, 0, 0, 0));
        }

        for (var at = minutes; at < Now; at = at.AddMinutes(1))
        {
            series.Count(at, new SloCounts(messages(at), 0, (long)Math.Round(messages(at) * bad(at)), 0));
        }

        return series;
    }

    private static SloTrial Replay(SloSeries series, double target, int least = 30) => new SloReplay(Flow(least), Objective(target), series, Now).Run(null, Yesterday);

    private static SloObjective Objective(double target) => new("a.latency", SloMeasure.Latency, target, TimeSpan.FromDays(30));

    private static FlowConfig Flow(int least) => new()
    {
        Name = "a",
        From = new HttpSourceConfig("/a", default),
        Branches = [],
        Slo = new SloConfig(default(SourceLocation)) { Objectives = [Objective(0.99)], Least = least },
    };
}
