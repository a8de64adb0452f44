using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Server.Flows.Code;

namespace Trunkline.Server.Tests.Flows.Code;

public class JsonNodesTests
{
    private static readonly JsonSerializerOptions[] All =
    [
        new(JsonSerializerDefaults.Web),
        new() { AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip, MaxDepth = 3 },
        new() { AllowDuplicateProperties = false, PropertyNameCaseInsensitive = true },
    ];

    [Theory]
    [InlineData("""{"a":1,"b":{"c":[true,null,"x"]}}""")]
    [InlineData("""{"a":1,"A":2,"a":3}""")]
    [InlineData("""{"a":1,/* told */"b":2,}""")]
    [InlineData("""{"a":{"b":{"c":{"d":1}}}}""")]
    [InlineData("""{"a":1} {"b":2}""")]
    [InlineData("""[1]""")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{")]
    public void What_is_read_and_refused_is_what_the_serializer_reads_and_refuses(string json)
    {
        foreach (var options in All)
        {
            options.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
            Assert.True(JsonNodes.Reads((JsonTypeInfo<JsonObject>)options.GetTypeInfo(typeof(JsonObject))));
            var utf8 = Encoding.UTF8.GetBytes(json);
            Assert.Equal(Told(() => JsonSerializer.Deserialize<JsonObject>(utf8, options)), Told(() => JsonNodes.Read(utf8, options)));
        }
    }

    [Fact]
    public void A_converter_of_the_host_is_not_passed_over()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver(), Converters = { new OwnConverter() } };

        Assert.False(JsonNodes.Reads((JsonTypeInfo<JsonObject>)options.GetTypeInfo(typeof(JsonObject))));
    }

    private static string Told(Func<JsonObject?> read)
    {
        try
        {
            // Members are looked at when they are first asked for: an unlucky name fails only then.
            var node = read();
            return $"{node?.ContainsKey("A")} {node?.ToJsonString() ?? "null"}";
        }
        catch (Exception refused) when (refused is JsonException or ArgumentException)
        {
            return "refused";
        }
    }

    private sealed class OwnConverter : JsonConverter<JsonObject>
    {
        public override JsonObject? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, JsonObject value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
