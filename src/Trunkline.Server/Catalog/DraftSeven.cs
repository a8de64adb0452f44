using System.Text.Json.Nodes;

namespace Trunkline.Server.Catalog;

/// <summary>
/// A JSON Schema of any draft in the words of draft 7, which is what AsyncAPI's tools know. What draft 7 has no word for is left out and named in
/// <c>x-left-out</c>: the schema then allows more than the one in the registry, never less.
/// </summary>
internal static class DraftSeven
{
    private static readonly string[] s_unsaid =
        ["minContains", "maxContains", "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "contentSchema", "$vocabulary"];

    // Carrying no rule, so that nothing is lost without them.
    private static readonly string[] s_silent = ["$dynamicAnchor", "$recursiveAnchor", "contentSchema", "$vocabulary"];

    /// <summary>Changes a schema, embedded already, into one of draft 7.</summary>
    public static void Make(JsonNode schema)
    {
        if (schema is not JsonObject root)
        {
            return;
        }

        var leftOut = new SortedSet<string>(StringComparer.Ordinal);
        var draft = root["$schema"] is JsonValue value && value.TryGetValue<string>(out var named) ? named : "";
        root.Remove("$schema");
        Part(root, draft, leftOut);
        if (leftOut.Count > 0)
        {
            root["x-left-out"] = new JsonArray([.. leftOut.Select(word => (JsonNode)word)]);
        }
    }

    private static void Part(JsonNode node, string draft, SortedSet<string> leftOut)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        foreach (var (_, part) in EmbeddedSchema.Parts(schema).ToList())
        {
            Part(part, draft, leftOut);
        }

        if (draft.Contains("draft-04", StringComparison.Ordinal))
        {
            Exclusive(schema, "exclusiveMinimum", "minimum");
            Exclusive(schema, "exclusiveMaximum", "maximum");
        }
        else if (draft.Contains("20", StringComparison.Ordinal))
        {
            Later(schema, leftOut);
        }
    }

    private static void Exclusive(JsonObject schema, string exclusive, string bound)
    {
        if (schema[exclusive] is JsonValue flag && flag.TryGetValue<bool>(out var isExclusive))
        {
            schema.Remove(exclusive);
            if (isExclusive && schema[bound] is { } limit)
            {
                schema.Remove(bound);
                schema[exclusive] = limit;
            }
        }
    }

    private static void Later(JsonObject schema, SortedSet<string> leftOut)
    {
        foreach (var word in s_unsaid.Where(schema.ContainsKey))
        {
            schema.Remove(word);
            if (!s_silent.Contains(word))
            {
                leftOut.Add(word);
            }
        }

        if (schema["prefixItems"] is { } prefix)
        {
            schema.Remove("prefixItems");
            if (schema["items"] is { } rest)
            {
                schema.Remove("items");
                schema["additionalItems"] = rest;
            }

            schema["items"] = prefix;
        }

        Depend(schema, "dependentRequired");
        Depend(schema, "dependentSchemas");
        if (schema["$ref"] is { } reference && schema.Count > 1)
        {
            // Beside a reference draft 7 reads nothing.
            schema.Remove("$ref");
            var all = schema["allOf"] as JsonArray ?? [];
            schema["allOf"] = all;
            all.Add(new JsonObject { ["$ref"] = reference });
        }
    }

    private static void Depend(JsonObject schema, string word)
    {
        if (schema[word] is not JsonObject members)
        {
            return;
        }

        schema.Remove(word);
        var all = schema["dependencies"] as JsonObject ?? [];
        schema["dependencies"] = all;
        foreach (var (name, value) in members.ToList())
        {
            members.Remove(name);
            all.TryAdd(name, value);
        }
    }
}
