using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Traffic;

/// <summary>
/// Makes a schema of what came: what always came is required, few values become a list, names that are data a map. It is a beginning for people, not a verdict.
/// </summary>
internal static class SchemaProposal
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 200 };

    /// <summary>The formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["json", "avro", "protobuf"];

    /// <summary>The schema.</summary>
    /// <param name="message">What came.</param>
    /// <param name="topic">Its topic, which names the types.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    public static string Of(SeenField message, string topic, string format) => format switch
    {
        "avro" => Avro(message, TypeName(topic)).ToJsonString(Indented) + "\n",
        "protobuf" => new ProtobufProposal().Write(message, TypeName(topic)),
        _ => Whole(Json(message)).ToJsonString(Indented) + "\n",
    };

    /// <summary>A name as types of Avro and Protobuf are called.</summary>
    public static string TypeName(string name)
    {
        var text = new StringBuilder();
        foreach (var part in name.Split(['.', '-', '_', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append(char.ToUpperInvariant(part[0])).Append(part.AsSpan(1));
        }

        return Identifier(text.ToString());
    }

    /// <summary>A name with letters, digits and underscores only.</summary>
    public static string Identifier(string name)
    {
        var text = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? "_" + text : text;
    }

    private static JsonObject Whole(JsonObject schema)
    {
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        return schema;
    }

    private static JsonObject Json(SeenField field)
    {
        var schema = new JsonObject();
        var types = JsonTypes(field.Kinds);
        schema["type"] = types.Count == 1 ? types[0] : new JsonArray([.. types.Select(type => (JsonNode)type)]);
        if (field.Kinds == FieldKinds.Text && field.Values is { } values)
        {
            schema["enum"] = new JsonArray([.. values.Select(value => (JsonNode)value)]);
        }
        else if (field.Form is { } form)
        {
            schema["format"] = TextForms.FormatOf(form);
        }

        if (field.Kinds.HasFlag(FieldKinds.List) && field.Items is { } items)
        {
            schema["items"] = Json(items);
        }

        if (!field.Kinds.HasFlag(FieldKinds.Object))
        {
            return schema;
        }

        if (field.IsMap)
        {
            schema["additionalProperties"] = field.Items is { } mapped ? Json(mapped) : true;
            return schema;
        }

        var members = field.Members;
        schema["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)Json(member))));
        var required = members.Where(member => member.IsAlwaysIn(field)).Select(member => (JsonNode)member.Name).ToArray();
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray(required);
        }

        return schema;
    }

    private static List<string> JsonTypes(FieldKinds kinds)
    {
        var types = new List<string>();
        foreach (var (kind, type) in ((FieldKinds, string)[])[
            (FieldKinds.Object, "object"), (FieldKinds.List, "array"), (FieldKinds.Text, "string"), (FieldKinds.Boolean, "boolean"), (FieldKinds.Null, "null")])
        {
            if (kinds.HasFlag(kind))
            {
                types.Add(type);
            }
        }

        if ((kinds & (FieldKinds.Number | FieldKinds.Integer)) != FieldKinds.None)
        {
            types.Add(kinds.HasFlag(FieldKinds.Number) ? "number" : "integer");
        }

        return types;
    }

    private static JsonNode Avro(SeenField field, string name)
    {
        var types = new List<JsonNode>();
        foreach (var kind in ((FieldKinds[])[FieldKinds.Null, FieldKinds.Boolean, FieldKinds.Integer, FieldKinds.Number, FieldKinds.Text, FieldKinds.List, FieldKinds.Object])
            .Where(kind => field.Kinds.HasFlag(kind) && !(kind == FieldKinds.Integer && field.Kinds.HasFlag(FieldKinds.Number))))
        {
            types.Add(kind switch
            {
                FieldKinds.Null => "null",
                FieldKinds.Boolean => "boolean",
                FieldKinds.Integer => "long",
                FieldKinds.Number => "double",
                FieldKinds.Text => "string",
                FieldKinds.List => new JsonObject { ["type"] = "array", ["items"] = field.Items is { } items ? Avro(items, name + "Item") : "string" },
                _ => field.IsMap
                    ? new JsonObject { ["type"] = "map", ["values"] = field.Items is { } values ? Avro(values, name + "Value") : "string" }
                    : Record(field, name),
            });
        }

        return types.Count == 1 ? types[0] : new JsonArray([.. types]);
    }

    private static JsonObject Record(SeenField field, string name) => new()
    {
        ["type"] = "record",
        ["name"] = name,
        ["fields"] = new JsonArray([.. field.Members.Select(member => Field(member, field, name))]),
    };

    private static JsonObject Field(SeenField member, SeenField parent, string name)
    {
        var type = Avro(member, name + TypeName(member.Name));
        var field = new JsonObject { ["name"] = Identifier(member.Name) };
        if (member.IsAlwaysIn(parent) && !member.Kinds.HasFlag(FieldKinds.Null))
        {
            field["type"] = type;
            return field;
        }

        field["type"] = type is JsonArray union
            ? new JsonArray([(JsonNode)"null", .. union.Where(one => one!.GetValueKind() != JsonValueKind.String || one.GetValue<string>() != "null").Select(one => one!.DeepClone())])
            : type.GetValueKind() == JsonValueKind.String && type.GetValue<string>() == "null" ? new JsonArray("null", "string") : new JsonArray("null", type);
        field["default"] = null;
        return field;
    }

    /// <summary>Protobuf has names and numbers of its own: what JSON calls otherwise keeps its name beside.</summary>
    private sealed class ProtobufProposal
    {
        private readonly StringBuilder _text = new();

        public string Write(SeenField message, string name)
        {
            _text.Append("syntax = \"proto3\";\n\n");
            Message(message, name, "");
            return _text.ToString();
        }

        private void Message(SeenField field, string name, string indent)
        {
            _text.Append(indent).Append("message ").Append(name).Append(" {\n");
            var number = 1;
            foreach (var member in field.Members)
            {
                var item = member.Kinds.HasFlag(FieldKinds.List) ? member.Items : null;
                var holds = item ?? member;
                var type = Type(holds, TypeName(member.Name), indent + "  ");
                var label = member.Kinds.HasFlag(FieldKinds.List) ? "repeated " : member.IsMap || member.Kinds.HasFlag(FieldKinds.Object) || member.IsAlwaysIn(field) ? "" : "optional ";
                var id = Identifier(member.Name);
                _text.Append(indent).Append("  ").Append(label).Append(type).Append(' ').Append(id).Append(" = ").Append(number.ToString(CultureInfo.InvariantCulture))
                    .Append(id == member.Name ? "" : $" [json_name = {JsonSerializer.Serialize(member.Name)}]").Append(";\n");
                number++;
            }

            _text.Append(indent).Append("}\n");
        }

        private string Type(SeenField field, string name, string indent)
        {
            if (field.Kinds.HasFlag(FieldKinds.Object) && !field.IsMap)
            {
                Message(field, name, indent);
                return name;
            }

            return field.Kinds.HasFlag(FieldKinds.Object) ? $"map<string, {(field.Items is { } values ? Type(values, name, indent) : "string")}>"
                : field.Kinds.HasFlag(FieldKinds.Text) ? "string"
                : field.Kinds.HasFlag(FieldKinds.Number) ? "double"
                : field.Kinds.HasFlag(FieldKinds.Integer) ? "int64"
                : field.Kinds.HasFlag(FieldKinds.Boolean) ? "bool"
                : "string";
        }
    }
}
