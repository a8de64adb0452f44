using System.Text.Json.Nodes;
using Trunkline.Client.Api;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Catalog;

/// <summary>Schemas of subjects as components of documents.</summary>
internal static class CatalogSchemas
{
    private const string DraftDefault = "http://json-schema.org/draft-07/schema#";

    /// <summary>Adds a schema, and those it refers to.</summary>
    /// <param name="all">The components.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="names">What components are called.</param>
    /// <param name="forAsyncApi">True for AsyncAPI, which knows draft 7 and schemas of other formats; false for OpenAPI, which knows JSON Schema only.</param>
    public static void Add(JsonObject all, CatalogSchema schema, CatalogNames names, bool forAsyncApi)
    {
        if (schema.SchemaType == SchemaTypes.Json)
        {
            AddJson(all, schema, names, forAsyncApi);
        }
        else if (forAsyncApi)
        {
            all[names.Of(schema.Subject)] = Described(schema, schema.SchemaType == SchemaTypes.Avro
                ? ("application/vnd.apache.avro;version=1.9.0", Avro(schema))
                : (schema.Schema.Contains("\"proto2\"", StringComparison.Ordinal) ? "application/vnd.google.protobuf;version=2" : "application/vnd.google.protobuf;version=3", schema.Schema));
        }
    }

    private static void AddJson(JsonObject all, CatalogSchema schema, CatalogNames names, bool forAsyncApi)
    {
        // What it refers to are components of their own; the same text is shared by all who refer to it.
        var references = schema.References.ToDictionary(one => one.Key, one => "#/components/schemas/" + names.Of($"{one.Key}\n{one.Value}", one.Key), StringComparer.Ordinal);
        foreach (var (name, text) in schema.References)
        {
            Put(all, references[name]["#/components/schemas/".Length..], text, references, forAsyncApi);
        }

        Put(all, names.Of(schema.Subject), schema.Schema, references, forAsyncApi);
    }

    private static void Put(JsonObject all, string name, string text, Dictionary<string, string> references, bool forAsyncApi)
    {
        if (all.ContainsKey(name))
        {
            return;
        }

        var schema = EmbeddedSchema.Of(JsonNode.Parse(text)!, "#/components/schemas/" + name, references);
        if (forAsyncApi)
        {
            DraftSeven.Make(schema);
        }
        else if (schema is JsonObject members && !members.ContainsKey("$schema"))
        {
            // OpenAPI would take it for 2020-12.
            members.Insert(0, "$schema", DraftDefault);
        }

        all[name] = schema;
    }

    private static JsonObject Described(CatalogSchema schema, (string Format, JsonNode Schema) of) => new() { ["schemaFormat"] = of.Format, ["schema"] = of.Schema };

    /// <summary>An Avro schema that stands by itself: a type that is defined in another subject is put where it is first named.</summary>
    private static JsonNode Avro(CatalogSchema schema)
    {
        var own = JsonNode.Parse(schema.Schema)!;
        if (schema.References.Count == 0)
        {
            return own;
        }

        // By its full name, and within its own namespace by the last part of it.
        var types = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var space = own is JsonObject record ? Space(FullName(record)) : "";
        foreach (var text in schema.References.Values)
        {
            if (JsonNode.Parse(text) is JsonObject type && FullName(type) is { } name && types.TryAdd(name, type) && Space(name) == space)
            {
                types.TryAdd(name.Split('.')[^1], type);
            }
        }

        return Inlined(own, types, []);
    }

    private static JsonNode Inlined(JsonNode node, Dictionary<string, JsonObject> types, HashSet<JsonObject> placed)
    {
        switch (node)
        {
            case JsonValue value when value.TryGetValue<string>(out var name) && types.TryGetValue(name, out var type) && placed.Add(type):
                return Inlined(type, types, placed);
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : Inlined(item, types, placed))]);
            case JsonObject schema:
                var copy = new JsonObject();
                foreach (var (word, value) in schema)
                {
                    copy[word] = value is null ? null : word is "type" or "items" or "values" or "fields" ? Inlined(value, types, placed) : value.DeepClone();
                }

                return copy;
            default:
                return node.DeepClone();
        }
    }

    private static string Space(string? name) => name?.LastIndexOf('.') is > 0 and var dot ? name![..dot] : "";

    private static string? FullName(JsonObject type) => type["name"]?.GetValue<string>() is not { } name ? null
        : name.Contains('.', StringComparison.Ordinal) || type["namespace"]?.GetValue<string>() is not { Length: > 0 } space ? name : $"{space}.{name}";
}
