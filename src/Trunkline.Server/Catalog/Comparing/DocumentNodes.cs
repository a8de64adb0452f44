using System.Globalization;
using System.Text.Json.Nodes;

namespace Trunkline.Server.Catalog.Comparing;

/// <summary>Finds one's way in a document: members of some kind, and what references point to. What is not there, or is something else, is null.</summary>
internal static class DocumentNodes
{
    private const int HopsMax = 32;

    /// <summary>The text of a member.</summary>
    public static string? Text(JsonObject? node, string name) => node?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>True if a member is true.</summary>
    public static bool IsTrue(JsonObject? node, string name) => node?[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    /// <summary>The members of an object, those that are objects themselves, with references followed.</summary>
    public static IEnumerable<(string Name, JsonObject Value)> Objects(JsonObject document, JsonNode? node)
    {
        foreach (var (name, value) in node as JsonObject ?? [])
        {
            if (Follow(document, value) is { } found)
            {
                yield return (name, found);
            }
        }
    }

    /// <summary>The object at a place, or where its reference leads.</summary>
    public static JsonObject? Follow(JsonObject document, JsonNode? node)
    {
        for (var hops = 0; node is JsonObject at && hops < HopsMax; hops++)
        {
            if (Text(at, "$ref") is not { } reference)
            {
                return at;
            }

            node = At(document, reference);
        }

        return null;
    }

    /// <summary>What a reference into the document points to.</summary>
    public static JsonNode? At(JsonObject document, string reference)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            return reference is "#" ? document : null;
        }

        JsonNode? node = document;
        foreach (var part in reference[2..].Split('/'))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            node = node switch
            {
                JsonObject members => members[name],
                JsonArray items when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < items.Count => items[at],
                _ => null,
            };
        }

        return node;
    }
}
