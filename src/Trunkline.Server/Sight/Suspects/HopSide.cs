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

/// <summary>Questions to a model.</summary>
/// <param name="Own">The flow's own.</param>
/// <param name="Others">Those of other flows, by flow.</param>
/// <param name="OverBudget">How often one of the flow's found no room in a budget.</param>
internal sealed record HopQuestions(long Own, IReadOnlyDictionary<string, long> Others, long OverBudget)
{
    private const double MoreTimes = 1.5;
    private const double PartMin = 0.5;

    public long All => Own + Others.Values.Sum();

    /// <summary>The other flow that asks most of what is asked more than before; null if there is none, or flows were not told apart then.</summary>
    public string? FilledBy(double seconds, HopQuestions before, double secondsBefore)
    {
        var (rate, then) = (All / seconds, before.All / secondsBefore);
        if (before.Own == 0 || rate < MoreTimes * then)
        {
            return null;
        }

        var most = Others.Select(o => (Flow: o.Key, More: (o.Value / seconds) - (before.Others.GetValueOrDefault(o.Key) / secondsBefore))).OrderByDescending(o => o.More).FirstOrDefault();
        return most.Flow is not null && most.More >= PartMin * (rate - then) ? most.Flow : null;
    }
}

/// <summary>A flow over a time: where its messages spend theirs, what fails, how many come.</summary>
internal sealed class HopSide
{
    private const string In = "in";
    private const double RateSeconds = 300;

    // A question that was not asked, for want of room or of budget.
    private static readonly string[] Refusals = ["step.model-busy", "step.model-over-budget", "message.shed", "message.expired"];

    /// <param name="flow">The flow.</param>
    /// <param name="figures">What was measured.</param>
    /// <param name="versions">The models a model is made of; null if all are of their own.</param>
    public HopSide(FlowConfig flow, IHopFigures figures, Func<string, IEnumerable<string>>? versions = null)
    {
        Seconds = figures.Seconds;
        var asked = flow.Steps.OfType<InferStepConfig>().SelectMany(s => (versions?.Invoke(s.Model) ?? []).Append(s.Model).Select(model => (Model: model, Step: s.Name))).ToLookup(a => a.Model, a => a.Step, StringComparer.Ordinal);
        var models = asked.Select(a => a.Key).ToList();
        var sinks = flow.Branches.SelectMany(b => b.To).OfType<OutboxSinkConfig>().DistinctBy(s => s.Name).Select(s => s.Name).ToList();
        Times =
        [
            new(Source(flow), true, figures.TimesOf(new FigureKey(TelemetryNames.QueueWait, flow.Name, In))),
            new(Steps, false, figures.TimesOf(new FigureKey(TelemetryNames.HopDuration, flow.Name, In))),
            .. models.Select(m => new HopTime(Model(m), false, AskedBy(figures, flow.Name, TelemetryNames.ModelCallDuration, m))),
            .. models.Select(m => new HopTime(Room(m), true, AskedBy(figures, flow.Name, TelemetryNames.ModelWait, m))),
            new("commit", false, figures.TimesOf(new FigureKey(TelemetryNames.CommitDuration, flow.Name, In))),
            .. sinks.Select(s => new HopTime("outbox of " + s, true, figures.TimesOf(new FigureKey(TelemetryNames.QueueWait, flow.Name, s)))),
            .. sinks.Select(s => new HopTime(Sink(s), false, figures.TimesOf(new FigureKey(TelemetryNames.HopDuration, flow.Name, s)))),
        ];
        Tries =
        [
            .. asked.Select(a => Asked(figures, flow.Name, a.Key, a)),
            .. sinks.Select(s => Tried(figures, flow.Name, s, Sink(s), step => step == s)),
            Tried(figures, flow.Name, In, Steps, step => !sinks.Contains(step)),
        ];
        Questions = models.ToDictionary(Room, m => new HopQuestions(
            figures.CountOf(k => k.Instrument == TelemetryNames.ModelCalls && k.Of == m && k.Hop == flow.Name),
            figures.Counts.Where(c => c.Key.Instrument == TelemetryNames.ModelCalls && c.Key.Of == m && c.Key.Hop.Length > 0 && c.Key.Hop != flow.Name)
                .GroupBy(c => c.Key.Hop, c => c.Value, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(), StringComparer.Ordinal),
            figures.CountOf(k => k.Instrument == TelemetryNames.ModelOverBudget && k.Of == m && (k.Hop == flow.Name || k.Hop.Length == 0))), StringComparer.Ordinal);
        Parked = Hop(figures, flow.Name, In, "parked");
        Came = Arrived(figures, flow);
        PerSecond = Seconds == 0 || (figures is KeptHops && Seconds < RateSeconds) ? null : Came / Seconds;
    }

