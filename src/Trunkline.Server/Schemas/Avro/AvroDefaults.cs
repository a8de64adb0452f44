using System.Globalization;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Avro;

/// <summary>Whether the JSON of a default is a value of its type.</summary>
internal sealed class AvroDefaults(JsonIndex text)
{
    /// <summary>True if it is.</summary>
    public bool Fits(AvroSchema schema, int token)
    {
        var kind = text[token].Kind;
        return schema.Type switch
        {
            AvroType.Null => kind == JsonKind.Null,
            AvroType.Boolean => kind is JsonKind.True or JsonKind.False,
            AvroType.Int => kind == JsonKind.Number && int.TryParse(text.Raw(token), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            AvroType.Long => kind == JsonKind.Number && long.TryParse(text.Raw(token), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            AvroType.Float or AvroType.Double => kind == JsonKind.Number || (kind == JsonKind.String && text.Text(token) is "NaN" or "Infinity" or "-Infinity"),
            AvroType.String => kind == JsonKind.String,
            AvroType.Bytes => kind == JsonKind.String && text.Text(token).All(c => c <= 0xff),
            AvroType.Fixed => kind == JsonKind.String && text.Text(token).Length == schema.Size && text.Text(token).All(c => c <= 0xff),
            AvroType.Enum => kind == JsonKind.String && schema.Symbols.Contains(text.Text(token)),
            AvroType.Union => schema.Branches.Any(branch => Fits(branch, token)),
            AvroType.Array => kind == JsonKind.Array && Json.Compiling.SchemaPlaces.Items(text, token).All(item => Fits(schema.Items!, item)),
            AvroType.Map => kind == JsonKind.Object && Json.Compiling.SchemaPlaces.Values(text, token).All(value => Fits(schema.Items!, value)),
            _ => kind == JsonKind.Object && schema.Fields.All(field => text.Find(token, System.Text.Encoding.UTF8.GetBytes(field.Name)) is var value && (value >= 0 ? Fits(field.Schema, value) : field.HasDefault)),
        };
    }
}
