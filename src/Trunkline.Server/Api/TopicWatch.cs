using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api;

/// <summary>
/// Watches topics: a sample every five seconds gives rates over the last minute at most, and the gauges of contents and lag.
/// </summary>
internal sealed class TopicWatch : BackgroundService
{
    private const int SamplesMax = 13;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly IBroker _broker;
    private readonly TimeProvider _time;
    private readonly Meter _meter = new(TelemetryNames.Source);
    private readonly Queue<Sample> _samples = new(SamplesMax);
    private volatile Dictionary<string, double> _rates = [];
    private volatile Measurement<long>[] _held = [];
    private volatile Measurement<long>[] _lags = [];

    public TopicWatch(IBroker broker, TimeProvider time)
    {
        (_broker, _time) = (broker, time);
        _meter.CreateObservableGauge(TelemetryNames.TopicMessages, () => _held, "{message}", "Messages a topic holds");
        _meter.CreateObservableGauge(TelemetryNames.GroupLag, () => _lags, "{message}", "Messages a group has not completed");
    }

    /// <summary>Messages appended per second, or null while it was not watched long enough.</summary>
    public double? PerSecond(string topic) => _rates.TryGetValue(topic, out var rate) ? rate : null;

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    // A convenience: while the broker refuses, the last values stand, and health tells why.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new Repeated(Interval, _time, _ => { }).RunAsync(SampleAsync, atOnce: true, stoppingToken);

    private async Task SampleAsync(CancellationToken cancellationToken)
    {
        var topics = await _broker.ListTopicsAsync(cancellationToken);
        var now = new Sample(_time.GetTimestamp(), topics.ToDictionary(t => t.Settings.Name, t => t.Partitions.Sum(p => p.HighOffset)));
        if (_samples.TryPeek(out var first))
        {
            var seconds = _time.GetElapsedTime(first.At, now.At).TotalSeconds;
            _rates = now.Ends.Where(e => first.Ends.ContainsKey(e.Key) && seconds > 0)
                .ToDictionary(e => e.Key, e => Math.Max(0, e.Value - first.Ends[e.Key]) / seconds);
        }

        if (_samples.Count == SamplesMax)
        {
            _samples.Dequeue();
        }

        _samples.Enqueue(now);
        _held = [.. topics.Select(t => new Measurement<long>(t.Partitions.Sum(p => p.HighOffset - p.LowOffset), Label(TelemetryNames.Topic, t.Settings.Name)))];
        var lags = new List<Measurement<long>>();
        foreach (var topic in topics.Select(t => t.Settings.Name))
        {
            var groups = await _broker.DescribeGroupsAsync(topic, cancellationToken);
            lags.AddRange(groups.Select(g => new Measurement<long>(
                g.Partitions.Sum(p => p.Lag), Label(TelemetryNames.Topic, topic), Label(TelemetryNames.Group, g.Group))));
        }

        _lags = [.. lags];
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private sealed record Sample(long At, Dictionary<string, long> Ends);
}
