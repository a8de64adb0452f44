using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests.Browser;

/// <summary>
/// A node from the published folder with live data, and one browser that makes all journeys over it, once for all tests. Screenshots are kept under
/// <c>artifacts/screenshots</c>.
/// </summary>
public sealed class BrowserJourneys : IAsyncLifetime
{
    private const string Token = "token-of-an-operator-0123456789";
    private const string Failed = "order-17";
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const int HostileOrder = 47;
    private const int LongOrder = 57;
    private const int LongName = 500;
    private const string Hostile = "<img src=x onerror=alert(1)>\u202etxt.exe \U0001F600";

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string?> _came = [];
    private DateTimeOffset _before;

    /// <summary>Why there were no journeys; null if there were.</summary>
    public string? Missing { get; private set; }

    /// <summary>What became of each journey by name: null if it went well, or why not.</summary>
    public IReadOnlyDictionary<string, string?> Came => _came;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if ((Missing = await BrowserParts.MissingAsync()) is not null)
        {
            return;
        }

        _folder.Write("trunkline.yaml", Project(""));

        // Stopped between, so that figures of a time before are kept without waiting for a minute to end.
        await using (var before = await StartAsync())
        {
            await PublishAsync(before, 0, 40);
            _before = TimeProvider.System.GetUtcNow();
            await before.StopAsync(Cancel);
        }

        _folder.Write("trunkline.yaml", Project(", late: { kind: lexicon }"));

        await using var node = await StartAsync();
        await PublishAsync(node, 40, 80);
        await TellAsync(node);
        await RunAsync(node);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Project(string more) => $$"""
            node: { auth: { operator: { token: {{Token}}, scopes: [admin] } } }
            owners: { desk: { email: desk@example.com }, care: { email: care@example.com } }
            topics: { in: { partitions: 1, owner: desk, subject: orders }, sorted: { partitions: 1, owner: care }, out: { partitions: 1 } }
            models: { mood: { kind: lexicon }{{more}} }
            flows:
              sort:
                from: { topic: in }
                steps: [ { infer: { model: mood, input: message.text, output: mood } } ]
                to: { topic: sorted }
                owner: desk
              answer:
                from: { topic: sorted }
                steps: [ { map: "({ text: message.text, amount: message.order.amount })" } ]
                to: { topic: out }
                retry: { attempts: 1 }
                owner: care
                slo: { within: 5s, success: 95% }
            promises: { care-to-desk: { slo: answer.success, to: desk } }
            """;

    private Task<NodeProcess> StartAsync() =>
        NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path, Executable = BrowserParts.Executable }, Cancel);

    /// <summary>Publishes orders, of which every tenth lacks what a flow needs, and waits until all have an outcome and the failed ones an alert.</summary>
    private static async Task PublishAsync(NodeProcess node, int from, int until)
    {
        using var client = new TrunklineClient(node.Url, Token, Bound);
        for (var n = from; n < until; n++)
        {
            var id = n == HostileOrder ? Hostile : n == LongOrder ? new string('x', LongName) : $"order-{n}";
            var body = n % 10 == 7 ? $$"""{"text":"Terrible, nothing works {{n}}"}""" : $$$"""{"text":"Lovely, thank you {{{n}}}","order":{"amount":{{{n}}}}}""";
            var message = JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["specversion"] = "1.0",
                ["id"] = id,
                ["source"] = "shop",
                ["type"] = "order",
                ["partitionkey"] = n == HostileOrder ? Hostile : n == LongOrder ? new string('y', LongName) : $"customer-{n % 7}",
                ["tenant"] = n == HostileOrder ? Hostile : "acme",
                ["data"] = JsonSerializer.Deserialize<JsonElement>(body),
            });
            await client.PublishAsync("in", new PublishContent { Body = Encoding.UTF8.GetBytes(message), ContentType = "application/cloudevents+json" }, Cancel);
        }

        var failed = until / 10;
        await HoldsAsync(async () => (await client.ListDeadLettersAsync("answer", 1, Cancel)).Total == failed, "every order without an amount is a dead letter");
        await HoldsAsync(async () => (await client.Alerts.ListAsync(10, Cancel)).Alerts.Any(a => a.Rule == "dead-letters"), "there is an alert");
    }

    /// <summary>What others tell a node: facts of messages, a schema, and traces of a service with a harmful name.</summary>
    private static async Task TellAsync(NodeProcess node)
    {
        using var client = new TrunklineClient(node.Url, Token, Bound);
        await client.TellOutcomesAsync([new OutcomeFactView { Fact = "rated", Id = "order-41", Value = 4 }, new OutcomeFactView { Fact = "bounced", Id = Hostile, Label = "<b>no such user</b>" }], Cancel);
        using var http = new HttpClient { BaseAddress = node.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        await PostAsync("/registry/subjects/orders/versions", new { schemaType = "JSON", schema = """{"type":"object","properties":{"text":{"type":"string"}}}""" });
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        var span = new { traceId = Trace, spanId = "b7ad6b7169203331", name = Hostile, kind = 2, startTimeUnixNano = $"{now}", endTimeUnixNano = $"{now + 20_000_000}", status = new { code = 2 } };
        var service = new { attributes = new[] { new { key = "service.name", value = new { stringValue = Hostile } } } };
        await PostAsync("/v1/traces", new { resourceSpans = new[] { new { resource = service, scopeSpans = new[] { new { spans = new[] { span } } } } } });
        await HoldsAsync(async () => (await client.Traces.ListAsync(new TraceQuery { Failed = true }, Cancel)).Traces.Any(t => t.Trace == Trace), "the trace of the service is kept");

        async Task PostAsync(string address, object body)
        {
            using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(address, content, Cancel);
            Assert.True(answer.IsSuccessStatusCode, $"{address}: {await answer.Content.ReadAsStringAsync(Cancel)}");
        }
    }

    private async Task RunAsync(NodeProcess node)
    {
        var settings = JsonSerializer.Serialize(new
        {
            url = node.Url.GetLeftPart(UriPartial.Authority),
            token = Token,
            chromium = BrowserParts.Chromium,
            screenshots = BrowserParts.Screenshots,
            failed = Failed,
            hostile = Hostile,
            trace = Trace,
            missing = BrowserTests.Missing,
            before = _before.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture),
            pages = BrowserTests.Addresses,
        });
        await BrowserParts.RunAsync("journeys.mjs", settings, _came, Cancel);
    }

    private static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Bound, $"not within {Bound.TotalMinutes} minutes: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
    }
}
