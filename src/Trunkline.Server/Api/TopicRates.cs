using Microsoft.Extensions.Hosting;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Api;

/// <summary>Watches how fast topics grow: a sample every five seconds, a rate over the last minute at most.</summary>
internal sealed class TopicRates(IBroker broker, TimeProvider clock) : BackgroundService
{
    private const int SamplesMax = 13;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Queue<Sample> _samples = new(SamplesMax);
    private volatile Dictionary<string, double> _rates = [];

    /// <summary>Messages appended per second, or null while it was not watched long enough.</summary>
    public double? PerSecond(string topic) => _rates.TryGetValue(topic, out var rate) ? rate : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await SampleAsync(stoppingToken);
            }
            catch (BrokerException)
            {
                // Rates are a convenience: while the broker refuses, the last ones stand, and health tells why.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SampleAsync(CancellationToken cancellationToken)
    {
        var topics = await broker.ListTopicsAsync(cancellationToken);
        var now = new Sample(clock.GetTimestamp(), topics.ToDictionary(t => t.Settings.Name, t => t.Partitions.Sum(p => p.HighOffset)));
        if (_samples.TryPeek(out var first))
        {
            var seconds = clock.GetElapsedTime(first.At, now.At).TotalSeconds;
            _rates = now.Ends.Where(e => first.Ends.ContainsKey(e.Key) && seconds > 0)
                .ToDictionary(e => e.Key, e => Math.Max(0, e.Value - first.Ends[e.Key]) / seconds);
        }

        if (_samples.Count == SamplesMax)
        {
            _samples.Dequeue();
        }

        _samples.Enqueue(now);
    }

    private sealed record Sample(long At, IReadOnlyDictionary<string, long> Ends);
}
