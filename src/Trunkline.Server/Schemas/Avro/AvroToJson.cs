using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Schemas.Avro;

/// <summary>
/// Writes Avro data as JSON, as people would: records and maps as objects, enums and strings as texts, bytes as Base64, unions as what they hold. Only for data that
/// <see cref="AvroWalk.Check"/> found to fit: nothing is checked again.
/// </summary>
internal sealed class AvroToJson
{
    private readonly Utf8JsonWriter _json;
    private AvroCursor _data;

    private AvroToJson(ReadOnlyMemory<byte> data, Utf8JsonWriter json) => (_data, _json) = (new AvroCursor(data), json);

    /// <summary>The data as JSON; null if it does not fit the schema.</summary>
    public static byte[]? Convert(AvroSchema schema, ReadOnlyMemory<byte> data)
    {
        if (AvroWalk.Check(schema, data.Span) is not null)
        {
            return null;
        }

        using var buffer = new MemoryStream(data.Length * 2);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = 2000, SkipValidation = true }))
        {
            new AvroToJson(data, json).Value(schema);
        }

        return buffer.ToArray();
    }

    private void Value(AvroSchema schema)
    {
        switch (schema.Type)
        {
            case AvroType.Null:
                _json.WriteNullValue();
                break;
            case AvroType.Boolean:
                _json.WriteBooleanValue(_data.Take(1)[0] == 1);
                break;
            case AvroType.Int or AvroType.Long:
                _json.WriteNumberValue(_data.Long());
                break;
            case AvroType.Float:
                Number(BinaryPrimitives.ReadSingleLittleEndian(_data.Take(4)));
                break;
            case AvroType.Double:
                Number(BinaryPrimitives.ReadDoubleLittleEndian(_data.Take(8)));
                break;
            case AvroType.Fixed:
                _json.WriteBase64StringValue(_data.Take(schema.Size));
                break;
            case AvroType.Bytes:
                _json.WriteBase64StringValue(_data.TakeSized());
                break;
            case AvroType.String:
                _json.WriteStringValue(_data.TakeSized());
                break;
            case AvroType.Enum:
                _json.WriteStringValue(schema.Symbols[(int)_data.Long()]);
                break;
            case AvroType.Union:
                Value(schema.Branches[(int)_data.Long()]);
                break;
            case AvroType.Record:
                _json.WriteStartObject();
                foreach (var field in schema.Fields)
                {
                    _json.WritePropertyName(field.Name);
                    Value(field.Schema);
                }

                _json.WriteEndObject();
                break;
            default:
                Blocks(schema);
                break;
        }
    }

    private void Blocks(AvroSchema schema)
    {
        var isMap = schema.Type == AvroType.Map;
        if (isMap)
        {
            _json.WriteStartObject();
        }
        else
        {
            _json.WriteStartArray();
        }

        for (var count = _data.Block(); count > 0; count = _data.Block())
        {
            for (; count > 0; count--)
            {
                if (isMap)
                {
                    _json.WritePropertyName(Encoding.UTF8.GetString(_data.TakeSized()));
                }

                Value(schema.Items!);
            }
        }

        if (isMap)
        {
            _json.WriteEndObject();
        }
        else
        {
            _json.WriteEndArray();
        }
    }

    /// <summary>JSON has no word for what is no number.</summary>
    private void Number(double value)
    {
        if (double.IsFinite(value))
        {
            _json.WriteNumberValue(value);
        }
        else
        {
            _json.WriteStringValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
