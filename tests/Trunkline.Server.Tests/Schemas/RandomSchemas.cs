using System.Text.Json.Nodes;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Small JSON Schemas and documents, drawn so that they often have to do with each other.</summary>
internal sealed class RandomSchemas(int seed)
{
    private static readonly string[] s_names = ["a", "b", "ab"];
    private static readonly string[] s_types = ["null", "boolean", "integer", "number", "string", "array", "object"];

    private readonly Random _random = new(seed);

    /// <summary>A schema.</summary>
    public JsonNode Schema(int depth = 3)
    {
        if (depth == 0 || Chance(10))
        {
            return Chance(80) ? new JsonObject { ["type"] = Pick(s_types) } : JsonValue.Create(Chance(70));
        }

        var schema = new JsonObject();
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            Add(schema, depth - 1);
        }

        return schema;
    }

    /// <summary>A schema like another, changed in one place.</summary>
    public JsonNode Changed(JsonNode schema)
    {
        var copy = schema.DeepClone();
        var at = copy as JsonObject;
        for (var deeper = _random.Next(3); at is not null && deeper > 0; deeper--)
        {
            at = Pick([at, .. Objects(at)]);
        }

        if (at is null)
        {
            return Schema(2);
        }

        if (at.Count > 0 && Chance(40))
        {
            at.Remove(Pick([.. at.Select(one => one.Key)]));
        }

        if (Chance(70))
        {
            Add(at, 1);
        }

        return copy;
    }

    /// <summary>A document.</summary>
    public JsonNode? Document(int depth = 3) => _random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => null,
        1 => JsonValue.Create(Chance(50)),
        2 => JsonValue.Create(_random.Next(-2, 5)),
        3 => JsonValue.Create(_random.Next(-4, 9) / 2.0),
        4 => JsonValue.Create(Pick(["", "a", "b", "ab", "bbb"])),
        5 => new JsonArray(),
        6 => new JsonArray([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Document(depth - 1))]),
        _ => new JsonObject(s_names.Append("zz").Where(_ => Chance(50)).Select(name => new KeyValuePair<string, JsonNode?>(name, Document(depth - 1)))),
    };

    private void Add(JsonObject schema, int depth)
    {
        switch (_random.Next(24))
        {
            case 0 or 1 or 2:
                schema["type"] = Chance(70) ? Pick(s_types) : new JsonArray([.. s_types.Where(_ => Chance(40)).DefaultIfEmpty("string").Select(name => (JsonNode?)name)]);
                break;
            case 3:
                schema["enum"] = new JsonArray([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Document(1))]);
                break;
            case 4:
                schema["const"] = Document(1);
                break;
            case 5:
                schema[Pick(["minimum", "exclusiveMinimum"])] = _random.Next(-2, 3);
                break;
            case 6:
                schema[Pick(["maximum", "exclusiveMaximum"])] = _random.Next(-1, 4);
                break;
            case 7:
                schema["multipleOf"] = Pick([1, 2, 4, 0.5]);
                break;
            case 8:
                schema[Pick(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"])] = _random.Next(0, 4);
                break;
            case 9:
                schema["pattern"] = Pick(["^a", "b$"]);
                break;
            case 10 or 11 or 12:
                schema["properties"] = new JsonObject(s_names.Where(_ => Chance(60)).Select(name => new KeyValuePair<string, JsonNode?>(name, Schema(depth))));
                break;
            case 13:
                schema["required"] = new JsonArray([.. s_names.Where(_ => Chance(40)).Select(name => (JsonNode?)name)]);
                break;
            case 14:
                schema["additionalProperties"] = Chance(60) ? JsonValue.Create(Chance(30)) : Schema(depth);
                break;
            case 15:
                schema["patternProperties"] = new JsonObject { [Pick(["^a", "b$"])] = Schema(depth) };
                break;
            case 16:
                schema[Pick(["items", "contains", "not", "propertyNames"])] = Schema(depth);
                break;
            case 17:
                schema["prefixItems"] = new JsonArray([.. Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Schema(depth))]);
                break;
            case 18:
                schema["uniqueItems"] = Chance(80);
                break;
            case 19:
                schema["contains"] = Schema(depth);
                schema[Pick(["minContains", "maxContains"])] = _random.Next(0, 3);
                break;
            case 20:
                schema["if"] = Schema(depth);
                schema[Pick(["then", "else"])] = Schema(depth);
                break;
            case 21:
                schema["dependentRequired"] = new JsonObject { [Pick(s_names)] = new JsonArray(Pick(s_names)) };
                break;
            case 22:
                schema[Pick(["dependentSchemas", "dependencies"])] = new JsonObject { [Pick(s_names)] = Schema(depth) };
                break;
            default:
                schema[Pick(["anyOf", "oneOf", "allOf"])] = new JsonArray([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Schema(depth))]);
                break;
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode at) => at switch
    {
        JsonObject all => all.Select(one => one.Value).OfType<JsonNode>().SelectMany(one => one is JsonObject inner ? [inner] : Objects(one)),
        JsonArray list => list.OfType<JsonNode>().SelectMany(one => one is JsonObject inner ? [inner] : Objects(one)),
        _ => [],
    };

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
