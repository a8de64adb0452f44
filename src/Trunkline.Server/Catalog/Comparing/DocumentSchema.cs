using System.Text;
using System.Text.Json.Nodes;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Json.Compatibility;

namespace Trunkline.Server.Catalog.Comparing;

/// <summary>A JSON Schema of a document, taken out of it with all it refers to, so that it can be compared as any other.</summary>
internal sealed class DocumentSchema
{
    private const string DraftSeven = "http://json-schema.org/draft-07/schema#";
    private const string DraftFour = "http://json-schema.org/draft-04/schema#";
    private const string Draft2020 = "https://json-schema.org/draft/2020-12/schema";
    private const int ReasonsMax = 3;

    private readonly JsonObject _document;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Queue<string> _open = new();
    private readonly string _dialect;
    private readonly string _home;
    private readonly bool _isOld;

    private DocumentSchema(JsonObject document, JsonNode schema)
    {
        _document = document;
        _isOld = DocumentNodes.Text(document, "openapi")?.StartsWith("3.0", StringComparison.Ordinal) == true;
        _dialect = DocumentNodes.Text(DocumentNodes.Follow(document, schema), "$schema")
            ?? DocumentNodes.Text(document, "jsonSchemaDialect")
            ?? (_isOld ? DraftFour : document.ContainsKey("asyncapi") ? DraftSeven : Draft2020);
        if (_dialect.Contains("spec.openapis.org", StringComparison.Ordinal))
        {
            _dialect = Draft2020;
        }

        _home = _dialect.Contains("json-schema.org/draft/20", StringComparison.Ordinal) ? "$defs" : "definitions";
    }

    /// <summary>Why not all that one schema allows is accepted by another; empty if it is.</summary>
    /// <param name="reader">The schema that has to accept, and its document.</param>
    /// <param name="writer">The schema that tells what comes, and its document.</param>
    public static IReadOnlyList<string> Refusals((JsonObject Document, JsonNode? Schema) reader, (JsonObject Document, JsonNode? Schema) writer)
    {
        var (accepts, allows) = (TextOf(reader.Document, reader.Schema), TextOf(writer.Document, writer.Schema));
        if (accepts == allows)
        {
            return [];
        }

        var options = new JsonSchemaOptions();
        foreach (var text in (string[])[accepts, allows])
        {
            if (JsonSchema.Read(Encoding.UTF8.GetBytes(text), options, out var faults) is null)
            {
                return [$"a schema cannot be read, so it cannot be compared: {faults[0].Message}"];
            }
        }

        return [.. JsonSchemaDiff.Check(accepts, options, allows, options).Take(ReasonsMax).Select(one => $"{one.Message} ({one.Kind}{(one.At.Length > 1 ? " at " + Shown(one.At) : "")})")];
    }

    // The place without what only this way of comparing put there.
    private static string Shown(string at) => at.Replace("#/allOf/0", "", StringComparison.Ordinal) is { Length: > 0 } place ? place : "#";

    private static string TextOf(JsonObject document, JsonNode? schema) => schema is null ? "{}" : new DocumentSchema(document, schema).Standalone(schema);

    private string Standalone(JsonNode schema)
    {
        var parts = new JsonObject();
        var all = new JsonObject { ["$schema"] = _dialect, ["allOf"] = new JsonArray(Taken(schema)) };
        while (_open.TryDequeue(out var reference))
        {
            parts[_names[reference]] = DocumentNodes.At(_document, reference) is { } found ? Taken(found) : new JsonObject { ["not"] = new JsonObject() };
        }

        if (parts.Count > 0)
        {
            all[_home] = parts;
        }

        return all.ToJsonString();
    }

    private JsonNode Taken(JsonNode schema)
    {
        var copy = schema.DeepClone();
        Point(copy);
        return copy;
    }

    private void Point(JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        schema.Remove("$schema");
        if (DocumentNodes.Text(schema, "$ref") is { } reference && reference.StartsWith('#'))
        {
            if (_names.TryAdd(reference, $"part{_names.Count}"))
            {
                _open.Enqueue(reference);
            }

            schema["$ref"] = $"#/{_home}/{_names[reference]}";
        }

        if (_isOld && DocumentNodes.IsTrue(schema, "nullable") && DocumentNodes.Text(schema, "type") is { } type)
        {
            schema["type"] = new JsonArray(type, "null");
            (schema["enum"] as JsonArray)?.Add(null);
        }

        foreach (var (_, part) in EmbeddedSchema.Parts(schema).ToList())
        {
            Point(part);
        }
    }
}
