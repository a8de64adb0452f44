using Trunkline.Core.Telemetry;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>What happens, and who is to be named.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Causes">The true causes, as <see cref="IncidentTests"/> tells a suspect: <c>model reply slower</c>, and which messages; none if nobody is to be named.</param>
/// <param name="Happens">Lets it happen.</param>
internal sealed record Incident(string Name, string[] Causes, Action<IncidentWorld> Happens)
{
    /// <summary>Consequences that may be named after the causes.</summary>
    public string[] Follow { get; init; } = [];
}

/// <summary>Incidents of all sorts.</summary>
internal static class Incidents
{
    private const double Whole = IncidentWorld.Whole;

    public static IReadOnlyList<Incident> All { get; } =
    [
        new("a model is slow", ["model reply slower"], w => w.Reply = m => m.At > Whole ? 1 : 0.2),
        new("a model is slow since a moment", ["model reply slower"], w => w.Reply = m => m.At > -50 ? 1.5 : 0.2),
        new("a model fails for one tenant", ["model reply failing, tenant t3"], w => w.ReplyFault = (m, _) => m.At > Whole && m.Tenant == "t3" ? "refused" : null),
        new("a revision is slow", ["steps slower"], w => (w.Comes, w.Own) = (m => m.Revision = m.At > -250 ? "8" : "7", m => m.Revision == "8" ? 0.3 : 0.005)),
        new("a producer changes its schema", ["steps failing, schema 12"], w => (w.Comes, w.StepFault) = (m => m.Schema = m.At > -280 && m.Source == "imap-2" ? "12" : "11", (m, _) => m.Schema == "12" && m.Chance < 0.9 ? "step.expression-failed" : null)),
        new("a provider limits the rate", ["model reply failing"], w => w.ReplyFault = (m, n) => m.At > Whole && (m.Chance * 7 * n) % 1 < 0.4 ? "rate-limited" : null),
        new("a key is hot", ["load load, key k7", "topic in waiting, key k7"], w => (w.Rate, w.Comes) = (t => t > Whole ? 9 : 4, m => m.Key = m.At > Whole && m.Chance < 0.55 ? "k7" : m.Key)),
        new("a poison message is parked with its key", ["steps stopped"], w => (w.Snapshot, w.Beside) = (Standing(FlowState.Running) with { ParkedKeys = 1 }, f => f.Count(-100, TelemetryNames.HopMessages, "triage", "in", "parked", 40))),
        new("the broker is slow", ["commit slower"], w => w.Commit = m => m.At > Whole ? 0.25 : 0.003),
        new("a wave of large messages", ["steps slower, size 256 to 1024 KiB"], w => (w.Comes, w.Own) = (m => m.Size = m.At > Whole && m.Chance < 0.4 ? "256 to 1024 KiB" : m.Size, m => m.Size == "256 to 1024 KiB" ? 0.6 : 0.005)),
        new("more come than there is room for", ["load load"], w => w.Rate = t => t > Whole ? 24 : 4),
        new("a sink is slow", ["sink webhook-1 slower"], w => w.Hook = m => m.At > Whole ? 0.45 : 0.05),
        new("the name of a webhook is not found", ["sink webhook-1 failing"], w => w.HookFault = (m, _) => m.At > -200 ? "sink.unreachable" : null),
        new("nothing: the collector is away", [], w => w.Beside = f => f.Count(-100, TelemetryNames.BufferedExports, "", "", "kept", 300)),
        new("the disk is full", ["commit stopped"], w => (w.Rate, w.Snapshot) = (t => t > -200 ? 0.05 : 4, Standing(FlowState.Running) with { Reason = "commits wait: the disk is full" })),
        new("a model is slow, and a sink fails", ["model reply slower", "sink webhook-1 failing"], w => (w.Reply, w.HookFault) = (m => m.At > Whole ? 0.9 : 0.2, (m, _) => m.At > -250 && m.Chance < 0.3 ? "sink.refused" : null)),
        new("nothing: noise", [], w => (w.Reply, w.Hook) = (m => m.Chance < 0.5 ? 0.25 : 0.2, m => m.Chance > 0.5 ? 0.06 : 0.05)),
        new("nothing: more come, as every day", [], w => w.Rate = t => 4 + (3 * (t - IncidentWorld.Begin) / -IncidentWorld.Begin)),
        new("nothing: one message is slow", [], w => w.Reply = m => m.Offset == 4500 ? 60 : 0.2),
        new("a storm of retries", ["sink webhook-1 failing"], w => w.HookFault = (m, n) => m.At > Whole && (m.Chance * 5 * n) % 1 < 0.6 ? "sink.status" : null),
        new("a breaker opens", ["sink webhook-1 stopped"], w => (w.HookFault, w.Snapshot) = ((m, _) => m.At > -120 ? "sink.status" : null, Standing(FlowState.Running, paused: true))) { Follow = ["sink webhook-1 failing"] },
        new("a budget is used up", ["model reply failing"], w => w.ReplyFault = (m, _) => m.At > -200 && m.Chance < 0.7 ? "step.model-busy" : null),
        new("a budget is used up, and messages wait for it", ["room at model reply waiting"], w => (w.Room, w.Beside) = (m => m.At > -200 ? 0.6 : 0.001, f => f.Count(-100, TelemetryNames.ModelOverBudget, "reply", "triage", "", 500))),
        new("nothing: what a classifier says drifts", [], w => w.Comes = m => m.Language = m.At > Whole && m.Chance < 0.7 ? "tr" : m.Language),
        new("a version beside others is slow", ["model reply slower, version of model reply v2"], w => (w.Comes, w.Reply) = (m => m.Version = m.At > Whole && m.Chance < 0.08 ? "v2" : "v1", m => m.Version == "v2" ? 1.6 : 0.2)),
        new("a tenant is slow, and all wait behind it", ["model reply slower, tenant t3"], w => (w.Comes, w.Reply) = (m => m.Tenant = m.Chance < 0.12 ? "t3" : m.Tenant == "t3" ? "t4" : m.Tenant, m => m.Tenant == "t3" && m.At > Whole ? 6 : 0.2)),
        new("a tenant is slow since a moment", ["model reply slower, tenant t3"], w => (w.Comes, w.Reply) = (m => m.Tenant = m.Chance < 0.12 ? "t3" : m.Tenant == "t3" ? "t4" : m.Tenant, m => m.Tenant == "t3" && m.At > -55 ? 5 : 0.2)),
        new("a tenant sends far more", ["load load, tenant t4"], w => (w.Rate, w.Comes) = (t => t > Whole ? 24 : 4, m => m.Tenant = m.At > Whole && m.Chance < 0.8 ? "t4" : m.Tenant)),
        new("a tenant fails, and all wait behind its tries", ["model reply failing, tenant t5"], w => (w.Comes, w.ReplyFault, w.Reply) = (m => m.Tenant = m.Chance < 0.1 ? "t5" : m.Tenant == "t5" ? "t6" : m.Tenant, (m, _) => m.Tenant == "t5" && m.At > Whole ? "timeout" : null, m => m.Tenant == "t5" && m.At > Whole ? 4 : 0.2)) { Follow = ["model reply slower, tenant t5"] },
        new("messages of a connector cannot be read", ["steps failing, source imap-2"], w => w.StepFault = (m, _) => m.At > Whole && m.Source == "imap-2" && m.Chance < 0.6 ? "step.json-invalid" : null),
        new("another flow fills a model", ["room at model reply waiting, flow other"], w => (w.Room, w.Beside) = (m => m.At > Whole ? 0.7 : 0.001, f => Others(f, (4, 40), (0.2, 0.2), false))),
        new("nothing: questions of another flow are slow", [], w => w.Beside = f => Others(f, (10, 10), (0.2, 4), false)),
        new("nothing: questions of another flow fail", [], w => w.Beside = f => Others(f, (10, 10), (0.2, 0.2), true)),
        new("nothing: a tenant is slow, as ever", [], w => w.Reply = m => m.Tenant == "t3" ? 1.5 : 0.2),
        new("nothing: a tenant sends more, and nobody waits", [], w => w.Comes = m => m.Tenant = m.At > Whole && m.Chance < 0.4 ? "t4" : m.Tenant),
        new("a language is slow", ["model reply slower, message.language tr"], w => w.Reply = m => m.Language == "tr" && m.At > Whole ? 1.4 : 0.2),
        new("what a schema brings is slow to work on", ["steps slower, schema 12"], w => (w.Comes, w.Own) = (m => m.Schema = m.At > Whole && m.Chance < 0.2 ? "12" : "11", m => m.Schema == "12" ? 0.7 : 0.005)),
        new("a sink is slow for a channel", ["sink webhook-1 slower, message.channel voice"], w => w.Hook = m => m.Channel == "voice" && m.At > Whole ? 0.8 : 0.05),
        new("nothing: few came, and some were slow", [], w => (w.Rate, w.Reply) = (t => t > Whole ? 0.03 : 4, m => m.At > Whole && m.Chance < 0.5 ? 2 : 0.2)),
        new("a tenant is slow, and the broker too", ["model reply slower, tenant t3", "commit slower"], w => (w.Comes, w.Reply, w.Commit) = (m => m.Tenant = m.Chance < 0.12 ? "t3" : m.Tenant == "t3" ? "t4" : m.Tenant, m => m.Tenant == "t3" && m.At > Whole ? 4 : 0.2, m => m.At > Whole ? 0.4 : 0.003)),
        new("questions run into their time-out", ["model reply failing"], w => (w.Reply, w.ReplyFault) = (m => m.At > -200 && m.Chance < 0.3 ? 2 : 0.2, (m, _) => m.At > -200 && m.Chance < 0.3 ? "timeout" : null)) { Follow = ["model reply slower"] },
        new("nothing: a burst, as every five minutes", [], w => w.Rate = t => t % 300 is > -300 and < -290 ? 60 : 4),
        new("nothing: night falls", [], w => w.Rate = t => t > Whole ? 0.6 : 4),
        new("nothing: a model is quicker", [], w => w.Reply = m => m.At > Whole ? 0.05 : 0.2),
        new("a model is out, and few ask it", ["model reply failing"], w => (w.Rate, w.ReplyFault) = (t => t > Whole ? 0.04 : 4, (m, _) => m.At > Whole ? "unavailable" : null)),
        new("a tenant and a large load at once", ["load load", "model reply failing, tenant t3"], w => (w.Rate, w.ReplyFault) = (t => t > Whole ? 24 : 4, (m, _) => m.At > Whole && m.Tenant == "t3" ? "refused" : null)),
    ];

    /// <summary>Questions of another flow: so many a second, that take so long, before and now; failing now or not.</summary>
    private static void Others(IncidentFigures figures, (double Before, double Now) rate, (double Before, double Now) takes, bool fails)
    {
        for (var at = IncidentWorld.Begin; at < 0; at += 1 / (at > Whole ? rate.Now : rate.Before))
        {
            figures.Called(at, "reply", fails && at > Whole ? "unavailable" : null, at > Whole ? takes.Now : takes.Before, "other");
        }
    }

    private static FlowSnapshot Standing(FlowState state, bool paused = false) => SuspectsTests.Snapshot(state, paused);
}
