using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>What a pact expects of a body.</summary>
/// <param name="IsTold">False if the pact says nothing of it: then everything fits.</param>
/// <param name="Content">The content as the pact has it; null or empty for a body that is to be empty.</param>
/// <param name="ContentType">The content type; null if not told.</param>
/// <param name="Encoded">How the content is written in the pact: <c>base64</c>, <c>JSON</c>, or null for as it is.</param>
internal sealed record PactBody(bool IsTold, JsonElement Content, string? ContentType, string? Encoded)
{
    /// <summary>True if it is to be empty.</summary>
    public bool IsEmpty => Content.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null || (Content.ValueKind == JsonValueKind.String && Content.GetString()!.Length == 0);

    /// <summary>Reads a body: wrapped since version 4, bare before.</summary>
    public static PactBody Read(JsonElement side, string name, string? contentType, bool isWrapped)
    {
        if (side.ValueKind != JsonValueKind.Object || !side.TryGetProperty(name, out var body))
        {
            return new PactBody(false, default, contentType, null);
        }

        if (!isWrapped || body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("content", out var content))
        {
            // A body of null says that there is none to be; where bodies are wrapped, an object without content says nothing.
            return new PactBody(!isWrapped || body.ValueKind != JsonValueKind.Object, body, contentType, null);
        }

        var own = body.TryGetProperty("contentType", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : contentType;
        var encoded = body.TryGetProperty("encoded", out var how) && how.ValueKind == JsonValueKind.String ? how.GetString() : null;
        return new PactBody(true, content, own, encoded);
    }

    /// <summary>The bytes a request with it has; null if it cannot be read.</summary>
    public byte[]? Bytes()
    {
        if (IsEmpty)
        {
            return [];
        }

        if (Content.ValueKind != JsonValueKind.String)
        {
            return Encoding.UTF8.GetBytes(Content.GetRawText());
        }

        var text = Content.GetString()!;
        if (Encoded == "base64")
        {
            var bytes = new byte[text.Length];
            return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
        }

        // A text that is to be JSON, and is none, is the JSON of that text.
        return Encoding.UTF8.GetBytes(PactMedia.KindOf(ContentType, Content) == PactMediaKind.Json && PactMedia.Json(text) is null ? Content.GetRawText() : text);
    }
}

/// <summary>How a body is compared.</summary>
internal enum PactMediaKind
{
    Json,
    Xml,
    Form,
    Text,
    Binary,
}

/// <summary>Kinds of bodies by their content type.</summary>
internal static class PactMedia
{
    private const int DepthMax = 256;

    /// <summary>The kind by the content type, or by the looks of an example.</summary>
    public static PactMediaKind KindOf(string? contentType, JsonElement example)
    {
        if (contentType is { Length: > 0 })
        {
            return KindOf(contentType);
        }

        return example.ValueKind != JsonValueKind.String ? PactMediaKind.Json
            : example.GetString()!.TrimStart() is ['<', ..] ? PactMediaKind.Xml
            : example.GetString()!.TrimStart() is ['{' or '[', ..] text && Json(text) is not null ? PactMediaKind.Json
            : PactMediaKind.Text;
    }

    /// <summary>The kind of a content type.</summary>
    public static PactMediaKind KindOf(string contentType)
    {
        var type = contentType.Split(';')[0].Trim().ToLowerInvariant();
        return type.EndsWith("json", StringComparison.Ordinal) ? PactMediaKind.Json
            : type.EndsWith("xml", StringComparison.Ordinal) ? PactMediaKind.Xml
            : type == "application/x-www-form-urlencoded" ? PactMediaKind.Form
            : type.StartsWith("text/", StringComparison.Ordinal) ? PactMediaKind.Text
            : PactMediaKind.Binary;
    }

    /// <summary>A text as JSON; null if it is none.</summary>
    public static JsonElement? Json(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DepthMax });
            return parsed.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
