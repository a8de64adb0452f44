namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>Incidents that were written when all of <see cref="Incidents"/> were understood: how those are judged that nobody had in mind.</summary>
internal static class FurtherIncidents
{
    private const double Whole = IncidentWorld.Whole;

    public static IReadOnlyList<Incident> All { get; } =
    [
        new("a tenant that was slow is far slower", ["model reply slower, tenant t3"], w => (w.Comes, w.Reply) = (m => m.Tenant = m.Chance < 0.1 ? "t3" : m.Tenant == "t3" ? "t4" : m.Tenant, m => m.Tenant == "t3" ? m.At > Whole ? 6 : 0.8 : 0.2)),
        new("two tenants are slow", ["model reply slower", "model reply slower, tenant t3", "model reply slower, tenant t4"], w => (w.Comes, w.Reply) = (m => m.Tenant = m.Chance < 0.07 ? "t3" : m.Chance > 0.93 ? "t4" : m.Tenant is "t3" or "t4" ? "t5" : m.Tenant, m => m.Tenant is "t3" or "t4" && m.At > Whole ? 3 : 0.2)),
        new("the questions of one key are slow", ["model reply slower, key k7"], w => (w.Comes, w.Reply) = (m => m.Key = m.Chance < 0.06 ? "k7" : m.Key, m => m.Key == "k7" && m.At > Whole ? 3 : 0.2)),
        new("nothing: tenants come in another language", [], w => w.Comes = m => m.Language = m.At > Whole && m.Chance < 0.5 ? "pt" : m.Language),
        new("nothing: a few fail, as ever", [], w => w.ReplyFault = (m, n) => (m.Chance * 11 * n) % 1 < 0.03 ? "timeout" : null),
        new("more fail than ever, of all", ["model reply failing"], w => w.ReplyFault = (m, n) => (m.Chance * 11 * n) % 1 < (m.At > Whole ? 0.12 : 0.02) ? "timeout" : null),
        new("the broker is slow since a moment", ["commit slower"], w => w.Commit = m => m.At > -55 ? 0.5 : 0.003),
        new("a sink is slow since a moment", ["sink webhook-1 slower"], w => w.Hook = m => m.At > -55 ? 0.9 : 0.05),
        new("a revision beside another fails", ["steps failing, revision 8"], w => (w.Comes, w.StepFault) = (m => m.Revision = m.At > Whole && m.Chance < 0.1 ? "8" : "7", (m, _) => m.Revision == "8" ? "step.expression-failed" : null)),
        new("the first model is slow", ["model spam slower"], w => w.Spam = m => m.At > Whole ? 0.3 : 0.004),
        new("a few more come, and a model is three times as slow", ["model reply slower"], w => (w.Rate, w.Reply) = (t => t > Whole ? 5 : 4, m => m.At > Whole ? 0.6 : 0.2)),
        new("nothing: twice as many come since a moment, and nobody waits", [], w => w.Rate = t => t > -60 ? 8 : 4),
        new("large messages of a tenant take steps long", ["steps slower, tenant t3", "steps slower, size 256 to 1024 KiB"], w => (w.Comes, w.Own) = (m => (m.Tenant, m.Size) = m.At > Whole && m.Chance < 0.08 ? ("t3", "256 to 1024 KiB") : (m.Tenant, m.Size), m => m.Size == "256 to 1024 KiB" && m.At > Whole ? 2 : 0.005)),
        new("a sink refuses a tenant", ["sink webhook-1 failing, tenant t3"], w => (w.Comes, w.HookFault) = (m => m.Tenant = m.Chance < 0.1 ? "t3" : m.Tenant == "t3" ? "t4" : m.Tenant, (m, _) => m.Tenant == "t3" && m.At > Whole ? "sink.status" : null)),
        new("nothing: large messages, as ever", [], w => (w.Comes, w.Own) = (m => m.Size = m.Chance < 0.1 ? "256 to 1024 KiB" : m.Size, m => m.Size == "256 to 1024 KiB" ? 1 : 0.005)),
    ];
}
