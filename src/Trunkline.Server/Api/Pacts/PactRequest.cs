using System.Text.Json;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>What a request to the pact broker asks, read from address and body.</summary>
internal sealed class PactRequest(HttpContext context, PactBroker broker)
{
    private static readonly JsonDocumentOptions s_body = new() { MaxDepth = 1000 };

    public PactBroker Broker => broker;

    public PactBook Book => broker.Book;

    public PactLinks Links { get; } = new(context.Request);

    public CancellationToken Aborted => context.RequestAborted;

    public HttpRequest Http => context.Request;

    /// <summary>A part of the address.</summary>
    public string Route(string name) => ((string)context.Request.RouteValues[name]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>A text of the query; null if it is not there.</summary>
    public string? Query(string name) => context.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>An id in the address.</summary>
    public Guid Id(string name) => Guid.TryParse(Route(name), out var id) ? id : throw PactRefusal.NotFound($"'{Route(name)}'");

    /// <summary>The body as text.</summary>
    public async Task<string> TextAsync()
    {
        using var reader = new StreamReader(context.Request.Body);
        return await reader.ReadToEndAsync(Aborted);
    }

    /// <summary>The body; an empty one is an empty object.</summary>
    public async Task<JsonElement> BodyAsync()
    {
        var text = await TextAsync();
        try
        {
            using var document = JsonDocument.Parse(text.Length == 0 ? "{}" : text, s_body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException("no object");
        }
        catch (JsonException)
        {
            throw new PactRefusal(400, "The body is not a JSON object.");
        }
    }

    /// <summary>A text in a body; null if it is not there.</summary>
    public static string? Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A text that has to be in a body.</summary>
    public static string Needed(JsonElement body, string name) => Text(body, name) is { Length: > 0 } text ? text : throw new PactRefusal(400, $"'{name}' is missing.");

    /// <summary>A flag in a body; false if it is not there.</summary>
    public static bool Flag(JsonElement body, string name) => body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The items of a list in a body; none if it is not there.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];
}
