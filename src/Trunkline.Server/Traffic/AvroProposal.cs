using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Traffic;

/// <summary>A schema of Avro for what came. What is no name in Avro gets one, and keeps its own as <c>jsonName</c>.</summary>
internal sealed class AvroProposal
{
    private static readonly FieldKinds[] Order = [FieldKinds.Null, FieldKinds.Boolean, FieldKinds.Integer, FieldKinds.Number, FieldKinds.Text, FieldKinds.List, FieldKinds.Object];

    private readonly HashSet<string> _types = new(StringComparer.Ordinal);

    /// <summary>The schema.</summary>
    public static JsonNode Of(SeenField message, string name) => new AvroProposal().Type(message, name);

    private JsonNode Type(SeenField field, string name)
    {
        // A double holds whole numbers too; two numbers of a union could not be told apart.
        var types = Order.Where(kind => field.Kinds.HasFlag(kind) && !(kind == FieldKinds.Integer && field.Kinds.HasFlag(FieldKinds.Number))).Select(kind => Type(field, kind, name)).ToList();
        return types.Count == 1 ? types[0] : new JsonArray([.. types]);
    }

    private JsonNode Type(SeenField field, FieldKinds kind, string name) => kind switch
    {
        FieldKinds.Null => "null",
        FieldKinds.Boolean => "boolean",
        FieldKinds.Integer => "long",
        FieldKinds.Number => "double",
        FieldKinds.Text => "string",
        FieldKinds.List => new JsonObject { ["type"] = "array", ["items"] = field.Items is { } items ? Type(items, name + "Item") : "string" },
        _ => field.IsMap ? new JsonObject { ["type"] = "map", ["values"] = field.Items is { } values ? Type(values, name + "Value") : "string" } : Record(field, name),
    };

    private JsonObject Record(SeenField field, string name)
    {
        var own = ProposalNames.Unique(_types, name);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var fields = field.Members.Select(member => (JsonNode)Field(member, field, own, names)).ToArray();
        return new JsonObject { ["type"] = "record", ["name"] = own, ["fields"] = new JsonArray(fields) };
    }

    private JsonObject Field(SeenField member, SeenField parent, string type, HashSet<string> names)
    {
        var name = ProposalNames.Unique(names, ProposalNames.Identifier(member.Name));
        var field = new JsonObject { ["name"] = name };
        if (name != member.Name)
        {
            field["jsonName"] = member.Name;
        }

        var kind = Type(member, type + ProposalNames.TypeName(member.Name));
        if (member.IsAlwaysIn(parent))
        {
            field["type"] = kind;
            return field;
        }

        field["type"] = kind switch
        {
            JsonArray union => new JsonArray(["null", .. union.Where(one => !IsNull(one)).Select(one => one!.DeepClone())]),
            _ when IsNull(kind) => "null",
            _ => new JsonArray("null", kind),
        };
        field["default"] = null;
        return field;
    }

    private static bool IsNull(JsonNode? type) => type is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == "null";
}
