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
    /// <summary>What failures were of, the most first: the code, and the step where that is not the hop itself.</summary>
    public IReadOnlyList<(string What, long Count)> Groups { get; init; } = [];

    public double Share => All == 0 ? 0 : (double)Failed / All;
}

/// <summary>A flow over a time: where its messages spend theirs, what fails, how many come.</summary>
internal sealed class HopSide
{
    private const string In = "in";
    private const double RateSeconds = 300;

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
            .. models.Select(m => Asked(figures, m)),
            .. sinks.Select(s => Tried(figures, flow.Name, s, Sink(s), step => step == s)),
            Tried(figures, flow.Name, In, Steps, step => !sinks.Contains(step)),
        ];
        Came = Arrived(figures, flow);
        PerSecond = Seconds == 0 || (figures is KeptHops && Seconds < RateSeconds) ? null : Came / Seconds;
    }

    public const string Steps = "steps";

    /// <summary>Seconds it is over; 0 if nothing is known.</summary>
    public double Seconds { get; }

    public IReadOnlyList<HopTime> Times { get; }

    public IReadOnlyList<HopTries> Tries { get; }

    /// <summary>Messages that came, or, where that is not known, that the flow was done with: while it catches up it is done with more.</summary>
    public long Came { get; }

    /// <summary>Messages that came a second; null if the time is not known well enough for that: what is kept of a young node begins and ends within its minutes.</summary>
    public double? PerSecond { get; }

    public static string Model(string model) => "model " + model;

    public static string Sink(string sink) => "sink " + sink;

    public static string Source(FlowConfig flow) => flow.From is TopicSourceConfig topic ? "topic " + topic.Topic : "source";

    private static long Arrived(IHopFigures figures, FlowConfig flow)
    {
        var published = flow.From is TopicSourceConfig topic ? figures.CountOf(k => k.Instrument == TelemetryNames.PublishedMessages && k.Of == topic.Topic && k.Outcome == "stored") : 0;
        return published > 0 ? published : Hop(figures, flow.Name, In, "delivered") + Hop(figures, flow.Name, In, "filtered") + Hop(figures, flow.Name, In, "dead") + Hop(figures, flow.Name, In, "parked");
    }

    private static long Hop(IHopFigures figures, string flow, string hop, string outcome) =>
        figures.CountOf(k => k.Instrument == TelemetryNames.HopMessages && k.Of == flow && k.Hop == hop && k.Outcome == outcome);

    private static HopTries Asked(IHopFigures figures, string model)
    {
        var failed = figures.Counts.Where(c => c.Key.Instrument == TelemetryNames.ModelCalls && c.Key.Of == model && c.Key.Outcome != "answered").ToList();
        return new HopTries(Model(model), figures.CountOf(k => k.Instrument == TelemetryNames.ModelCalls && k.Of == model), failed.Sum(c => c.Value))
        {
            Groups = GroupsOf(failed, key => key.Outcome),
        };
    }

    /// <summary>Every failed try counts, also of what came through in the end.</summary>
    private static HopTries Tried(IHopFigures figures, string flow, string hop, string name, Func<string, bool> isOfHop)
    {
        var failures = figures.Counts.Where(c => c.Key.Instrument is TelemetryNames.Retries or TelemetryNames.DeadLetters && c.Key.Of == flow && isOfHop(c.Key.Hop)).ToList();
        var retried = failures.Where(c => c.Key.Instrument == TelemetryNames.Retries).Sum(c => c.Value);
        var dead = Hop(figures, flow, hop, "dead");
        var done = Hop(figures, flow, hop, "delivered") + Hop(figures, flow, hop, "filtered") + dead;
        return new HopTries(name, done + retried, dead + retried)
        {
            Groups = GroupsOf(failures, key => hop == In ? $"{key.Outcome} at {key.Hop}" : key.Outcome),
        };
    }

    private static List<(string What, long Count)> GroupsOf(IEnumerable<KeyValuePair<FigureKey, long>> failures, Func<FigureKey, string> what) =>
        [.. failures.GroupBy(c => what(c.Key), c => c.Value, StringComparer.Ordinal).Select(g => (What: g.Key, Count: g.Sum())).OrderByDescending(g => g.Count).ThenBy(g => g.What, StringComparer.Ordinal)];
}
