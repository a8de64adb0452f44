using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Catalog;

/// <summary>
/// A message as an example: its shape, and nothing of what stands in it. Values that the schema lists are no secret and stay; so do names of fields the schema
/// declares, and names that look like names where there is no schema.
/// </summary>
/// <param name="fields">The fields of its schema; null for none.</param>
internal sealed class ExampleMask(SchemaFields? fields)
{
    private const int ItemsMax = 3;
    private const int NameLengthMax = 40;

    /// <summary>The example; null if the payload is no JSON.</summary>
    public JsonElement? Of(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64 });
            var output = new ArrayBufferWriter<byte>(json.Length);
            using (var writer = new Utf8JsonWriter(output))
            {
                Write(writer, document.RootElement, "");
            }

            return JsonElement.Parse(output.WrittenSpan);
        }
        catch (JsonException)
        {
            // What is no JSON has no shape to show.
            return null;
        }
    }

    private void Write(Utf8JsonWriter writer, JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    var at = FieldPath.Member(path, member.Name);
                    writer.WritePropertyName(IsName(at, member.Name) ? member.Name : MaskedText.InForm(member.Name));
                    Write(writer, member.Value, at);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray().Take(ItemsMax))
                {
                    Write(writer, item, FieldPath.Items(path));
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String or JsonValueKind.Number when fields?.Find(path)?.Values is { } listed && listed.Contains(value.GetRawText()):
                value.WriteTo(writer);
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(MaskedText.InForm(value.GetString()!));
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(Number(value.GetRawText()));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private bool IsName(string path, string name) => fields is not null
        ? fields.All.ContainsKey(path)
        : name.Length <= NameLengthMax && name.All(c => char.IsAsciiLetter(c) || c is '_' or '-');

    /// <summary>As many digits, all ones, so that whole stays whole and small stays small.</summary>
    private static string Number(string text) =>
        text.Contains('.', StringComparison.Ordinal) || text.Contains('e', StringComparison.OrdinalIgnoreCase) ? text[0] == '-' ? "-1.5" : "1.5"
        : text == "0" ? text
        : (text[0] == '-' ? "-" : "") + new string('1', Math.Min(text.TrimStart('-').Length, 15)).ToString(CultureInfo.InvariantCulture);
}
