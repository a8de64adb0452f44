using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trunkline.Server.Schemas.Formats;

/// <summary>JSON as texts that are equal when it is.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 1000, AllowDuplicateProperties = false };

    /// <summary>The text without blanks; if asked, with the properties of every object in one order.</summary>
    /// <exception cref="SchemaFormatException">It is no JSON.</exception>
    public static string Compact(string text, bool normalize)
    {
        try
        {
            using var document = JsonDocument.Parse(text, s_strict);
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer, s_plain))
            {
                Write(document.RootElement, writer, normalize);
            }

            return Encoding.UTF8.GetString(buffer.ToArray());
        }
        catch (JsonException failure)
        {
            throw new SchemaFormatException(FormattableString.Invariant($"It is not JSON, has a name twice, or is nested deeper than 1000 levels: line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}."));
        }
    }

    private static void Write(JsonElement element, Utf8JsonWriter writer, bool sort)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in sort ? element.EnumerateObject().OrderBy(one => one.Name, StringComparer.Ordinal) : element.EnumerateObject().AsEnumerable())
                {
                    writer.WritePropertyName(property.Name);
                    Write(property.Value, writer, sort);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, writer, sort);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(element.GetRawText());
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
