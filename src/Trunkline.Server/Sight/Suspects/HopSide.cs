using Trunkline.Core.Telemetry;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>A time a message of a flow spends somewhere.</summary>
/// <param name="Hop">Where, for people: <c>model reply</c>.</param>
/// <param name="IsWait">Whether it waits there, or is worked on.</param>
/// <param name="Times">How long.</param>
internal readonly record struct HopTime(string Hop, bool IsWait, LatencySketch Times)
{
    public double P50 => Times.Quantile(0.5) ?? 0;

    public double P99 => Times.Quantile(0.99) ?? 0;
}

/// <summary>How often something was tried somewhere, and failed.</summary>
internal readonly record struct HopTries(string Hop, long All, long Failed)
{
    public double Share => All == 0 ? 0 : (double)Failed / All;
}

/// <summary>A flow over a time: where its messages spend theirs, what fails, how many come.</summary>
internal sealed class HopSide
{
    private const string In = "in";

    public HopSide(FlowConfig flow, IHopFigures figures)
    {
        Seconds = figures.Seconds;
        var models = flow.Steps.OfType<InferStepConfig>().Select(s => s.Model).Distinct(StringComparer.Ordinal).ToList();
        var sinks = flow.Branches.SelectMany(b => b.To).OfType<OutboxSinkConfig>().DistinctBy(s => s.Name).Select(s => s.Name).ToList();
        Times =
        [
            new(Source(flow), true, figures.TimesOf(new FigureKey(TelemetryNames.QueueWait, flow.Name, In))),
            new(Steps, false, figures.TimesOf(new FigureKey(TelemetryNames.HopDuration, flow.Name, In))),
            .. models.Select(m => new HopTime(Model(m), false, figures.TimesOf(new FigureKey(TelemetryNames.ModelCallDuration, m)))),
            .. models.Select(m => new HopTime("room at " + Model(m), true, figures.TimesOf(new FigureKey(TelemetryNames.ModelWait, m)))),
            new("commit", false, figures.TimesOf(new FigureKey(TelemetryNames.CommitDuration, flow.Name, In))),
            .. sinks.Select(s => new HopTime("outbox of " + s, true, figures.TimesOf(new FigureKey(TelemetryNames.QueueWait, flow.Name, s)))),
            .. sinks.Select(s => new HopTime(Sink(s), false, figures.TimesOf(new FigureKey(TelemetryNames.HopDuration, flow.Name, s)))),
        ];
        Tries =
        [
            .. models.Select(m => new HopTries(
                Model(m),
                figures.CountOf(k => k.Instrument == TelemetryNames.ModelCalls && k.Of == m),
                figures.CountOf(k => k.Instrument == TelemetryNames.ModelCalls && k.Of == m && k.Outcome != "answered"))),
            .. sinks.Select(s => new HopTries(
                Sink(s),
                Hop(figures, flow.Name, s, "delivered") + Hop(figures, flow.Name, s, "dead") + Retried(figures, flow.Name, s),
                Hop(figures, flow.Name, s, "dead") + Retried(figures, flow.Name, s))),
            new(
                Steps,
                Arrived(figures, flow.Name),
                Hop(figures, flow.Name, In, "dead") + Hop(figures, flow.Name, In, "parked")),
        ];
        Came = Arrived(figures, flow.Name);
    }

    public const string Steps = "steps";

    /// <summary>Seconds it is over; 0 if nothing is known.</summary>
    public double Seconds { get; }

    public IReadOnlyList<HopTime> Times { get; }

    public IReadOnlyList<HopTries> Tries { get; }

    /// <summary>Messages the flow was done with.</summary>
    public long Came { get; }

    public double PerSecond => Seconds == 0 ? 0 : Came / Seconds;

    public static string Model(string model) => "model " + model;

    public static string Sink(string sink) => "sink " + sink;

    public static string Source(FlowConfig flow) => flow.From is TopicSourceConfig topic ? "topic " + topic.Topic : "source";

    private static long Arrived(IHopFigures figures, string flow) =>
        Hop(figures, flow, In, "delivered") + Hop(figures, flow, In, "filtered") + Hop(figures, flow, In, "dead") + Hop(figures, flow, In, "parked");

    private static long Hop(IHopFigures figures, string flow, string hop, string outcome) =>
        figures.CountOf(k => k.Instrument == TelemetryNames.HopMessages && k.Of == flow && k.Hop == hop && k.Outcome == outcome);

    private static long Retried(IHopFigures figures, string flow, string hop) => figures.CountOf(k => k.Instrument == TelemetryNames.Retries && k.Of == flow && k.Hop == hop);
}
