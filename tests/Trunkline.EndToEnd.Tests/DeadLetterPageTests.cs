using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Client;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>The pages on dead letters as a browser without script uses them: links, forms, redirects.</summary>
public sealed class DeadLetterPageTests : IDisposable
{
    private const string Operator = "token-of-an-operator-0123456789";
    private const string Reader = "token-of-a-reader-0123456789";
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_edited_on_the_page_runs_and_what_fits_is_redriven_or_dropped_and_each_is_a_change()
    {
        await using var stand = await Stand.StartAsync(_folder, "");
        foreach (var n in Enumerable.Range(1, 4))
        {
            await stand.PublishAsync($$"""{"text":"first\nsecond {{n}}"}""");
        }

        await stand.HoldsAsync(async () => (await stand.Client.ListDeadLettersAsync("price", 10, Cancel)).Total == 4, "there are dead letters");
        var letter = (await stand.Client.ListDeadLettersAsync("price", 10, Cancel)).DeadLetters[0];
        var place = FormattableString.Invariant($"/dead/price/{letter.Event.Partition}/{letter.Event.Offset}");

        var list = await stand.GetAsync("/dead?flow=price");
        Assert.Contains($"href=\"{place}\"", list, StringComparison.Ordinal);
        Assert.Contains("trunkline dead redrive price --all --rate N", list, StringComparison.Ordinal);
        Assert.Contains("step.expression-failed", await stand.GetAsync("/dead?cause=step.expression-failed&since=1h"), StringComparison.Ordinal);
        Assert.Contains("No open dead letter fits", await stand.GetAsync("/dead?tenant=nobody"), StringComparison.Ordinal);
        Assert.Contains("first\\nsecond", WebUtility.HtmlDecode(await stand.GetAsync(place)), StringComparison.Ordinal);

        var edited = await stand.SendAsync(place + "/redrive", ("payload", "{\r\n\"price\":{\"amount\":7}}"), ("lines", "lf"));
        Assert.Equal((HttpStatusCode.Found, place + "?did=redriven"), (edited.Status, edited.Location));
        Assert.Contains("went through the flow", await stand.GetAsync(edited.Location!), StringComparison.Ordinal);
        Assert.Equal("{\"amount\":7}", (await stand.OutAsync()).Single());
        var kept = await stand.Client.DeadLetters.ShowAsync("price", letter.Event.Partition, letter.Event.Offset, withPayload: true, Cancel);
        Assert.Equal(("edited", letter.Event.Id), (kept.Deed, kept.Event.Id));
        Assert.Contains("first", kept.Event.Data!.Value.GetProperty("text").GetString(), StringComparison.Ordinal);

        var refused = await stand.SendAsync("/dead/price/drop", ("until", TimeProvider.System.GetUtcNow().ToString("O")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("tick the box", refused.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await stand.SendAsync("/dead/price/redrives", ("rate", "many"), ("until", TimeProvider.System.GetUtcNow().ToString("O")))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await stand.SendAsync("/dead/price/redrives", ("rate", "5"))).Status);

        var seen = TimeProvider.System.GetUtcNow().ToString("O");
        Assert.Equal("/dead?did=begun", (await stand.SendAsync("/dead/price/redrives", ("rate", "100"), ("until", seen))).Location);
        await stand.HoldsAsync(async () => (await stand.Client.DeadLetters.ListRedrivesAsync(Cancel)).Redrives.Single() is { State: "done", FailedAgain: 3 }, "all failed again");

        // What failed after the page was read is not dropped with what it showed.
        Assert.Equal("/dead?did=dropped", (await stand.SendAsync("/dead/price/drop", ("sure", "yes"), ("until", seen))).Location);
        Assert.Equal(3, (await stand.Client.ListDeadLettersAsync("price", 10, Cancel)).Total);
        Assert.Equal("/dead?did=dropped", (await stand.SendAsync("/dead/price/drop", ("sure", "yes"), ("until", TimeProvider.System.GetUtcNow().ToString("O")))).Location);
        Assert.Equal(0, (await stand.Client.ListDeadLettersAsync("price", 10, Cancel)).Total);

        var changes = string.Join(' ', (await stand.Client.ListChangesAsync(50, Cancel)).Changes.Select(change => JsonSerializer.Serialize(change)));
        Assert.All(["redrive", "drop"], what => Assert.Contains(what, changes, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_site_can_send_no_form_and_a_token_that_may_only_read_sees_no_payload_and_does_nothing()
    {
        await using var stand = await Stand.StartAsync(_folder, $$"""node: { auth: { operator: { token: {{Operator}}, scopes: [read, publish, operate] }, reader: { token: {{Reader}}, scopes: read } } }""");
        stand.Token = Operator;
        await stand.PublishAsync("""{"text":"hidden-4711"}""");
        await stand.HoldsAsync(async () => (await stand.GetAsync("/dead")).Contains("price 0/0", StringComparison.Ordinal), "there is a dead letter");

        Assert.Equal(HttpStatusCode.Forbidden, (await stand.SendAsync("/dead/price/0/0/drop", "http://evil.example", ("sure", "yes"))).Status);
        Assert.Contains("hidden-4711", await stand.GetAsync("/dead/price/0/0"), StringComparison.Ordinal);

        stand.Token = Reader;
        var masked = await stand.GetAsync("/dead/price/0/0");
        Assert.Contains("Masked", masked, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-4711", masked, StringComparison.Ordinal);
        var refused = await stand.SendAsync("/dead/price/0/0/drop", ("sure", "yes"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("lacks scope operate", refused.Body, StringComparison.Ordinal);

        stand.Token = Operator;
        Assert.Equal("/dead/price/0/0?did=dropped", (await stand.SendAsync("/dead/price/0/0/drop", ("sure", "yes"))).Location);
        stand.Token = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await stand.SendAsync("/dead/price/0/0/drop", ("sure", "yes"))).Status);
    }

    [Fact]
    public async Task A_parked_key_is_listed_and_released_without_its_failed_message()
    {
        await using var stand = await Stand.StartAsync(_folder, "", "onFailure: park-key");
        await stand.PublishAsync("""{"text":"no price"}""", "k <1>");
        await stand.PublishAsync("""{"price":{"amount":2}}""", "k <1>");
        await stand.HoldsAsync(async () => (await stand.GetAsync("/dead")).Contains(": 2 messages", StringComparison.Ordinal), "the key is parked with both");
        var page = await stand.GetAsync("/dead?flow=price");
        Assert.Contains("trunkline parked release price 'k &lt;1&gt;'", page.Replace("&#x27;", "'", StringComparison.Ordinal), StringComparison.Ordinal);

        var key = Convert.ToBase64String("k <1>"u8);
        Assert.Contains("stay parked", (await stand.SendAsync("/dead/parked", ("flow", "price"), ("key", key), ("how", "release"))).Body, StringComparison.Ordinal);
        Assert.Equal("/dead?did=released", (await stand.SendAsync("/dead/parked", ("flow", "price"), ("key", key), ("how", "skip"))).Location);
        Assert.Equal("{\"amount\":2}", (await stand.OutAsync()).Single());
    }

    /// <summary>A node whose flow <c>price</c> needs a price, and a browser without script.</summary>
    private sealed class Stand : IAsyncDisposable
    {
        private readonly NodeProcess _node;
        private readonly HttpClient _http;

        private Stand(NodeProcess node)
        {
            _node = node;
            _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = node.Url, Timeout = Bound };
            Client = new TrunklineClient(node.Url, null, Bound);
        }

        public TrunklineClient Client { get; }

        public string? Token { get; set; }

        public static async Task<Stand> StartAsync(TemporaryFolder folder, string node, string more = "onFailure: park-message")
        {
            folder.Write("trunkline.yaml", $$"""
                {{node}}
                topics: { in: { partitions: 1 }, out: { partitions: 1 } }
                flows:
                  price:
                    from: { topic: in }
                    steps: [ { map: "({ amount: message.price.amount })" } ]
                    to: { topic: out }
                    retry: { attempts: 1 }
                    {{more}}
                """);
            return new Stand(await NodeProcess.StartAsync(new CommandSetting { Folder = folder.Path }, Cancel));
        }

        public async Task PublishAsync(string body, string key = "k")
        {
            using var request = Request(HttpMethod.Post, "/api/v1/topics/in/messages");
            request.Headers.Add("Trunkline-Key", key);
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await _http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        public async Task<List<string>> OutAsync() =>
            [.. (await Client.ReadAsync("out", ReadFrom.Offset(0, 0), 100, Cancel)).Messages.Select(message => message.Data!.Value.GetRawText())];

        public async Task<string> GetAsync(string address)
        {
            using var request = Request(HttpMethod.Get, address);
            using var answer = await _http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var html = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
            return html;
        }

        public Task<(HttpStatusCode Status, string? Location, string Body)> SendAsync(string address, params (string Name, string Value)[] fields) =>
            SendAsync(address, _node.Url.GetLeftPart(UriPartial.Authority), fields);

        public async Task<(HttpStatusCode Status, string? Location, string Body)> SendAsync(string address, string origin, params (string Name, string Value)[] fields)
        {
            using var request = Request(HttpMethod.Post, address);
            request.Headers.Add("Origin", origin);
            request.Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
            using var answer = await _http.SendAsync(request, Cancel);
            return (answer.StatusCode, answer.Headers.Location?.ToString(), await answer.Content.ReadAsStringAsync(Cancel));
        }

        public async Task HoldsAsync(Func<Task<bool>> condition, string what)
        {
            var began = TimeProvider.System.GetTimestamp();
            while (!await condition())
            {
                Assert.True(TimeProvider.System.GetElapsedTime(began) < Bound, $"not within {Bound.TotalMinutes} minutes: {what}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
            }
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            _http.Dispose();
            await _node.DisposeAsync();
        }

        private HttpRequestMessage Request(HttpMethod method, string address)
        {
            var request = new HttpRequestMessage(method, address);
            if (Token is not null)
            {
                request.Headers.Authorization = new("Bearer", Token);
            }

            return request;
        }
    }
}
