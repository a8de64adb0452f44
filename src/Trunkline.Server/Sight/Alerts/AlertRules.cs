using System.Globalization;
using Trunkline.Core.Config;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Slos;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>All that alerts are judged by, read at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Project">The project in force.</param>
/// <param name="Flows">How its flows stand.</param>
/// <param name="Slos">How its SLOs stand.</param>
/// <param name="Figures">The last minutes of the node.</param>
internal sealed record AlertFacts(DateTimeOffset At, ProjectConfig Project, IReadOnlyList<FlowSnapshot> Flows, IReadOnlyList<SloReport> Slos, HopFigures Figures)
{
    /// <summary>Open alarms about drift.</summary>
    public IReadOnlyList<DriftAlarm> Drift { get; init; } = [];

    /// <summary>Why the broker appends nothing; null if it does.</summary>
    public BrokerException? Refusal { get; init; }

    /// <summary>Certificates and tokens that end.</summary>
    public IReadOnlyList<Expiry> Expiries { get; init; } = [];

    /// <summary>When the oldest message waiting in each outbox was appended, by flow and sink.</summary>
    public IReadOnlyDictionary<(string Flow, string Sink), DateTimeOffset?> OldestOutbox { get; init; } = new Dictionary<(string, string), DateTimeOffset?>();
}

/// <summary>Says what is wrong.</summary>
internal static class AlertRules
{
    public const string Slo = "slo";
    public const string Lag = "lag";
    public const string DeadLetters = "dead-letters";
    public const string ParkedKeys = "parked-keys";
    public const string Breaker = "breaker";
    public const string Stopped = "stopped";
    public const string Budget = "budget";
    public const string Drift = "drift";
    public const string Expiring = "expiring";
    public const string Store = "store";

    /// <summary>The rules there are.</summary>
    public static readonly IReadOnlyList<string> All = [Slo, Lag, DeadLetters, ParkedKeys, Breaker, Stopped, Budget, Drift, Expiring, Store];

    /// <summary>Those whose subject is a flow.</summary>
    public static readonly IReadOnlyList<string> OfFlows = [Slo, Lag, DeadLetters, ParkedKeys, Breaker, Stopped];

    private const string In = "in";

    // When it is no longer for office hours.
    private static readonly TimeSpan ExpiringPage = TimeSpan.FromDays(1);

    // What is being worked on counts as waiting, and the node looks every few seconds: below this every hiccup would be an alert. A broken promise is one anyway.
    private static readonly TimeSpan LagLeast = TimeSpan.FromSeconds(10);

    /// <summary>Everything that is wrong.</summary>
    public static IReadOnlyList<AlertCondition> Judge(AlertFacts facts) =>
    [
        .. facts.Refusal is { } refusal ? [Refused(refusal)] : Array.Empty<AlertCondition>(),
        .. facts.Slos.Select(Promise).OfType<AlertCondition>(),
        .. facts.Flows.Where(f => facts.Project.Flows.ContainsKey(f.Name)).SelectMany(f => Flow(facts, facts.Project.Flows[f.Name], f)),
        .. facts.Project.Models.Values.Select(m => OverBudget(facts, m)).OfType<AlertCondition>(),
        .. facts.Drift.GroupBy(a => a.Topic, StringComparer.Ordinal).Select(g => Drifted(facts.Project, g.Key, [.. g])).OfType<AlertCondition>(),
        .. facts.Expiries.Select(e => Ending(facts, e)).OfType<AlertCondition>(),
    ];

    private static AlertCondition Refused(BrokerException refusal) =>
        new($"{Store}//", Store, true, "node", In, refusal.Code == BrokerErrorCode.DiskFull ? "The node takes no messages: its disk is nearly full" : "The node takes no messages: its store has failed") { Detail = refusal.Message };

