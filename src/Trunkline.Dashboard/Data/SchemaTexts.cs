using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trunkline.Dashboard.Data;

/// <summary>Schemas as people read them.</summary>
public static class SchemaTexts
{
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 1000 };
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    /// <summary>JSON with its members on lines of their own; other text as it is.</summary>
    /// <param name="text">The schema.</param>
    /// <param name="type">Its format, in the registry's words; null means Avro.</param>
    public static string Readable(string text, string? type)
    {
        if (type == "PROTOBUF")
        {
            return text;
        }

        using var document = JsonDocument.Parse(text, s_deep);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_indented))
        {
            document.RootElement.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
