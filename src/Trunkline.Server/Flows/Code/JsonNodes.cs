using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Trunkline.Server.Flows.Code;

/// <summary>
/// Reads JSON into a <see cref="JsonObject"/> as the serializer does with the same options, in one pass: the serializer's converter
/// looks for the end of the object first, and reads it then.
/// </summary>
internal static class JsonNodes
{
    /// <summary>True if a type is read here: the object of nodes, unless the options bring a converter of their own for it.</summary>
    public static bool Reads<T>(JsonTypeInfo<T> type) => typeof(T) == typeof(JsonObject) && type.Converter.GetType().Assembly == typeof(JsonNode).Assembly;

    /// <summary>Null if the JSON is.</summary>
    /// <exception cref="JsonException">It is no JSON, or no object.</exception>
    public static JsonObject? Read(ReadOnlySpan<byte> utf8, JsonSerializerOptions options)
    {
        var node = JsonNode.Parse(
            utf8,
            new JsonNodeOptions { PropertyNameCaseInsensitive = options.PropertyNameCaseInsensitive },
            new JsonDocumentOptions
            {
                AllowTrailingCommas = options.AllowTrailingCommas,
                CommentHandling = options.ReadCommentHandling,
                MaxDepth = options.MaxDepth,
                AllowDuplicateProperties = options.AllowDuplicateProperties,
            });
        return node is null or JsonObject ? (JsonObject?)node : throw new JsonException("The JSON is no object.");
    }
}
