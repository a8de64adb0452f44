using System.Net.Http.Headers;

namespace Trunkline.Client;

/// <summary>
/// What a publish sends: a body with its media type. <c>application/json</c> is one message, <c>application/x-ndjson</c> one a
/// line, <c>application/cloudevents+json</c> and <c>application/cloudevents-batch+json</c> carry their own attributes.
/// </summary>
public sealed record PublishContent
{
    /// <summary>The body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Its media type. Default <c>application/json</c>.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Key of the messages that carry none of their own; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>Identity of a plain JSON message: a second publish with it stores nothing. Null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Further headers, such as the <c>ce-</c> attributes of a CloudEvent in binary mode.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>True if the node recognises a repeat, so that sending again is harmless.</summary>
    internal bool IsIdentified => IdempotencyKey is not null || ContentType.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase);

    internal HttpRequestMessage ToRequest(string path)
    {
        var content = new ReadOnlyMemoryContent(Body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (Key is not null)
        {
            request.Headers.TryAddWithoutValidation("Trunkline-Key", Uri.EscapeDataString(Key));
        }

        if (IdempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", IdempotencyKey);
        }

        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
