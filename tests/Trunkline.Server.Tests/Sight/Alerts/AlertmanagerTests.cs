using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Sight.Alerts;

/// <summary>A real Alertmanager takes an alert, and sees it end.</summary>
public sealed class AlertmanagerTests
{
    private const string Program = "/usr/bin/prometheus-alertmanager";

    private static readonly AlertCondition Behind = new("lag/triage/in", AlertRules.Lag, true, "triage", "in", "triage is 12m behind") { Owner = "desk" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_is_received_and_resolved()
    {
        Assert.SkipUnless(File.Exists(Program), "prometheus-alertmanager is not installed (./dev setup)");
        var folder = Directory.CreateTempSubdirectory("trunkline-alertmanager-");
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.yml"), "route: { receiver: none }\nreceivers: [ { name: none } ]\n", Cancel);
        using var manager = Process.Start(new ProcessStartInfo(Program,
        [
            $"--config.file={Path.Combine(folder.FullName, "a.yml")}", $"--storage.path={folder.FullName}", "--cluster.listen-address=", string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"),
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _ = manager.StandardError.ReadToEndAsync(Cancel);
        _ = manager.StandardOutput.ReadToEndAsync(Cancel);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
            await Eventually.HoldsAsync(async () => await IsReadyAsync(http), "Alertmanager is ready");
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
        finally
        {
            manager.Kill(entireProcessTree: true);
            await manager.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private static async Task<JsonElement> AlertsAsync(HttpClient http) => await http.GetFromJsonAsync<JsonElement>("/api/v2/alerts", Cancel);

    private static string? Label(JsonElement alert, string name) => alert.GetProperty("labels").GetProperty(name).GetString();

    private static string? Annotation(JsonElement alert, string name) => alert.GetProperty("annotations").GetProperty(name).GetString();

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            return (await http.GetAsync("/-/ready", Cancel)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
