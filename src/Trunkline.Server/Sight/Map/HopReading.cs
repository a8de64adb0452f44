using Trunkline.Client.Api;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Map;

/// <summary>Reads the figures of hops from what was measured.</summary>
internal sealed class HopReading(IHopFigures figures)
{
    private const string In = "in";

    // By what they are of: a map asks for those of each flow, model and topic several times over.
    private readonly ILookup<(string Instrument, string Of), KeyValuePair<FigureKey, long>> _counts = figures.Counts.ToLookup(c => (c.Key.Instrument, c.Key.Of));

    // Of models by themselves, whoever asks them.
    private readonly ILookup<(string Instrument, string Of), LatencySketch> _models = figures.Times
        .Where(t => t.Key.Instrument is TelemetryNames.ModelCallDuration or TelemetryNames.ModelWait).ToLookup(t => (t.Key.Instrument, t.Key.Of), t => t.Value);

    /// <summary>Seconds they are over.</summary>
    public double Seconds { get; } = Math.Max(figures.Seconds, 1);

    /// <summary>Messages published over the API to a topic.</summary>
    public MapFigures Published(string topic) =>
        Over(Count(TelemetryNames.PublishedMessages, topic, k => k.Outcome == "stored"), null);

    /// <summary>Messages a flow took.</summary>
    public MapFigures Consumed(string flow, IReadOnlyCollection<string> sinks)
    {
        var failed = Retries(flow, k => !sinks.Contains(k.Hop)) + Hop(flow, In, "dead") + Hop(flow, In, "parked") + Hop(flow, In, "delayed");
        return Timed(Over(failed + Hop(flow, In, "delivered") + Hop(flow, In, "filtered"), failed), TelemetryNames.HopDuration, TelemetryNames.QueueWait, flow, In);
    }

    /// <summary>Messages a flow appended to a topic.</summary>
    public MapFigures Appended(string flow, string sink) => Timed(Over(Hop(flow, sink, "appended"), null), TelemetryNames.CommitDuration, null, flow, In);

    /// <summary>Messages handed to what a sink leads to.</summary>
    public MapFigures Sent(string flow, string sink)
    {
        var failed = Retries(flow, k => k.Hop == sink) + Hop(flow, sink, "dead");
        return Timed(Over(failed + Hop(flow, sink, "delivered"), failed), TelemetryNames.HopDuration, TelemetryNames.QueueWait, flow, sink);
    }

    /// <summary>Questions to a model, of all flows.</summary>
    public MapFigures Asked(string model)
    {
        var all = Count(TelemetryNames.ModelCalls, model, _ => true);
        var answered = Count(TelemetryNames.ModelCalls, model, k => k.Outcome == "answered");
        return Timed(Over(all, all - answered), Sum(_models[(TelemetryNames.ModelCallDuration, model)]), Sum(_models[(TelemetryNames.ModelWait, model)]));
    }

    /// <summary>Further tries of a flow's messages, at its steps and sinks.</summary>
    public MapFigures Retried(string flow) => Over(Retries(flow, _ => true), null);

    /// <summary>Dead letters of a flow and its sinks.</summary>
    public MapFigures Buried(string flow) => Over(Count(TelemetryNames.DeadLetters, flow, _ => true), null);

    private long Hop(string flow, string hop, string outcome) =>
        Count(TelemetryNames.HopMessages, flow, k => k.Hop == hop && k.Outcome == outcome);

    private long Retries(string flow, Func<FigureKey, bool> fits) => Count(TelemetryNames.Retries, flow, fits);

    private long Count(string instrument, string of, Func<FigureKey, bool> fits) => _counts[(instrument, of)].Where(c => fits(c.Key)).Sum(c => c.Value);

    private MapFigures Over(long all, long? failed) => new() { PerSecond = all / Seconds, ErrorShare = all == 0 ? null : (double?)failed / all };

    private MapFigures Timed(MapFigures counted, string duration, string? wait, string of, string hop)
    {
        return Timed(counted, figures.TimesOf(new FigureKey(duration, of, hop)), wait is null ? new LatencySketch() : figures.TimesOf(new FigureKey(wait, of, hop)));
    }

    private static MapFigures Timed(MapFigures counted, LatencySketch took, LatencySketch waited)
    {
        var (times, waits) = (took.Quantiles(0.5, 0.95, 0.99), waited.Quantiles(0.5, 0.95, 0.99));
        return counted with
        {
            P50Ms = times[0] * 1000,
            P95Ms = times[1] * 1000,
            P99Ms = times[2] * 1000,
            WaitP50Ms = waits[0] * 1000,
            WaitP95Ms = waits[1] * 1000,
            WaitP99Ms = waits[2] * 1000,
        };
    }

    private static LatencySketch Sum(IEnumerable<LatencySketch> parts)
    {
        var sum = new LatencySketch();
        foreach (var part in parts)
        {
            sum.Add(part);
        }

        return sum;
    }
}
