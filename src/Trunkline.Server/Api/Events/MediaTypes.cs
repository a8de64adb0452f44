using Microsoft.Net.Http.Headers;

namespace Trunkline.Server.Api.Events;

/// <summary>Reading media types (RFC 9110, 8.3).</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";

    /// <summary>True for <c>application/json</c>, <c>text/json</c> and <c>*/*+json</c>, with or without parameters; also for none.</summary>
    public static bool IsJson(string contentType)
    {
        if (contentType.Length == 0 || contentType.Equals(Json, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var media = contentType.AsSpan(0, end < 0 ? contentType.Length : end).Trim();
        return media.Equals(Json, StringComparison.OrdinalIgnoreCase) || media.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>True for <c>text/*</c> and XML: what is text to people.</summary>
    public static bool IsText(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var media = contentType.AsSpan(0, end < 0 ? contentType.Length : end).Trim();
        return media.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || media.Equals("application/xml", StringComparison.OrdinalIgnoreCase)
            || media.EndsWith("+xml", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The media type without parameters in lower case and its charset, or null if it is none.</summary>
    public static (string Media, string? Charset)? Parse(string? contentType)
    {
        if (contentType is null or { Length: > 1024 } || !MediaTypeHeaderValue.TryParse(contentType, out var parsed) || !parsed.MediaType.HasValue)
        {
            return null;
        }

        var charset = parsed.Charset.HasValue ? HeaderUtilities.RemoveQuotes(parsed.Charset).ToString() : null;
        return (parsed.MediaType.Value!.ToLowerInvariant(), charset);
    }
}
