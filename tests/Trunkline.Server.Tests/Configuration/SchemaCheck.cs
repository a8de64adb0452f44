using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Trunkline.Core.Config;

namespace Trunkline.Server.Tests.Configuration;

/// <summary>Checks YAML against the JSON Schema keywords the project's schema uses; a keyword it does not know fails the test.</summary>
internal sealed class SchemaCheck(string schema)
{
    private readonly JsonObject _root = JsonNode.Parse(schema)!.AsObject();

    public bool Accepts(string yaml)
    {
        var document = YamlComposer.Compose("f.yaml", yaml, new FaultList());
        return Accepts(document.Root!, _root);
    }

    private bool Accepts(ConfigNode node, JsonNode schema)
    {
        if (schema is JsonValue always)
        {
            return always.GetValue<bool>();
        }

        return schema.AsObject().All(rule => Holds(node, rule.Key, rule.Value!, schema.AsObject()));
    }

    private bool Holds(ConfigNode node, string keyword, JsonNode value, JsonObject schema) => keyword switch
    {
        "$schema" or "$id" or "$defs" or "title" or "description" or "then" => true,
        "$ref" => Accepts(node, _root["$defs"]![value.GetValue<string>()["#/$defs/".Length..]]!),
        "anyOf" => value.AsArray().Any(s => Accepts(node, s!)),
        "oneOf" => value.AsArray().Count(s => Accepts(node, s!)) == 1,
        "allOf" => value.AsArray().All(s => Accepts(node, s!)),
        "not" => !Accepts(node, value),
        "if" => !Accepts(node, value) || Accepts(node, schema["then"]!),
        "type" => value is JsonArray types ? types.Any(t => IsOf(node, t!.GetValue<string>())) : IsOf(node, value.GetValue<string>()),
        "enum" => value.AsArray().Any(v => Equal(node, v!)),
        "const" => Equal(node, value),
        "pattern" => node is not ScalarNode text || Regex.IsMatch(text.Text, value.GetValue<string>(), RegexOptions.None, TimeSpan.FromSeconds(5)),
        "minimum" => node is not ScalarNode low || !long.TryParse(low.Text, out var n) || n >= value.GetValue<int>(),
        "maximum" => node is not ScalarNode high || !long.TryParse(high.Text, out var n) || n <= value.GetValue<int>(),
        "items" => node is not SequenceNode list || list.Items.All(i => Accepts(i, value)),
        "minItems" => node is not SequenceNode few || few.Items.Count >= value.GetValue<int>(),
        "required" => node is not MappingNode map || value.AsArray().All(k => map.Find(k!.GetValue<string>()) is not null),
        "properties" => node is not MappingNode map || map.Entries.All(e => value[e.Key] is not { } s || Accepts(e.Value, s)),
        "propertyNames" => node is not MappingNode map || map.Entries.All(e => Regex.IsMatch(e.Key, value["pattern"]!.GetValue<string>())),
        "additionalProperties" => node is not MappingNode map
            || map.Entries.Where(e => schema["properties"] is not JsonObject known || !known.ContainsKey(e.Key)).All(e => Accepts(e.Value, value)),
        _ => throw new InvalidOperationException($"The schema uses the keyword '{keyword}'."),
    };

    private static bool IsOf(ConfigNode node, string type) => type switch
    {
        "object" => node is MappingNode,
        "array" => node is SequenceNode,
        "null" => node is ScalarNode { IsNull: true },
        "integer" => node is ScalarNode { IsPlain: true } n && long.TryParse(n.Text, out _),
        "string" => node is ScalarNode { IsNull: false } s && !(s.IsPlain && (s.Text is "true" or "false" || double.TryParse(s.Text, out _))),
        _ => throw new InvalidOperationException($"The schema uses the type '{type}'."),
    };

    private static bool Equal(ConfigNode node, JsonNode value) =>
        node is ScalarNode scalar && scalar.Text == (value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString());
}
