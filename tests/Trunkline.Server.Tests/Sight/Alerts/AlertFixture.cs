using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Core.Security;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Releases;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Tests.Configuration;
using Trunkline.Server.Tests.Connectors;
using Trunkline.Testing;

namespace Trunkline.Server.Tests.Sight.Alerts;

/// <summary>A desk, its notifier and a receiver, at a clock the test moves.</summary>
internal sealed class AlertFixture : IAsyncDisposable
{
    public static readonly Uri Node = new("http://node.example:7420/");

    private readonly HttpClient _http = new(new OutgoingAddressPolicy().CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    private AlertFixture(WebhookReceiver receiver, ChangeLog changes, MemoryBroker broker, MovableClock clock) =>
        (Receiver, Changes, Broker, Clock) = (receiver, changes, broker, clock);

    public WebhookReceiver Receiver { get; }

    public ChangeLog Changes { get; }

    public MemoryBroker Broker { get; }

    public MovableClock Clock { get; }

    public AlertDesk Desk { get; private set; } = null!;

    public Notifier Notifier { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<AlertFixture> StartAsync(Func<int, int>? status = null)
    {
        var clock = new MovableClock();
        var broker = new MemoryBroker(clock);
        var receiver = await WebhookReceiver.StartAsync((context, number) =>
        {
            context.Response.StatusCode = status?.Invoke(number) ?? 200;
            return Task.CompletedTask;
        });
        var fixture = new AlertFixture(receiver, await ChangeLog.OpenAsync(broker, clock, Cancel), broker, clock);
        fixture.Restart();
        return fixture;
    }

    /// <summary>As a node that starts anew on its store.</summary>
    public void Restart()
    {
        Desk = new AlertDesk(Broker, Changes, Clock);
        Notifier = new Notifier(
            Desk,
            new AlertSenders(new FlowEnvironment
            {
                Broker = Broker,
                Time = Clock,
                Logs = NullLoggerFactory.Instance,
                Effects = new EffectPort(),
                Http = _http,
                Intakes = new HttpIntakes(),
                Jitter = () => 0,
                Pipelines = (_, _, _) => throw new InvalidOperationException("no flows here"),
            }),
            Clock,
            NullLogger.Instance);
    }

    /// <summary>A project whose alerts go to the receiver.</summary>
    /// <param name="receivers">What stands under <c>receivers</c>; URL is put in.</param>
    /// <param name="more">What stands beside it.</param>
    public ProjectConfig Project(string receivers, string more = "default: team, group: 0s") => Projects.Valid($$"""
        owners: { desk: { runbook: "https://wiki.example/desk" }, lab: { {{(receivers.Contains("duty:", StringComparison.Ordinal) ? "alerts: [duty]" : "")}} } }
        alerts: { receivers: { {{receivers.Replace("URL", Receiver.Url.AbsoluteUri, StringComparison.Ordinal)}} }, {{more}} }
        """);

    public async Task SeeAsync(ProjectConfig project, params AlertCondition[] conditions)
    {
        await Desk.SeeAsync(conditions, Cancel);
        await Notifier.TellAsync(project, Node, Cancel);
    }

    public List<JsonElement> Got() => [.. Receiver.Requests.Select(r => JsonElement.Parse(r.Body))];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Receiver.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