    private static AlertCondition? Promise(SloReport slo)
    {
        var fires = slo.Burns.Where(b => b.Fires).ToList();
        var of = slo.Tenant is null ? slo.Objective.Name : $"{slo.Objective.Name} of {slo.Tenant}";
        var summary = slo.Verdict switch
        {
            SloVerdict.Burning => string.Create(CultureInfo.InvariantCulture, $"{of} burns its error budget {fires[0].Long:0.#} times too fast, over {DurationText.Format(fires[0].Rule.Long)}"),
            SloVerdict.Spent => $"{of} has used up its error budget",
            SloVerdict.Quiet => $"{slo.Flow.Name} has finished no message for longer than {DurationText.Format(slo.Flow.Slo!.QuietMax!.Value)}",
            _ => null,
        };
        return summary is null ? null : new AlertCondition($"{Slo}/{slo.Objective.Name}/{slo.Tenant}", Slo, fires.Any(b => b.Rule.IsPage), slo.Flow.Name, WorstHop(slo), summary)
        {
            Owner = slo.Flow.Owner,
            Since = slo.Verdict == SloVerdict.Quiet ? slo.LastAt : slo.BadSince,
            Detail = string.Create(
                CultureInfo.InvariantCulture,
                $"{slo.Bad / Unit(slo):0.#} of {slo.Due / Unit(slo):0} {(slo.Objective.Slices is null ? "messages" : "slices of time")} were not good; {slo.Objective.Target * 100:0.###} % are promised over {DurationText.Format(slo.Objective.Window)}. {BudgetLeft(slo)}"),
        };
    }

    private static double Unit(SloReport slo) => slo.Objective.Slices is null ? 1 : SloSlicer.Scale;

    private static string BudgetLeft(SloReport slo) => slo.Spent > 1
        ? string.Create(CultureInfo.InvariantCulture, $"No budget is left: it was spent {slo.Spent:0.#} times.")
        : string.Create(CultureInfo.InvariantCulture, $"Budget left: {(1 - (slo.Spent ?? 0)) * 100:0.#} %.");

    private static string WorstHop(SloReport slo) => slo.BadByHop().Select(h => h.Hop).FirstOrDefault() ?? In;

    private static IEnumerable<AlertCondition> Flow(AlertFacts facts, FlowConfig config, FlowSnapshot flow)
    {
        AlertCondition Of(string rule, bool isPage, string hop, string summary, DateTimeOffset? since, string detail = "") =>
            new($"{rule}/{flow.Name}/{hop}", rule, isPage, flow.Name, hop, summary) { Owner = config.Owner, Since = since, Detail = detail };

        var rules = Rules(facts.Project, config.Owner);
        var lagMax = config.Slo?.Within is { } within && within < rules.Lag ? Longer(within, LagLeast) : rules.Lag;
        if (flow.Lag > 0 && facts.At - flow.OldestAppendedAt > lagMax)
        {
            yield return Of(Lag, true, In, $"{flow.Name} is {Age(facts.At - flow.OldestAppendedAt!.Value)} behind", flow.OldestAppendedAt + lagMax, $"{flow.Lag} messages wait; the oldest may be {DurationText.Format(lagMax)} old.");
        }

        if (rules.DeadLetters > 0 && facts.Figures.CountOf(k => k.Instrument == TelemetryNames.DeadLetters && k.Of == flow.Name) is var dead && dead >= rules.DeadLetters)
        {
            yield return Of(DeadLetters, false, In, $"{flow.Name} made {CountText.Of(dead, "dead letter")} in five minutes", null, "See them with trunkline dead, or on the page /dead.");
        }

        if (rules.ParkedKeys > 0 && flow.ParkedKeys >= rules.ParkedKeys)
        {
            yield return Of(ParkedKeys, false, In, $"{flow.ParkedKeys} keys of {flow.Name} are parked", null, "Later messages of these keys wait until one is redriven, dropped or released.");
        }

        if (flow.State is FlowState.Failed or FlowState.PartlyStopped)
        {
            yield return Of(Stopped, true, In, $"{flow.Name} has stopped", null, flow.Reason ?? "The failure policy stopped partitions.");
        }

        foreach (var sink in flow.Sinks)
        {
            if (sink.Breaker?.Since is { } since && facts.At - since > rules.Breaker)
            {
                yield return Of(Breaker, true, sink.Name, $"{sink.Name} of {flow.Name} is paused after failures", since, $"{sink.Lag} messages wait. {sink.Breaker.Reason}");
            }
            else if (sink.State == FlowState.Failed)
            {
                yield return Of(Stopped, true, sink.Name, $"{sink.Name} of {flow.Name} has stopped", null, sink.Reason ?? "");
            }
            else if (sink.Lag > 0 && facts.OldestOutbox.GetValueOrDefault((flow.Name, sink.Name)) is { } oldest && facts.At - oldest > lagMax)
            {
                yield return Of(Lag, true, sink.Name, $"{sink.Name} of {flow.Name} is {Age(facts.At - oldest)} behind", oldest + lagMax, $"{sink.Lag} messages wait; the oldest may be {DurationText.Format(lagMax)} old.");
            }
        }
    }

