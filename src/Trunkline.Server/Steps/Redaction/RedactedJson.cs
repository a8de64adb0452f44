using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trunkline.Server.Steps.Redaction;

/// <summary>JSON with its texts made anew; names of fields stay.</summary>
/// <param name="fields">Fields of the top that are looked at; none for all.</param>
internal sealed class RedactedJson(IReadOnlyList<string> fields)
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The texts that are looked at, a line each.</summary>
    public string Texts(ReadOnlyMemory<byte> json)
    {
        var texts = new StringBuilder();
        Rewrite(json, text =>
        {
            texts.Append(text).Append('\n');
            return text;
        });
        return texts.ToString();
    }

    /// <summary>The JSON with each text that is looked at replaced.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="text">The text in place of another.</param>
    /// <param name="number">The text in place of a number; null to leave it. Null for none.</param>
    public ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> json, Func<string, string> text, Func<string, string?>? number = null)
    {
        using var document = JsonDocument.Parse(json);
        var output = new ArrayBufferWriter<byte>(json.Length);
        using var writer = new Utf8JsonWriter(output, s_writing);
        Write(writer, document.RootElement, (text, number), isTop: true, isLookedAt: fields.Count == 0);
        writer.Flush();
        return output.WrittenMemory;
    }

    private void Write(Utf8JsonWriter writer, JsonElement value, (Func<string, string> Text, Func<string, string?>? Number) make, bool isTop, bool isLookedAt)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, make, isTop: false, isLookedAt || (isTop && fields.Contains(member.Name, StringComparer.Ordinal)));
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item, make, isTop: false, isLookedAt);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when isLookedAt:
                writer.WriteStringValue(make.Text(value.GetString()!));
                break;
            case JsonValueKind.Number when isLookedAt && make.Number?.Invoke(value.GetRawText()) is { } instead:
                writer.WriteStringValue(instead);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
