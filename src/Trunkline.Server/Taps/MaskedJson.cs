using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Trunkline.Server.Taps;

/// <summary>Shows the shape of a body without what stands in it: names stay, values become their kind and length.</summary>
internal static class MaskedJson
{
    private const int DepthMax = 64;

    /// <summary>The body with its values masked, as JSON; of what is no JSON its length.</summary>
    public static JsonElement Of(ReadOnlyMemory<byte> body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            try
            {
                using var document = JsonDocument.Parse(body);
                Write(json, document.RootElement, 0);
            }
            catch (JsonException)
            {
                // Any bytes may be a body.
                json.Reset(buffer = new ArrayBufferWriter<byte>());
                json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{body.Length} bytes"));
            }
        }

        using var masked = JsonDocument.Parse(buffer.WrittenMemory);
        return masked.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter json, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when depth < DepthMax:
                json.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    json.WritePropertyName(property.Name);
                    Write(json, property.Value, depth + 1);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array when depth < DepthMax:
                json.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(json, item, depth + 1);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"string of {element.GetString()!.Length} characters"));
                break;
            case JsonValueKind.Null:
                json.WriteNullValue();
                break;
            case JsonValueKind.True or JsonValueKind.False:
                json.WriteStringValue("boolean");
                break;
            default:
                json.WriteStringValue(element.ValueKind == JsonValueKind.Number ? "number" : "nested");
                break;
        }
    }
}
