using System.Net.Http.Json;
using System.Text.Json;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Sight.Alerts;

/// <summary>A real Alertmanager takes an alert, and sees it end.</summary>
public sealed class AlertmanagerTests
{
    private static readonly AlertCondition Behind = new("lag/triage/in", AlertRules.Lag, true, "triage", "in", "triage is 12m behind") { Owner = "desk" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_is_received_and_resolved()
    {
        await using var manager = await DebianServer.StartAsync(
            "prometheus-alertmanager", "route: { receiver: none }\nreceivers: [ { name: none } ]\n", folder => [$"--storage.path={folder}", "--cluster.listen-address="]);
        var http = manager.Http;
        await using var fixture = await AlertFixture.StartAsync();
        var project = fixture.Project($"team: {{ alertmanager: \"{http.BaseAddress}\" }}");

        // Behind the Alertmanager's clock by what the test moves it, so that what ends here has ended there.
        fixture.Clock.Advance(-TimeSpan.FromMinutes(3));
        await fixture.SeeAsync(project, Behind);
        var alert = Assert.Single((await AlertsAsync(http)).EnumerateArray());
        Assert.Equal(
            ("trunkline-lag", "page", "desk", "triage"),
            (Label(alert, "alertname"), Label(alert, "severity"), Label(alert, "owner"), Label(alert, "subject")));
        Assert.Equal(("triage is 12m behind", "https://wiki.example/desk"), (Annotation(alert, "summary"), Annotation(alert, "runbook_url")));
        Assert.StartsWith("http://node.example:7420/alerts#alert-", alert.GetProperty("generatorURL").GetString(), StringComparison.Ordinal);

        // It forgets what it is not told of again.
        var ends = alert.GetProperty("endsAt").GetDateTimeOffset();
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await fixture.SeeAsync(project, Behind);
        Assert.True((await AlertsAsync(http))[0].GetProperty("endsAt").GetDateTimeOffset() > ends);

        fixture.Clock.Advance(AlertDesk.Settles);
        await fixture.SeeAsync(project);
        await Eventually.HoldsAsync(async () => (await AlertsAsync(http)).GetArrayLength() == 0, "it has ended there");
    }

    private static async Task<JsonElement> AlertsAsync(HttpClient http) => await http.GetFromJsonAsync<JsonElement>("/api/v2/alerts", Cancel);

    private static string? Label(JsonElement alert, string name) => alert.GetProperty("labels").GetProperty(name).GetString();

    private static string? Annotation(JsonElement alert, string name) => alert.GetProperty("annotations").GetProperty(name).GetString();
}
