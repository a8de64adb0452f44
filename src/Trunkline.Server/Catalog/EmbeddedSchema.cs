using System.Text.Json.Nodes;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Catalog;

/// <summary>
/// A JSON Schema as part of a larger document. There its addresses mean nothing and its references would be taken from the document's root, so these are made to
/// point at where the schema stands.
/// </summary>
internal sealed class EmbeddedSchema
{
    private const string Root = "schema://self";

    /// <summary>Keywords whose members are named by the author, each a schema.</summary>
    internal static readonly HashSet<string> Named = ["properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies"];

    /// <summary>Keywords that hold data, in which nothing is a reference.</summary>
    internal static readonly HashSet<string> Data = ["enum", "const", "default", "examples", "example", "required", "type"];

    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string> _references;

    private EmbeddedSchema(IReadOnlyDictionary<string, string> references) => _references = references;

    /// <summary>The schema for a place of a document.</summary>
    /// <param name="schema">The schema; it is not changed.</param>
    /// <param name="pointer">Where it is to stand, such as <c>#/components/schemas/mail</c>.</param>
    /// <param name="references">Where the other schemas it names stand.</param>
    public static JsonNode Of(JsonNode schema, string pointer, IReadOnlyDictionary<string, string> references)
    {
        var copy = schema.DeepClone();
        var embedded = new EmbeddedSchema(references);
        embedded.Collect(copy, Root, pointer);
        embedded.Point(copy, Root);
        return copy;
    }

    /// <summary>Escapes a name for a JSON pointer in a fragment.</summary>
    public static string Segment(string name) => Uri.EscapeDataString(name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));

    /// <summary>Runs over the schemas within a schema, with where each stands in it.</summary>
    public static IEnumerable<(string Path, JsonNode Schema)> Parts(JsonObject schema)
    {
        foreach (var (keyword, value) in schema.ToList())
        {
            if (value is null || Data.Contains(keyword))
            {
                continue;
            }

            foreach (var part in Named.Contains(keyword) && value is JsonObject members ? members.Select(one => ($"/{Segment(keyword)}/{Segment(one.Key)}", one.Value)).ToList()
                : value is JsonArray items ? items.Select((one, at) => ($"/{Segment(keyword)}/{at}", one)).ToList()
                : [($"/{Segment(keyword)}", value)])
            {
                if (part.Item2 is JsonObject or JsonArray)
                {
                    yield return (part.Item1, part.Item2);
                }
            }
        }
    }

    private void Collect(JsonNode node, string from, string pointer)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        _places.TryAdd(from, pointer);
        if (IdOf(schema) is { } id)
        {
            var address = UriReference.Resolve(from, id);
            _places[address.TrimEnd('#')] = pointer;
            from = id.StartsWith('#') ? from : address.TrimEnd('#');
        }

        foreach (var name in (string[])["$anchor", "$dynamicAnchor"])
        {
            if (Text(schema, name) is { } anchor)
            {
                _places[$"{from}#{anchor}"] = pointer;
            }
        }

        foreach (var (path, part) in Parts(schema))
        {
            Collect(part, from, pointer + path);
        }
    }

    private void Point(JsonNode node, string from)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        if (IdOf(schema) is { } id)
        {
            from = id.StartsWith('#') ? from : UriReference.Resolve(from, id).TrimEnd('#');
            schema.Remove("$id");
            schema.Remove("id");
        }

        schema.Remove("$anchor");
        if (Text(schema, "$ref") is { } reference)
        {
            if (PlaceOf(reference, from) is { } place)
            {
                schema["$ref"] = place;
            }
            else
            {
                schema.Remove("$ref");
                schema["$comment"] = $"refers to {reference}, which is not part of this document";
            }
        }

        foreach (var (_, part) in Parts(schema))
        {
            Point(part, from);
        }
    }

    private string? PlaceOf(string reference, string from)
    {
        var address = UriReference.Resolve(from, reference).TrimEnd('#');
        if (_places.TryGetValue(address, out var exact))
        {
            return exact;
        }

        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var (name, inside) = hash < 0 ? (reference, "") : (reference[..hash], reference[(hash + 1)..]);
        var whole = address.Split('#')[0];
        var place = _places.GetValueOrDefault(whole) ?? _references.GetValueOrDefault(name) ?? _references.GetValueOrDefault(whole);
        return place is null || (inside.Length > 0 && !inside.StartsWith('/')) ? null : place + inside;
    }

    // Draft 4 calls it id; a property may be called so too, but then it holds no text here.
    private static string? IdOf(JsonObject schema) => Text(schema, "$id") ?? Text(schema, "id");

    private static string? Text(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
