using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Core.Security;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>Webhooks: who is told what happens to pacts. Secrets of headers and passwords go in, and never out.</summary>
internal static class PactWebhooks
{
    private const int TextMax = 64 * 1024;
    private const string Hidden = "**********";

    private static readonly string[] Methods = ["POST", "PUT", "GET", "PATCH", "DELETE"];

    public static void Map(RouteGroupBuilder group)
    {
        group.Pact("/webhooks", List);
        group.Operate((HttpMethods.Post, "/webhooks"), Scopes.Operate, "add-pact-webhook", async request => await PutAsync(request, Guid.NewGuid(), StatusCodes.Status201Created));
        group.Pact("/webhooks/{id}", request => PactAnswers.Hal(Webhook(request, Find(request))));
        group.Operate((HttpMethods.Put, "/webhooks/{id}"), Scopes.Operate, "set-pact-webhook", async request =>
            await PutAsync(request, request.Id("id"), request.Book.Webhook(request.Id("id")) is null ? StatusCodes.Status201Created : StatusCodes.Status200OK));
        group.Operate((HttpMethods.Delete, "/webhooks/{id}"), Scopes.Operate, "remove-pact-webhook", DeleteAsync);
        group.Operate((HttpMethods.Post, "/webhooks/{id}/execute"), Scopes.Operate, "try-pact-webhook", TryAsync);
    }

    private static PactWebhook Find(PactRequest request) => request.Book.Webhook(request.Id("id")) ?? throw PactRefusal.NotFound("The webhook");

    private static IResult List(PactRequest request) => PactAnswers.Hal(new JsonObject
    {
        ["_embedded"] = new JsonObject { ["webhooks"] = PactAnswers.List(request.Book.Webhooks.Select(one => Webhook(request, one))) },
        ["_links"] = new JsonObject { ["self"] = request.Links.To("/webhooks"), ["pb:webhooks"] = PactAnswers.List(request.Book.Webhooks.Select(one => Self(request, one))) },
    });

    private static async Task<IResult> PutAsync(PactRequest request, Guid id, int status) =>
        PactAnswers.Hal(Webhook(request, await request.Broker.WebhookAsync(Read(await request.BodyAsync(), id, request.Book.Webhook(id)), request.Aborted)), status);

    private static async Task<IResult> DeleteAsync(PactRequest request)
    {
        await request.Broker.WebhookAsync(Find(request) with { Deleted = true, Headers = new Dictionary<string, string>(), Password = null }, request.Aborted);
        return Results.NoContent();
    }

    private static async Task<IResult> TryAsync(PactRequest request)
    {
        var delivery = await request.Broker.TryAsync(Find(request), request.Links.Base, request.Aborted);
        return PactAnswers.Hal(Delivery(delivery));
    }

