using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>What is measured in an incident, until it is asked for a stretch of it.</summary>
internal sealed class IncidentFigures
{
    private readonly List<(double At, FigureKey Key, double? Seconds, long Count)> _all = [];

    public void Time(double at, string instrument, string of, string hop, double seconds) => _all.Add((at, new FigureKey(instrument, of, hop), seconds, 0));

    public void Count(double at, string instrument, string of, string hop, string outcome, long count = 1) => _all.Add((at, new FigureKey(instrument, of, hop, outcome), null, count));

    /// <summary>A question of a flow to a model.</summary>
    public void Called(double at, string model, string? fault, double seconds, string flow = "triage")
    {
        Time(at, TelemetryNames.ModelCallDuration, model, flow, seconds);
        Count(at, TelemetryNames.ModelCalls, model, flow, fault ?? "answered");
    }

    /// <summary>What was measured between two times.</summary>
    public IHopFigures Of(double from, double until)
    {
        var values = new Dictionary<string, FigureValue>();
        foreach (var key in _all.Where(a => a.At >= from && a.At < until).GroupBy(a => a.Key))
        {
            LatencySketch? times = null;
            foreach (var seconds in key.Select(k => k.Seconds).OfType<double>())
            {
                (times ??= new LatencySketch()).Add(seconds);
            }

            values.Add(KeptHops.NameOf(key.Key), FigureValue.Of(times, key.Sum(k => k.Count)));
        }

        return new Stretch(until - from, new KeptHops([new FigureSlot(FigureSpan.Minute, DateTimeOffset.UnixEpoch, values)]));
    }

    private sealed class Stretch(double seconds, KeptHops of) : IHopFigures
    {
        public double Seconds => seconds;

        public IEnumerable<KeyValuePair<FigureKey, long>> Counts => of.Counts;

        public IEnumerable<KeyValuePair<FigureKey, LatencySketch>> Times => of.Times;

        public long CountOf(Func<FigureKey, bool> fits) => of.CountOf(fits);

        public LatencySketch TimesOf(FigureKey key) => of.TimesOf(key);
    }
}
