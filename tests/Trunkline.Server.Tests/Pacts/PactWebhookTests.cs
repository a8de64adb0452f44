using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Core.Security;
using Trunkline.Server.Pacts;
using Trunkline.Server.Tests.Api;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Pacts;

/// <summary>Webhooks of the pact broker: told what happens, again until they have it, never where outgoing calls may not go.</summary>
public sealed class PactWebhookTests : ApiTest
{
    private const string Pact = """{"consumer":{"name":"web"},"provider":{"name":"api"},"interactions":[{"description":"a"}]}""";

    private readonly List<string> _came = [];
    private readonly Lock _lock = new();
    private int _failing;

    [Fact]
    public async Task A_webhook_is_told_what_happens_to_pacts_and_its_secrets_stay_in()
    {
        await using var receiver = await ReceiverAsync();
        var hook = $$$"""
            {"description":"build","events":[{"name":"contract_content_changed"},{"name":"contract_requiring_verification_published"},{"name":"provider_verification_published"}],"consumer":{"name":"web"},
             "request":{"method":"POST","url":"{{{receiver.Urls.Single()}}}/${pactbroker.providerName}","headers":{"Authorization":"Bearer secret","X-A":"b"},"username":"me","password":"hush",
                        "body":{"event":"${pactbroker.eventName}","sha":"${pactbroker.pactUrl}","version":"${pactbroker.consumerVersionNumber}","branch":"${pactbroker.consumerVersionBranch}","status":"${pactbroker.githubVerificationStatus}" } } }
            """;
        var (status, made) = await SendAsync(HttpMethod.Post, "webhooks", hook);
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.DoesNotContain("secret", made.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", made.GetRawText(), StringComparison.Ordinal);
        await SendAsync(HttpMethod.Put, "pacts/provider/api/consumer/web/version/1", Pact);
        await CameAsync("/api contract_content_changed 1", "/api contract_requiring_verification_published 1");

        // The same content again is no change, and is to be verified all the same.
        await SendAsync(HttpMethod.Put, "pacts/provider/api/consumer/web/version/2", Pact);
        await CameAsync("/api contract_requiring_verification_published 2");
        var (_, shown) = await SendAsync(HttpMethod.Get, "pacts/provider/api/consumer/web/latest", null);
        var results = shown.GetProperty("_links").GetProperty("pb:publish-verification-results").GetProperty("href").GetString()!;
        await SendAsync(HttpMethod.Post, results, """{"success":true,"providerApplicationVersion":"7"}""");
        await CameAsync("/api provider_verification_published 2 success");

        // Another consumer is no business of this webhook; nor is anything when it is gone.
        await SendAsync(HttpMethod.Put, "pacts/provider/api/consumer/app/version/1", Pact.Replace("web", "app", StringComparison.Ordinal));
        var self = made.GetProperty("_links").GetProperty("self").GetProperty("href").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Put, self, hook.Replace("Bearer secret", "**********", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Post, self + "/execute", null)).Status);
        await CameAsync("/api test 2");
        Assert.Contains(_came, one => one.StartsWith("/api test", StringComparison.Ordinal) && one.Contains("Basic", StringComparison.Ordinal));
        using var request = new HttpRequestMessage(HttpMethod.Delete, self);
        Assert.Equal(HttpStatusCode.NoContent, (await Http.SendAsync(request, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, self, null)).Status);
    }

    [Theory]
    [InlineData("""{"events":[{"name":"contract_published"}]}""")]
    [InlineData("""{"events":[{"name":"nonsense"}],"request":{"method":"POST","url":"http://a/"}}""")]
    [InlineData("""{"events":[],"request":{"method":"POST","url":"http://a/"}}""")]
    [InlineData("""{"events":[{"name":"contract_published"}],"request":{"method":"POST","url":"file:///etc/passwd"}}""")]
    [InlineData("""{"events":[{"name":"contract_published"}],"request":{"method":"BREW","url":"http://a/"}}""")]
    public async Task What_is_no_webhook_is_refused(string hook) => Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Post, "webhooks", hook)).Status);

    [Fact]
    public async Task What_was_not_told_is_told_again_over_restarts_and_private_addresses_are_never_asked()
    {
        await using var receiver = await ReceiverAsync();
        _failing = 2;
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var store = new MemoryBroker(time);
        using (var broker = await PactBroker.OpenAsync(store, time, Cancel))
        {
            foreach (var url in (string[])[receiver.Urls.Single() + "/x", "http://10.0.0.1/x"])
            {
                await broker.WebhookAsync(new PactWebhook(Guid.NewGuid(), default) { Events = [PactHappening.Published], Method = "POST", Url = url, Body = "{}" }, Cancel);
            }

            await broker.PublishAsync(new PactPublication("web", "1", [("api", Pact, false)]), Cancel);
            await DeliverAsync(broker, time);
            Assert.All(broker.Book.Deliveries, one => Assert.False(one.Done));
        }

        using var after = await PactBroker.OpenAsync(store, time, Cancel);
        for (var i = 0; i < PactDeliveries.TriesMax; i++)
        {
            time.Advance(TimeSpan.FromMinutes(5));
            await DeliverAsync(after, time);
        }

        var ends = after.Book.Deliveries.OrderBy(one => one.Tries).Select(one => (one.Done, one.Tries, one.Result)).ToList();
        Assert.Equal((true, 3, "status 200"), ends[0]);
        Assert.Equal((true, PactDeliveries.TriesMax), (ends[1].Done, ends[1].Tries));
        Assert.Contains("10.0.0.1", ends[1].Result, StringComparison.Ordinal);
        Assert.Equal(3, _came.Count);
    }

    private static async Task DeliverAsync(PactBroker broker, TimeProvider time)
    {
        using var http = new HttpClient(new OutgoingAddressPolicy().CreateHandler());
        await new PactDeliveries(broker, http, time).DeliverAsync(Cancel);
    }

    private async Task<WebApplication> ReceiverAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = builder.Build();
        receiver.MapPost("/{**path}", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            using var body = JsonDocument.Parse(await reader.ReadToEndAsync(context.RequestAborted));
            string Text(string name) => body.RootElement.TryGetProperty(name, out var value) ? value.GetString()! : "";
            lock (_lock)
            {
                _came.Add($"{context.Request.Path} {Text("event")} {Text("version")} {Text("status")} {context.Request.Headers.Authorization}");
            }

            return Results.StatusCode(Interlocked.Decrement(ref _failing) >= 0 ? 503 : 200);
        });
        await receiver.StartAsync(Cancel);
        return receiver;
    }

    /// <summary>Waits for these, and that nothing else came.</summary>
    private Task CameAsync(params string[] expected) => Eventually.HoldsAsync(
        () =>
        {
            lock (_lock)
            {
                return expected.All(one => _came.Exists(came => came.StartsWith(one, StringComparison.Ordinal))) && !_came.Exists(came => came.Contains("app", StringComparison.Ordinal));
            }
        },
        string.Join(", ", expected));

    private async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith("http", StringComparison.Ordinal) ? path : "/pact/" + path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request, Cancel);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement);
    }
}
