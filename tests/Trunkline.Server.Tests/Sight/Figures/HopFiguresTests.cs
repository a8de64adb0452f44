using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Tests.Sight.Figures;

/// <summary>Figures are of the last minutes only.</summary>
public sealed class HopFiguresTests
{
    [Fact]
    public async Task What_is_older_than_the_window_is_forgotten()
    {
        var clock = new FakeTimeProvider();
        using var figures = new HopFigures(clock);
        await figures.StartAsync(TestContext.Current.CancellationToken);
        var flow = "figures-" + Guid.NewGuid();
        using var meter = new Meter(TelemetryNames.Source);
        var counter = meter.CreateCounter<long>(TelemetryNames.HopMessages);
        var times = meter.CreateHistogram<double>(TelemetryNames.HopDuration);
        var labels = new[] { new KeyValuePair<string, object?>(TelemetryNames.Flow, flow), new(TelemetryNames.Hop, "in") };
        counter.Add(3, labels);
        times.Record(0.5, labels);
        clock.Advance(TimeSpan.FromMinutes(1));
        counter.Add(4, labels);
        Assert.Equal(7, figures.CountOf(k => k.Of == flow));
        Assert.InRange(figures.TimesOf(new FigureKey(TelemetryNames.HopDuration, flow, "in")).Quantile(1)!.Value, 0.495, 0.505);
        Assert.Equal(60, figures.Seconds, 3);
        clock.Advance(HopFigures.Window);
        Assert.Equal(4, figures.CountOf(k => k.Of == flow));
        Assert.Null(figures.TimesOf(new FigureKey(TelemetryNames.HopDuration, flow, "in")).Quantile(1));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, figures.CountOf(k => k.Of == flow));
    }
}
