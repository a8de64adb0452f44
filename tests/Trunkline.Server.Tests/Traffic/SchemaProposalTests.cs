using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Trunkline.Messaging;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Protobuf;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Tests.Traffic;

/// <summary>Schemas made from messages are valid, and every message they were made from fits them: mails of the corpora, and messages made to be awkward.</summary>
public sealed class SchemaProposalTests
{
    // Not the empty one: Protobuf has no way to say it.
    private static readonly string[] Names = ["id", "a-b", "a_b", "aB", "A", "9lives", "type", "message", "x y", "grüße", "from", "fromName", "from.name", "*", "a\\b"];

    [Theory]
    [InlineData(Corpus.Bundled)]
    [InlineData(Corpus.Public)]
    public void Mails_fit_what_is_made_of_them(string corpus) => Check(Corpus.Read(corpus));

    [Fact]
    public void Made_messages_fit_what_is_made_of_them()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var dice = new Random(seed);
            var shapes = Enumerable.Range(0, 1 + dice.Next(3)).Select(_ => dice.Next()).ToArray();
            Check([.. Enumerable.Range(0, 1 + dice.Next(400)).Select(_ => Encoding.UTF8.GetBytes(Made(new Random(shapes[dice.Next(shapes.Length)]), dice, 0)!.ToJsonString()))]);
        }
    }

    /// <summary>A value whose shape one die gives, and whose content another.</summary>
    private static JsonNode? Made(Random shape, Random dice, int depth) => shape.Next(depth == 0 ? 3 : depth > 3 ? 8 : 11) switch
    {
        0 or 1 or 2 when depth == 0 => new JsonObject(Names.Where(_ => shape.Next(2) == 0).ToList().Select(name => KeyValuePair.Create(name, Made(new Random(shape.Next()), dice, 1))).Where(_ => dice.Next(20) > 0)),
        0 => dice.Next(5) == 0 ? null : dice.Next(100),
        1 => dice.Next(2) == 0 ? dice.Next(100) : dice.NextDouble() * 1e20,
        2 => dice.Next(3) == 0 ? "seven" : 7,
        3 => dice.Next(2) == 0,
        4 => new string('x', dice.Next(60)),
        5 => ((string[])["mail", "chat"])[dice.Next(2)],
        6 => dice.Next(2) == 0 ? null : "text",
        7 => 12345678901234567890UL,
        8 => new JsonArray([.. Enumerable.Range(0, dice.Next(shape.Next(2) == 0 ? 4 : 90)).Select(_ => Made(new Random(shape.Next(3)), dice, depth + 1))]),
        9 => new JsonObject(Enumerable.Range(0, dice.Next(4)).Select(_ => dice.Next(200).ToString(CultureInfo.InvariantCulture)).Distinct().ToList().Select(name => KeyValuePair.Create(name, Made(new Random(1), dice, depth + 1)))),
        _ => new JsonObject(Names.Take(5).ToList().Select(name => KeyValuePair.Create(name, Made(new Random(name.Length), dice, depth + 1))).Where(_ => dice.Next(10) > 0)),
    };

    private static void Check(IReadOnlyList<byte[]> messages)
    {
        var traffic = new TopicTraffic();
        var message = new Message { Source = "/a", ContentType = "application/json" };
        foreach (var one in messages)
        {
            traffic.Add(message, one, "", null);
        }

        // Fields beyond the bound are not followed: JSON Schema allows what it does not name, the others cannot.
        var isWhole = traffic.Producers.Values.Single().Root.All().Count() < ProducerProfile.FieldsMax;
        var seen = SeenField.Of(traffic.Producers.Values)!;
        var texts = SchemaProposal.Formats.ToDictionary(format => format, format => SchemaProposal.Of(seen, "mail.received", format));
        var json = JsonSchemaFormat.Read(texts["json"], [], out var faults);
        Assert.True(json is not null, string.Join('\n', faults));
        Assert.True(AvroFormat.Read(texts["avro"], [], out faults) is not null, string.Join('\n', faults) + texts["avro"]);
        var names = JsonNode.Parse(texts["avro"])!;
        var proto = ProtobufSchema.Read(texts["protobuf"], [], out faults);
        Assert.True(proto is not null, string.Join('\n', faults) + texts["protobuf"]);
        foreach (var one in messages)
        {
            Assert.Empty(json.Check(one));
            if (!isWhole)
            {
                continue;
            }

            using var parsed = JsonDocument.Parse(one);
            Assert.Null(AvroFault(names, parsed.RootElement, ""));
            Assert.Null(ProtoFault(proto.File.MessageTypes[0], parsed.RootElement, ""));
        }
    }

    /// <summary>Where a value cannot be written in Avro; the schema as text says which field a member is.</summary>
    private static string? AvroFault(JsonNode schema, JsonElement value, string at) => schema switch
    {
        JsonArray union => union.Any(branch => AvroFault(branch!, value, at) is null) ? null : $"{at}: {value} fits no branch",
        JsonObject { } complex => (string)complex["type"]! switch
        {
            "array" when value.ValueKind == JsonValueKind.Array => value.EnumerateArray().Take(64).Select(item => AvroFault(complex["items"]!, item, at + "[]")).FirstOrDefault(fault => fault is not null),
            "map" when value.ValueKind == JsonValueKind.Object => value.EnumerateObject().Select(member => AvroFault(complex["values"]!, member.Value, at + ".*")).FirstOrDefault(fault => fault is not null),
            "record" when value.ValueKind == JsonValueKind.Object => RecordFault(complex["fields"]!.AsArray(), value, at),
            var type => $"{at}: {value} is no {type}",
        },
        _ => (string)schema! switch
        {
            "null" when value.ValueKind == JsonValueKind.Null => null,
            "boolean" when value.ValueKind is JsonValueKind.True or JsonValueKind.False => null,
            "long" when value.ValueKind == JsonValueKind.Number && value.GetDouble() is var number && number == Math.Floor(number) && Math.Abs(number) < 9.2e18 => null,
            "double" when value.ValueKind == JsonValueKind.Number => null,
            "string" when value.ValueKind == JsonValueKind.String => null,
            var type => $"{at}: {value} is no {type}",
        },
    };

    private static string? RecordFault(JsonArray fields, JsonElement value, string at)
    {
        var byName = fields.ToDictionary(field => (string)(field!["jsonName"] ?? field["name"])!, field => field!.AsObject(), StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var fault = byName.Remove(member.Name, out var field) ? AvroFault(field["type"]!, member.Value, $"{at}.{member.Name}") : $"{at}.{member.Name}: no field";
            if (fault is not null)
            {
                return fault;
            }
        }

        return byName.FirstOrDefault(field => !field.Value.ContainsKey("default")).Key is { } missing ? $"{at}.{missing} is missing" : null;
    }

    /// <summary>Where a value cannot be written in Protobuf.</summary>
    private static string? ProtoFault(MessageDescriptor type, JsonElement value, string at)
    {
        if (type.FullName == "google.protobuf.Value")
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return type.Fields.InFieldNumberOrder() is [{ Name: "value" } only] ? FieldFault(only, value, at) : $"{at}: {value} is no message {type.Name}";
        }

        foreach (var member in value.EnumerateObject())
        {
            var field = type.Fields.InFieldNumberOrder().FirstOrDefault(one => one.JsonName == member.Name);
            var fault = field is null ? $"{at}.{member.Name}: no field" : FieldFault(field, member.Value, $"{at}.{member.Name}");
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? FieldFault(FieldDescriptor field, JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Null && !field.IsRepeated ? null
        : field.IsMap ? value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().Select(one => ValueFault(field.MessageType.FindFieldByNumber(2), one.Value, at)).FirstOrDefault(fault => fault is not null) : value.ValueKind == JsonValueKind.Null ? null : $"{at}: no map"
        : field.IsRepeated ? value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Take(64).Select(one => ValueFault(field, one, at)).FirstOrDefault(fault => fault is not null) : value.ValueKind == JsonValueKind.Null ? null : $"{at}: no list"
        : ValueFault(field, value, at);

    private static string? ValueFault(FieldDescriptor field, JsonElement value, string at) => field.FieldType switch
    {
        FieldType.Message => ProtoFault(field.MessageType, value, at),
        FieldType.String when value.ValueKind == JsonValueKind.String => null,
        FieldType.Bool when value.ValueKind is JsonValueKind.True or JsonValueKind.False => null,
        FieldType.Double when value.ValueKind == JsonValueKind.Number => null,
        FieldType.Int64 when value.ValueKind == JsonValueKind.Number && Math.Abs(value.GetDouble()) < 9.2e18 && value.GetDouble() == Math.Floor(value.GetDouble()) => null,
        _ => $"{at}: {value} is no {field.FieldType}",
    };
}
