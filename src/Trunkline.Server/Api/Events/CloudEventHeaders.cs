using System.Text;
using Trunkline.Messaging;

namespace Trunkline.Server.Api.Events;

/// <summary>Reads CloudEvents 1.0 in HTTP binary mode: attributes in <c>ce-</c> headers, the body is the payload.</summary>
internal static class CloudEventHeaders
{
    private const string Prefix = "ce-";

    /// <summary>True if the request names CloudEvents attributes in headers.</summary>
    public static bool Present(IHeaderDictionary headers)
    {
        foreach (var (name, _) in headers)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    public static List<Message> Read(HttpRequest request, ReadOnlyMemory<byte> body, PublishContext context)
    {
        var draft = new EventDraft(context);
        draft.Begin(0);
        foreach (var (name, values) in request.Headers)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var attribute = name[Prefix.Length..].ToLowerInvariant();
            if (attribute == "datacontenttype")
            {
                throw draft.Invalid("in binary mode the media type is told by Content-Type, not ce-datacontenttype");
            }

            draft.Set(Encoding.UTF8.GetBytes(attribute), values.Count == 1 ? HeaderText.Decode(name, values[0]!) : throw draft.Invalid("an attribute header is given twice"));
        }

        if (request.ContentType is { Length: > 0 } contentType)
        {
            draft.SetContentType(Encoding.UTF8.GetBytes(contentType));
        }

        return [draft.Build(body)];
    }
}
