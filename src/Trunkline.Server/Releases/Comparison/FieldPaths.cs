using System.Text.Json;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>A field's type and value.</summary>
/// <param name="Type"><c>string</c>, <c>number</c>, <c>boolean</c>, <c>null</c>, <c>array</c>, <c>object</c> or <c>bytes</c>.</param>
/// <param name="Raw">The value as it stands in the JSON; null where only the type is looked at.</param>
internal readonly record struct FieldValue(string Type, string? Raw)
{
    private const int CharactersMax = 200;

    /// <summary>For people: the value, or without values its kind and length.</summary>
    public string Show(bool values) => values && Raw is not null
        ? Raw.Length > CharactersMax ? string.Concat(Raw.AsSpan(0, CharactersMax), "…") : Raw
        : Type is "string" or "array" && Raw is not null ? $"{Type} of {Raw.Length} characters" : Type;
}

/// <summary>Takes JSON apart into fields by path: names joined by dots, <c>[]</c> for the elements of an array.</summary>
internal static class FieldPaths
{
    /// <summary>Fields looked at in one body; what goes beyond is left out.</summary>
    public const int FieldsMax = 1000;

    private const int DepthMax = 32;

    /// <summary>The fields of a body. What is not JSON is one field, <c>(body)</c>.</summary>
    public static Dictionary<string, FieldValue> Of(ReadOnlyMemory<byte> body, string prefix = "")
    {
        var fields = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 128 });
            Add(fields, prefix, document.RootElement, 0);
        }
        catch (JsonException)
        {
            // Any bytes may be a body: they are compared as they are.
            fields[prefix + "(body)"] = new FieldValue("bytes", Convert.ToBase64String(body.Span));
        }

        return fields;
    }

    private static void Add(Dictionary<string, FieldValue> fields, string path, JsonElement element, int depth)
    {
        if (fields.Count >= FieldsMax)
        {
            return;
        }

        if (element.ValueKind == JsonValueKind.Object && depth < DepthMax)
        {
            foreach (var property in element.EnumerateObject())
            {
                Add(fields, path.Length == 0 || path[^1] == ' ' ? path + property.Name : $"{path}.{property.Name}", property.Value, depth + 1);
            }

            return;
        }

        fields[path.Length == 0 ? "(body)" : path] = new FieldValue(TypeOf(element), element.GetRawText());
        if (element.ValueKind == JsonValueKind.Array && depth < DepthMax)
        {
            var inside = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
            foreach (var item in element.EnumerateArray().Take(FieldsMax))
            {
                Add(inside, path + "[]", item, depth + 1);
                Merge(fields, inside);
                inside.Clear();
            }
        }
    }

    // The array itself is compared as a value; of its elements only the types are of interest.
    private static void Merge(Dictionary<string, FieldValue> fields, Dictionary<string, FieldValue> inside)
    {
        foreach (var (path, value) in inside)
        {
            var known = fields.TryGetValue(path, out var field) ? field.Type.Split('|') : [];
            if (fields.Count < FieldsMax || known.Length > 0)
            {
                fields[path] = new FieldValue(string.Join('|', known.Append(value.Type).Distinct().Order(StringComparer.Ordinal)), null);
            }
        }
    }

    private static string TypeOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };
}