    public const string Steps = "steps";

    /// <summary>Seconds it is over; 0 if nothing is known.</summary>
    public double Seconds { get; }

    public IReadOnlyList<HopTime> Times { get; }

    public IReadOnlyList<HopTries> Tries { get; }

    /// <summary>Questions to the models, by the name of the wait for room there.</summary>
    public IReadOnlyDictionary<string, HopQuestions> Questions { get; }

    /// <summary>Messages that were parked, and those that wait behind them.</summary>
    public long Parked { get; }

    /// <summary>Messages that came, or, where that is not known, that the flow was done with: while it catches up it is done with more.</summary>
    public long Came { get; }

    /// <summary>Messages that came a second; null if the time is not known well enough for that: what is kept of a young node begins and ends within its minutes.</summary>
    public double? PerSecond { get; }

    public static string Model(string model) => "model " + model;

    public static string Room(string model) => "room at " + Model(model);

    public static string Sink(string sink) => "sink " + sink;

    public static string Source(FlowConfig flow) => flow.From is TopicSourceConfig topic ? "topic " + topic.Topic : "source";

    private static long Arrived(IHopFigures figures, FlowConfig flow)
    {
        var published = flow.From is TopicSourceConfig topic ? figures.CountOf(k => k.Instrument == TelemetryNames.PublishedMessages && k.Of == topic.Topic && k.Outcome == "stored") : 0;
        return published > 0 ? published : Hop(figures, flow.Name, In, "delivered") + Hop(figures, flow.Name, In, "filtered") + Hop(figures, flow.Name, In, "dead") + Hop(figures, flow.Name, In, "parked");
    }

    private static long Hop(IHopFigures figures, string flow, string hop, string outcome) =>
        figures.CountOf(k => k.Instrument == TelemetryNames.HopMessages && k.Of == flow && k.Hop == hop && k.Outcome == outcome);

    /// <summary>The flow's own questions. What was kept before flows were told apart counts for all of them.</summary>
    private static LatencySketch AskedBy(IHopFigures figures, string flow, string instrument, string model)
    {
        var sum = new LatencySketch();
        sum.Add(figures.TimesOf(new FigureKey(instrument, model, flow)));
        sum.Add(figures.TimesOf(new FigureKey(instrument, model)));
        return sum;
    }

    private static HopTries Asked(IHopFigures figures, string flow, string model, IEnumerable<string> steps)
    {
        var asked = figures.Counts.Where(c => c.Key.Instrument == TelemetryNames.ModelCalls && c.Key.Of == model && (c.Key.Hop == flow || c.Key.Hop.Length == 0)).ToList();
        var refused = figures.Counts.Where(c => c.Key.Instrument is TelemetryNames.Retries or TelemetryNames.DeadLetters && c.Key.Of == flow && steps.Contains(c.Key.Hop) && Refusals.Contains(c.Key.Outcome)).ToList();
        var failed = asked.Where(c => c.Key.Outcome != "answered").Concat(refused).ToList();
        return new HopTries(Model(model), asked.Sum(c => c.Value) + refused.Sum(c => c.Value), failed.Sum(c => c.Value))
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
