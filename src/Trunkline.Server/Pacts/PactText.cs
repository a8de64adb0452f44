using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Server.Schemas.Formats;

namespace Trunkline.Server.Pacts;

/// <summary>The text of a pact: reading, comparing, adding to it.</summary>
internal static class PactText
{
    /// <summary>The lists a pact may have, by version of the specification.</summary>
    private static readonly string[] s_lists = ["interactions", "messages"];

    /// <summary>Reads a pact; what it says besides is kept, blanks are not.</summary>
    /// <exception cref="PactRefusal">It is no pact of these two.</exception>
    public static PactContent Read(string text, string consumer, string provider)
    {
        try
        {
            var plain = JsonText.Compact(text, normalize: false);
            using var document = JsonDocument.Parse(plain, new JsonDocumentOptions { MaxDepth = 1000 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !Array.Exists(s_lists, list => root.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array))
            {
                throw new PactRefusal(400, "A pact is a JSON object with interactions or messages.");
            }

            foreach (var (role, name) in new[] { ("consumer", consumer), ("provider", provider) })
            {
                if (Name(root, role) is { } told && told != name)
                {
                    throw new PactRefusal(400, $"The pact names another {role} ('{told}') than the address or the request ('{name}').");
                }
            }

            return new PactContent(Sha(root, consumer, provider), plain);
        }
        catch (SchemaFormatException failure)
        {
            throw new PactRefusal(400, $"The pact cannot be read: {failure.Message}");
        }
    }

    /// <summary>A pact with what two of one version expect, as builds publish that run their tests in parts.</summary>
    /// <exception cref="PactRefusal">They expect different things under one description and state.</exception>
    public static string Merge(string known, string added)
    {
        var options = new JsonDocumentOptions { MaxDepth = 1000 };
        var (whole, more) = (JsonNode.Parse(known, documentOptions: options)!.AsObject(), JsonNode.Parse(added, documentOptions: options)!.AsObject());
        foreach (var list in s_lists.Where(list => more[list] is JsonArray { Count: > 0 }))
        {
            var items = whole[list] as JsonArray ?? [];
            whole[list] = items;
            foreach (var item in more[list]!.AsArray().OfType<JsonObject>())
            {
                var same = items.OfType<JsonObject>().FirstOrDefault(one => Identity(one) == Identity(item));
                if (same is null)
                {
                    items.Add(item.DeepClone());
                }
                else if (!JsonNode.DeepEquals(same, item))
                {
                    throw new PactRefusal(409, $"This version has published another interaction '{item["description"]}' under the same states.");
                }
            }
        }

        return whole.ToJsonString();
    }

    /// <summary>What tells interactions of a pact apart.</summary>
    private static string Identity(JsonObject item) =>
        string.Join('\n', ((string[])["description", "providerState", "provider_state", "providerStates"]).Select(name => item[name]?.ToJsonString() ?? ""));

    private static string? Name(JsonElement root, string role) =>
        root.TryGetProperty(role, out var one) && one.ValueKind == JsonValueKind.Object && one.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    /// <summary>Equal for pacts that expect the same: the order of what they expect, and what they say of their tools, does not count.</summary>
    private static string Sha(JsonElement root, string consumer, string provider)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData([.. Encoding.UTF8.GetBytes(text), 0]);
        Add(consumer);
        Add(provider);
        foreach (var list in s_lists)
        {
            Add(list);
            foreach (var item in Items(root, list).Select(item => JsonText.Compact(item.GetRawText(), normalize: true)).Order(StringComparer.Ordinal))
            {
                Add(item);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement root, string list) =>
        root.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;
}
