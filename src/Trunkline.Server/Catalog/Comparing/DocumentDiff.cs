using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trunkline.Server.Catalog.Comparing;

/// <summary>Finds what breaks between two states of an OpenAPI (3.0, 3.1) or AsyncAPI (3) document.</summary>
public static class DocumentDiff
{
    /// <summary>Bytes a document may have.</summary>
    public const int BytesMax = 20 * 1024 * 1024;

    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = 1000 };

    /// <summary>Reads a document; null with the problem if it is none that can be compared.</summary>
    /// <param name="text">The document, JSON.</param>
    /// <param name="problem">What is wrong, or empty.</param>
    public static JsonObject? Read(string text, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        problem = "";
        if (text.Length > BytesMax)
        {
            problem = "it is larger than 20 MB";
            return null;
        }

        try
        {
            if (JsonNode.Parse(text, null, s_reading) is JsonObject document && KindOf(document) is not null)
            {
                return document;
            }

            problem = "it is neither OpenAPI 3.0 or 3.1 nor AsyncAPI 3";
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            problem = "it is not JSON: " + failure.Message;
        }

        return null;
    }

    /// <summary>What breaks for whoever keeps to the older document; null if one is OpenAPI and the other AsyncAPI.</summary>
    /// <param name="older">The document up to now.</param>
    /// <param name="newer">The document from now on.</param>
    /// <param name="payloads">False to leave out what is said of the content of requests, answers and messages.</param>
    public static IReadOnlyList<DocumentBreak>? Of(JsonObject older, JsonObject newer, bool payloads = true)
    {
        ArgumentNullException.ThrowIfNull(older);
        ArgumentNullException.ThrowIfNull(newer);
        var kind = KindOf(older);
        return kind is null || kind != KindOf(newer) ? null
            : kind == "openapi" ? new OpenApiDiff(older, newer, payloads).Breaks()
            : new AsyncApiDiff(older, newer, payloads).Breaks();
    }

    private static string? KindOf(JsonObject document) =>
        DocumentNodes.Text(document, "openapi") is { } open && (open.StartsWith("3.0", StringComparison.Ordinal) || open.StartsWith("3.1", StringComparison.Ordinal)) ? "openapi"
        : DocumentNodes.Text(document, "asyncapi")?.StartsWith("3.", StringComparison.Ordinal) == true ? "asyncapi"
        : null;
}
