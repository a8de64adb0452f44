using Trunkline.Client.Api;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>What a service says by its metrics of all it answered and took.</summary>
/// <param name="Count">How many.</param>
/// <param name="FailedCount">How many of them failed.</param>
/// <param name="Times">How long they took.</param>
internal sealed record ServiceRequests(long Count, long FailedCount, LatencySketch Times)
{
    /// <summary>The share that failed; null without any.</summary>
    public double? ErrorShare => Count == 0 ? null : (double)FailedCount / Count;

    /// <summary>Those of all services, by their ids on the map.</summary>
    public static IReadOnlyDictionary<string, ServiceRequests> Of(IHopFigures figures) => figures.Counts.Where(c => c.Key.Instrument == ServiceFigures.Requests)
        .GroupBy(c => c.Key.Of, StringComparer.Ordinal)
        .ToDictionary(
            service => ServiceNodes.Service(service.Key),
            service =>
            {
                var times = new LatencySketch();
                foreach (var key in service.Select(c => c.Key).Distinct())
                {
                    times.Add(figures.TimesOf(key));
                }

                return new ServiceRequests(service.Sum(c => c.Value), service.Where(c => c.Key.Outcome == ServiceFigures.Failed).Sum(c => c.Value), times);
            },
            StringComparer.Ordinal);

    /// <summary>The figures of its node: metrics count all, where traces are a share.</summary>
    public MapFigures On(MapFigures figures, double seconds) => figures with
    {
        PerSecond = seconds > 0 ? Count / seconds : null,
        ErrorShare = ErrorShare,
        P50Ms = Times.Quantile(0.5) * 1000,
        P95Ms = Times.Quantile(0.95) * 1000,
        P99Ms = Times.Quantile(0.99) * 1000,
    };
}