    private static AlertCondition? OverBudget(AlertFacts facts, ModelConfig model)
    {
        var least = Rules(facts.Project, model.Owner).OverBudget;
        var refused = least == 0 ? 0 : facts.Figures.CountOf(k => k.Instrument == TelemetryNames.ModelOverBudget && k.Of == model.Name);
        return refused < Math.Max(1, least) ? null : new AlertCondition(
            $"{Budget}/{model.Name}/", Budget, false, model.Name, model.Name, $"A budget of model {model.Name} is used up: {refused} questions found no room in five minutes")
        {
            Owner = model.Owner,
            Detail = "They wait for the next window, are rerouted, or fail, as the flow says.",
        };
    }

    private static AlertCondition? Drifted(ProjectConfig project, string topic, List<DriftAlarm> alarms)
    {
        var owner = project.Topics.GetValueOrDefault(topic)?.Owner;
        if (Rules(project, owner).Drift is not (> 0 and var least) || alarms.Count < least)
        {
            return null;
        }

        var latest = alarms.MaxBy(a => a.At)!;
        return new AlertCondition($"{Drift}/{topic}/", Drift, false, topic, In, alarms.Count == 1 ? $"What comes into {topic} has changed" : $"What comes into {topic} has changed in {alarms.Count} ways")
        {
            Owner = owner,
            Since = alarms.Min(a => a.At),
            Detail = $"Field {latest.Field} of {latest.Producer}: {latest.Kind}, was {latest.Was}, is {latest.Now}. See trunkline drift {topic}; with --learn it is what is usual.",
        };
    }

    private static AlertCondition? Ending(AlertFacts facts, Expiry expiry)
    {
        var left = expiry.At - facts.At;
        var notice = Rules(facts.Project, expiry.Owner).Expiring;
        return notice == TimeSpan.Zero || left > notice ? null : new AlertCondition(
            $"{Expiring}/{expiry.Key}", Expiring, left <= ExpiringPage, expiry.Subject, In, left <= TimeSpan.Zero ? $"{Upper(expiry.What)} has expired" : $"{Upper(expiry.What)} expires in {Left(left)}")
        {
            Owner = expiry.Owner,
            Detail = string.Create(CultureInfo.InvariantCulture, $"It ends at {expiry.At.UtcDateTime:yyyy-MM-dd HH:mm'Z'}. Put a new one in its place."),
        };
    }

    private static AlertConfig Rules(ProjectConfig project, string? owner) => project.Alerts.For(owner is null ? null : project.Owners.GetValueOrDefault(owner));

    private static string Upper(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Left(TimeSpan left) => left.TotalDays >= 1 ? DurationText.Format(TimeSpan.FromDays(Math.Floor(left.TotalDays))) : DurationText.Format(TimeSpan.FromHours(Math.Max(1, Math.Floor(left.TotalHours))));

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static string Age(TimeSpan age) => DurationText.Format(age.TotalMinutes < 2 ? TimeSpan.FromSeconds(Math.Floor(age.TotalSeconds)) : TimeSpan.FromMinutes(Math.Floor(age.TotalMinutes)));
}
