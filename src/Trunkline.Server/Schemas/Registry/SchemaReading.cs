using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Trunkline.Server.Schemas.Avro;
using Trunkline.Server.Schemas.Json;

namespace Trunkline.Server.Schemas.Registry;

/// <summary>Schemas of all formats: reading, normalising, comparing.</summary>
internal static class SchemaReading
{
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 1000, AllowDuplicateProperties = false };

    /// <summary>The formats that can be registered.</summary>
    public static IReadOnlyList<string> Types { get; } = [SchemaTypes.Json, SchemaTypes.Avro];

    /// <summary>A schema's text without blanks; if asked, with the properties of every object in one order.</summary>
    /// <exception cref="RegistryRefusal">It is no JSON.</exception>
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
            throw RegistryRefusal.Invalid(FormattableString.Invariant($"The schema is not JSON, has a name twice, or is nested deeper than 1000 levels: line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}."));
        }
    }

    /// <summary>What is wrong with a schema; empty if it can be used.</summary>
    /// <param name="content">The schema.</param>
    /// <param name="references">The schemas it refers to by the name it uses, those they refer to first.</param>
    public static IReadOnlyList<SchemaFault> Check(SchemaContent content, IReadOnlyList<KeyValuePair<string, string>> references)
    {
        IReadOnlyList<SchemaFault> faults;
        if (content.Type == SchemaTypes.Avro)
        {
            ReadAvro(content, references, out faults);
        }
        else
        {
            ReadJson(content, references, out faults);
        }

        return faults;
    }

    /// <summary>Reads an Avro schema; null with its faults if it is none.</summary>
    public static AvroSchema? ReadAvro(SchemaContent content, IReadOnlyList<KeyValuePair<string, string>> references, out IReadOnlyList<SchemaFault> faults) =>
        AvroReading.Read(Encoding.UTF8.GetBytes(content.Text), references.Select(reference => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(reference.Value)), out faults);

    /// <summary>Reads a JSON Schema; null with its faults if it is none.</summary>
    public static JsonSchema? ReadJson(SchemaContent content, IReadOnlyList<KeyValuePair<string, string>> references, out IReadOnlyList<SchemaFault> faults) =>
        JsonSchema.Read(Encoding.UTF8.GetBytes(content.Text), JsonOptions(references), out faults);

    /// <summary>How the registry reads a JSON Schema.</summary>
    public static JsonSchemaOptions JsonOptions(IReadOnlyList<KeyValuePair<string, string>> references) => new()
    {
        Default = Draft.Seven,
        References = references.DistinctBy(reference => reference.Key).ToDictionary(
            reference => reference.Key, reference => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(reference.Value), StringComparer.Ordinal),
    };

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
