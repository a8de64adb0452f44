using System.Globalization;
using System.Net.Http.Headers;

namespace Trunkline.Client;

/// <summary>That a topic comes to its end, as its node tells whoever reads or writes it (RFC 8594).</summary>
/// <param name="LastDay">The last day it is kept.</param>
/// <param name="Successor">The topic to use instead; null if none is named.</param>
public sealed record TopicEnding(DateOnly LastDay, string? Successor)
{
    private const string Topics = "</api/v1/topics/";

    internal static TopicEnding? Of(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues("Sunset", out var told) || !DateTimeOffset.TryParse(told.First(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return null;
        }

        var link = headers.TryGetValues("Link", out var links) ? links.FirstOrDefault(one => one.StartsWith(Topics, StringComparison.Ordinal) && one.Contains("successor-version", StringComparison.Ordinal)) : null;
        return new TopicEnding(DateOnly.FromDateTime(at.UtcDateTime), link is null ? null : Uri.UnescapeDataString(link[Topics.Length..link.IndexOf('>', StringComparison.Ordinal)]));
    }
}
