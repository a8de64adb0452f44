using System.Text;
using System.Text.Json;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>The payload of a dead letter as text that can be read and edited.</summary>
internal static class LetterPayload
{
    /// <summary>Longer ones are not shown.</summary>
    public const int ShownMax = 100_000;

    /// <summary>As it was sent; null if it is not text, or too long, or not told.</summary>
    public static string? Text(EventView letter)
    {
        if (letter.Data is not { } data)
        {
            return null;
        }

        // A text payload comes as a JSON string; a JSON payload as itself.
        var text = data.ValueKind == JsonValueKind.String && !IsJson(letter.DataContentType) ? data.GetString()! : data.GetRawText();
        return Encoding.UTF8.GetByteCount(text) <= ShownMax ? text : null;
    }

    private static bool IsJson(string? contentType)
    {
        var type = contentType?.Split(';')[0].Trim() ?? "";
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }
}
