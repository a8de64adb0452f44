using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Trunkline.Core.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Tests.Configuration;
using Trunkline.Server.Traffic;
using Trunkline.Testing;

namespace Trunkline.Server.Tests.Sight.Alerts;

/// <summary>Drift and what expires are alerts, by the limits of the project and of owners.</summary>
public sealed class AlertRuleTests
{
    private static readonly MovableClock Clock = new();

    private static readonly ProjectConfig Project = Projects.Valid($$"""
        node: { auth: { ci: { token: secret, scopes: read, lastDay: "{{Clock.GetUtcNow().AddDays(10):yyyy-MM-dd}}" }, ops: { token: other, scopes: operate } } }
        owners: { desk: { limits: { drift: 2, expiring: 30d, lag: 1m } }, lab: { limits: { drift: 0 } } }
        topics: { a: { owner: desk }, b: {}, c: { owner: lab } }
        models: { reply: { kind: openai, endpoint: "https://a.example/v1", model: m, token: "{{Jwt(Clock.GetUtcNow().AddDays(20))}}", owner: desk } }
        """);

    [Fact]
    public void Drift_of_a_topic_is_one_alert_of_its_owner_from_as_many_alarms_on_as_the_owner_says()
    {
        var at = Clock.GetUtcNow();
        var found = Judge([Alarm("a", "x", at), Alarm("a", "y", at.AddMinutes(-5)), Alarm("b", "x", at), Alarm("c", "x", at), Alarm("c", "y", at)], []);
        Assert.Equal(["a desk What comes into a has changed in 2 ways", "b  What comes into b has changed"], found.Select(c => $"{c.Subject} {c.Owner} {c.Summary}"));
        Assert.Equal(at.AddMinutes(-5), found[0].Since);
        Assert.Empty(Judge([Alarm("a", "x", at)], []));
    }

    [Fact]
    public void What_expires_is_told_in_time_and_is_a_page_on_its_last_day()
    {
        var now = Clock.GetUtcNow();
        var found = Judge([], new Expiries(new PeerCertificates(), Clock).Look(Project));
        Assert.Equal(["node False Token ci of this node expires in 10d", "reply False The token of model reply expires in 19d"], found.Select(c => $"{c.Subject} {c.IsPage} {c.Summary}"));
        Assert.Equal("desk", found[1].Owner);

        Expiry Of(TimeSpan left, string? owner) => new("x", "the certificate of x", "x", owner, now + left);
        Assert.Empty(Judge([], [Of(TimeSpan.FromDays(15.5), null)]));
        Assert.Equal("The certificate of x expires in 15d", Assert.Single(Judge([], [Of(TimeSpan.FromDays(15.5), "desk")])).Summary);
        Assert.True(Assert.Single(Judge([], [Of(TimeSpan.FromHours(23), null)])).IsPage);
        Assert.Equal("The certificate of x has expired", Assert.Single(Judge([], [Of(TimeSpan.FromHours(-1), null)])).Summary);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("a.e30.c")]
    [InlineData("a.bnVsbA.c")]
    [InlineData("a.eyJleHAiOiJ4In0.c")]
    [InlineData("a.eyJleHAiOjFlMzB9.c")]
    public void A_token_that_says_nothing_of_its_end_has_none(string token) => Assert.Null(Expiries.EndOf(token));

    [Fact]
    public async Task A_certificate_that_a_call_met_is_remembered_until_it_ends()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=peer.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var end = new DateTimeOffset(2030, 5, 1, 0, 0, 0, TimeSpan.Zero);
        using var own = request.CreateSelfSigned(end.AddYears(-10), end);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, own);
        var peers = new PeerCertificates();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);

            // Whether the chain is trusted is the system's business: a certificate it refuses is not remembered, one it accepts is.
            await using var secure = new SslStream(client.GetStream(), false, (sender, certificate, _, errors) => !peers.Accepts(sender, certificate, errors) && peers.Accepts(sender, certificate, SslPolicyErrors.None));
            await secure.AuthenticateAsClientAsync("peer.example");
        }

        await serving;
        Assert.Equal(new Dictionary<string, DateTimeOffset> { ["peer.example"] = end }, peers.Ends);
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using var secure = new SslStream(client.GetStream());
        await secure.AuthenticateAsServerAsync(certificate);
    }

    private static List<AlertCondition> Judge(IReadOnlyList<DriftAlarm> drift, IReadOnlyList<Expiry> expiries)
    {
        using var figures = new HopFigures(Clock);
        return [.. AlertRules.Judge(new AlertFacts(Clock.GetUtcNow(), Project, [], [], figures) { Drift = drift, Expiries = expiries })];
    }

    private static DriftAlarm Alarm(string topic, string field, DateTimeOffset at) => new() { Topic = topic, Producer = "/p", Field = field, Kind = "type", Was = "string", Now = "number", Example = "1", At = at };

    private static string Jwt(DateTimeOffset end)
    {
        static string Part(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return $"{Part("{}")}.{Part(FormattableString.Invariant($"{{\"exp\":{end.ToUnixTimeSeconds()}}}"))}.{Part("{}")}";
    }
}
