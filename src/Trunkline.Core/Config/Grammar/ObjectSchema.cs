using System.Text.Json.Nodes;

namespace Trunkline.Core.Config.Grammar;

/// <summary>JSON Schema of objects: one definition each, referred to by name.</summary>
internal static class ObjectSchema
{
    public static JsonObject Refer(ObjectType type, JsonObject definitions)
    {
        if (!definitions.ContainsKey(type.Name))
        {
            definitions[type.Name] = new JsonObject();
            definitions[type.Name] = Define(type, definitions);
        }

        var reference = new JsonObject { ["$ref"] = "#/$defs/" + type.Name };
        return type.Shorthand is null
            ? reference
            : new JsonObject { ["anyOf"] = new JsonArray(type.Shorthand.Type.Schema(definitions), reference) };
    }

    public static JsonObject Define(ObjectType type, JsonObject definitions)
    {
        var properties = new JsonObject();
        foreach (var key in type.Keys)
        {
            properties[key.Name] = Property(key, definitions);
        }

        var schema = new JsonObject { ["type"] = "object", ["description"] = type.Doc, ["additionalProperties"] = false, ["properties"] = properties };
        AddRequired(schema, type.Keys.Where(k => k.Required));
        if (type.OneOf.Count > 0)
        {
            schema["oneOf"] = new JsonArray([.. type.OneOf.Where(k => !k.NotYet).Select(k => new JsonObject { ["required"] = new JsonArray(k.Name) })]);
        }

        if (type.Deciding is not null && Conditions(type) is { Count: > 0 } conditions)
        {
            schema["allOf"] = conditions;
        }

        return schema;
    }

    private static JsonObject Property(GrammarKey key, JsonObject definitions)
    {
        if (key.NotYet)
        {
            return new JsonObject { ["not"] = new JsonObject(), ["description"] = "Not in this version yet. " + key.Doc };
        }

        var schema = key.Type.Schema(definitions);
        schema["description"] = key.Default is null ? key.Doc : $"{key.Doc} Default: {key.Default}.";
        return schema;
    }

    /// <summary>Which keys belong to, and are required by, each value of the deciding key.</summary>
    private static JsonArray Conditions(ObjectType type)
    {
        var conditions = new JsonArray();
        foreach (var kind in type.Keys.SelectMany(k => k.Only.Concat(k.RequiredFor)).Distinct())
        {
            var then = new JsonObject();
            AddRequired(then, type.Keys.Where(k => k.RequiredFor.Contains(kind)));
            var foreign = new JsonObject();
            foreach (var key in type.Keys.Where(k => k.Only.Count > 0 && !k.Only.Contains(kind)))
            {
                foreign[key.Name] = false;
            }

            if (foreign.Count > 0)
            {
                then["properties"] = foreign;
            }

            var test = new JsonObject { [type.Deciding!.Name] = new JsonObject { ["const"] = kind } };
            conditions.Add(new JsonObject
            {
                ["if"] = new JsonObject { ["properties"] = test, ["required"] = new JsonArray(type.Deciding.Name) },
                ["then"] = then,
            });
        }

        return conditions;
    }

    private static void AddRequired(JsonObject schema, IEnumerable<GrammarKey> keys)
    {
        var required = new JsonArray([.. keys.Select(k => JsonValue.Create(k.Name))]);
        if (required.Count > 0)
        {
            schema["required"] = required;
        }
    }
}
