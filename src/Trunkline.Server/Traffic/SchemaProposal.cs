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
        "avro" => AvroProposal.Of(message, ProposalNames.TypeName(topic)).ToJsonString(Indented) + "\n",
        "protobuf" => ProtobufProposal.Of(message, ProposalNames.TypeName(topic)),
        _ => Whole(Json(message)).ToJsonString(Indented) + "\n",
    };

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

        if (field.Kinds.HasFlag(FieldKinds.List) && field is { IsCut: false, Items: { } items })
        {
            schema["items"] = Json(items);
        }

        if (!field.Kinds.HasFlag(FieldKinds.Object) || field.IsCut)
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
}