    private static PactWebhook Read(JsonElement body, Guid id, PactWebhook? before)
    {
        if (!body.TryGetProperty("request", out var told) || told.ValueKind != JsonValueKind.Object)
        {
            throw new PactRefusal(400, "A webhook has a 'request' with 'method' and 'url'.");
        }

        var (method, url) = (PactRequest.Needed(told, "method").ToUpperInvariant(), PactRequest.Needed(told, "url"));
        if (!Methods.Contains(method) || url.Length > TextMax || !Uri.TryCreate(url.Replace("${", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new PactRefusal(400, $"'method' is one of {string.Join(", ", Methods)}, and 'url' an address of http or https.");
        }

        string[] events = [.. PactRequest.Items(body, "events").Select(one => PactRequest.Needed(one, "name")).Distinct()];
        if (events.Length == 0 || events.Any(one => !PactHappening.All.Contains(one)))
        {
            throw new PactRefusal(400, $"'events' names at least one of {string.Join(", ", PactHappening.All)}.");
        }

        return new PactWebhook(id, before?.CreatedAt ?? default)
        {
            Description = PactRequest.Text(body, "description"),
            Consumer = Name(body, "consumer"),
            Provider = Name(body, "provider"),
            Events = events,
            Method = method,
            Url = url,
            Headers = Headers(told, before),
            Body = told.TryGetProperty("body", out var content) && content.ValueKind != JsonValueKind.Null ? Body(content) : null,
            Username = PactRequest.Text(told, "username"),
            Password = PactRequest.Text(told, "password") is { } password && password != Hidden ? password : before?.Password,
            Enabled = !body.TryGetProperty("enabled", out var enabled) || enabled.ValueKind != JsonValueKind.False,
        };
    }

    private static string Body(JsonElement content)
    {
        var text = content.ValueKind == JsonValueKind.String ? content.GetString()! : content.GetRawText();
        return text.Length <= TextMax ? text : throw new PactRefusal(400, "The body of the webhook is too long.");
    }

    private static string? Name(JsonElement body, string side) => body.TryGetProperty(side, out var one) && one.ValueKind == JsonValueKind.Object ? PactRequest.Text(one, "name") : null;

    /// <summary>The headers; one that comes back as it was shown keeps its secret.</summary>
    private static Dictionary<string, string> Headers(JsonElement request, PactWebhook? before)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (request.TryGetProperty("headers", out var told) && told.ValueKind == JsonValueKind.Object)
        {
            foreach (var one in told.EnumerateObject().Where(one => one.Value.ValueKind == JsonValueKind.String))
            {
                headers[one.Name] = one.Value.GetString() is var value && value == Hidden ? before?.Headers.GetValueOrDefault(one.Name) ?? "" : value!;
            }
        }

        return headers;
    }

    private static JsonObject Webhook(PactRequest request, PactWebhook webhook) => new()
    {
        ["uuid"] = webhook.Id.ToString("D"),
        ["description"] = webhook.Description,
        ["enabled"] = webhook.Enabled,
        ["consumer"] = webhook.Consumer is { } consumer ? new JsonObject { ["name"] = consumer } : null,
        ["provider"] = webhook.Provider is { } provider ? new JsonObject { ["name"] = provider } : null,
        ["events"] = PactAnswers.List(webhook.Events.Select(one => new JsonObject { ["name"] = one })),
        ["request"] = new JsonObject
        {
            ["method"] = webhook.Method,
            ["url"] = webhook.Url,
            ["headers"] = new JsonObject(webhook.Headers.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)(IsSecret(one.Key) ? Hidden : one.Value)))),
            ["body"] = webhook.Body,
            ["username"] = webhook.Username,
            ["password"] = webhook.Password is null ? null : Hidden,
        },
        ["createdAt"] = PactAnswers.Time(webhook.CreatedAt),
        ["_embedded"] = new JsonObject
        {
            ["deliveries"] = PactAnswers.List(request.Book.Deliveries.Where(one => one.Webhook == webhook.Id).OrderByDescending(one => one.At).Take(20).Select(Delivery)),
        },
        ["_links"] = new JsonObject { ["self"] = Self(request, webhook), ["pb:execute"] = request.Links.To(FormattableString.Invariant($"/webhooks/{webhook.Id:D}/execute")), ["pb:webhooks"] = request.Links.To("/webhooks") },
    };

    private static bool IsSecret(string header) => ((string[])["auth", "token", "secret", "key", "cookie"]).Any(part => header.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static JsonObject Delivery(PactDelivery delivery) => new()
    {
        ["event"] = delivery.Event,
        ["at"] = PactAnswers.Time(delivery.At),
        ["tries"] = delivery.Tries,
        ["done"] = delivery.Done,
        ["result"] = delivery.Result,
    };

    private static JsonObject Self(PactRequest request, PactWebhook webhook) => request.Links.To(FormattableString.Invariant($"/webhooks/{webhook.Id:D}"), webhook.Description ?? webhook.Id.ToString("D"));
}
