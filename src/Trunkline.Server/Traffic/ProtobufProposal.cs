using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Traffic;

/// <summary>
/// A .proto file for what came. Names that are none in Protobuf keep theirs as <c>json_name</c>. What had values of several kinds, or lists of lists, is a
/// <c>google.protobuf.Value</c>, which holds any JSON.
/// </summary>
internal sealed class ProtobufProposal
{
    private const string Any = "google.protobuf.Value";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _text = new();
    private bool _usesAny;

    /// <summary>The file.</summary>
    public static string Of(SeenField message, string name)
    {
        var proposal = new ProtobufProposal();
        proposal.Whole(message, name);
        return "syntax = \"proto3\";\n\n" + (proposal._usesAny ? "import \"google/protobuf/struct.proto\";\n\n" : "") + proposal._text;
    }

    private void Whole(SeenField message, string name)
    {
        if (message is { Kinds: FieldKinds.Object, IsMap: false })
        {
            Message(message, name, "");
            return;
        }

        // Only a message can stand by itself.
        _text.Append("message ").Append(name).Append(" {\n");
        var (label, type) = Type(message, name + "Value", "  ");
        _text.Append("  ").Append(label).Append(type).Append(" value = 1;\n}\n");
    }

    private void Message(SeenField field, string name, string indent)
    {
        _text.Append(indent).Append("message ").Append(name).Append(" {\n");

        // Names of fields must differ in their form of JSON too, which has no underscores; types within a message must differ from its fields.
        var forms = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var members = field.Members.Select(member => (Member: member, Id: ProposalNames.Unique(forms, FieldName(member.Name), static one => one.Replace("_", "", StringComparison.Ordinal)))).ToList();
        var taken = members.Select(one => one.Id).Append(name).ToHashSet(StringComparer.Ordinal);
        foreach (var (number, (member, id)) in members.Index())
        {
            var (label, type) = Type(member, ProposalNames.Unique(taken, ProposalNames.TypeName(member.Name)), indent + "  ");
            label = label.Length == 0 && !type.StartsWith("map<", StringComparison.Ordinal) && !member.IsAlwaysIn(field) ? "optional " : label;
            _text.Append(indent).Append("  ").Append(label).Append(type).Append(' ').Append(id).Append(" = ").Append((number + 1).ToString(CultureInfo.InvariantCulture))
                .Append(id == member.Name && !id.Contains('_', StringComparison.Ordinal) ? "" : $" [json_name = {Quoted(member.Name)}]").Append(";\n");
        }

        _text.Append(indent).Append("}\n");
    }

    private (string Label, string Type) Type(SeenField field, string name, string indent)
    {
        var kinds = field.Kinds & ~FieldKinds.Null;
        if (kinds == FieldKinds.List)
        {
            return field.Items is not { } items ? ("repeated ", "string")
                : (items.Kinds & (FieldKinds.List | FieldKinds.Null)) != FieldKinds.None || IsMap(items) ? ("repeated ", OfAny())
                : ("repeated ", Type(items, name, indent).Type);
        }

        if (kinds == FieldKinds.Object && field.IsMap)
        {
            var values = field.Items;
            return ("", $"map<string, {(values is null ? "string" : (values.Kinds & (FieldKinds.List | FieldKinds.Null)) != FieldKinds.None || IsMap(values) ? OfAny() : Type(values, name, indent).Type)}>");
        }

        if (kinds == FieldKinds.Object)
        {
            Message(field, name, indent);
            return ("", name);
        }

        return ("", kinds switch
        {
            FieldKinds.Text => "string",
            FieldKinds.Boolean => "bool",
            FieldKinds.Integer => "int64",
            FieldKinds.Number or (FieldKinds.Number | FieldKinds.Integer) => "double",
            _ => OfAny(),
        });
    }

    /// <summary>Begins with a letter: the entries of a map are a type named after its field, without the underscores.</summary>
    private static string FieldName(string name) =>
        ProposalNames.Identifier(name) is var id && id.TrimStart('_') is [var first, ..] && char.IsAsciiLetter(first) ? id : "field" + id;

    private static bool IsMap(SeenField field) => field.IsMap && field.Kinds.HasFlag(FieldKinds.Object);

    private string OfAny()
    {
        _usesAny = true;
        return Any;
    }

    private static string Quoted(string name) => JsonSerializer.Serialize(name, Readable);
}
