using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>Forms as JSON, since flows read JSON.</summary>
internal static class HookForm
{
    // More fields than any sender uses: the rest would only cost memory.
    private const int FieldsMax = 1000;

    /// <summary>The values of each field, in order.</summary>
    public static Dictionary<string, List<string>> Read(ReadOnlyMemory<byte> body)
    {
        var fields = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var pair in Encoding.UTF8.GetString(body.Span).Split('&', FieldsMax + 1, StringSplitOptions.RemoveEmptyEntries).Take(FieldsMax))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(at < 0 ? pair : pair[..at]);
            if (!fields.TryGetValue(name, out var values))
            {
                fields.Add(name, values = []);
            }

            values.Add(at < 0 ? "" : Decode(pair[(at + 1)..]));
        }

        return fields;
    }

    /// <summary>
    /// The fields as an object; one given several times is a list. A form that is only a field <c>payload</c> of JSON, as Slack sends, is that
    /// JSON.
    /// </summary>
    public static byte[] ToJson(ReadOnlyMemory<byte> body)
    {
        var fields = Read(body);
        if (fields.Count == 1 && fields.TryGetValue("payload", out var payload) && payload.Count == 1 && IsJson(payload[0]))
        {
            return Encoding.UTF8.GetBytes(payload[0]);
        }

        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var (name, values) in fields)
            {
                writer.WritePropertyName(name);
                Write(writer, values);
            }

            writer.WriteEndObject();
        }

        return json.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, List<string> values)
    {
        if (values.Count == 1)
        {
            writer.WriteStringValue(values[0]);
            return;
        }

        writer.WriteStartArray();
        values.ForEach(writer.WriteStringValue);
        writer.WriteEndArray();
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
