using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>
/// Puts what a provider told of its states in the place of examples, where a pact asks for it. Other generators are for consumers: their examples are as good as anything generated.
/// </summary>
internal static partial class PactGenerators
{
    /// <summary>The request as it is to be sent.</summary>
    public static PactMessage Apply(PactMessage request, IReadOnlyDictionary<string, JsonElement> values)
    {
        if (values.Count == 0 || request.Generators.ValueKind != JsonValueKind.Object)
        {
            return request;
        }

        return request with
        {
            Path = Of(request, "path") is { } path && path.TryGetProperty("type", out _) ? Text(path, values) ?? request.Path : request.Path,
            Headers = Named(request, "header", values) is { Count: > 0 } headers ? Replaced(request.Headers, headers) : request.Headers,
            Query = request.Query is not null && Named(request, "query", values) is { Count: > 0 } query ? Replaced(request.Query, query) : request.Query,
            QueryText = Named(request, "query", values).Count > 0 ? null : request.QueryText,
            Body = Of(request, "body") is { } body ? Replaced(request.Body, body, values) : request.Body,
        };
    }

    private static JsonElement? Of(PactMessage request, string category) => request.Generators.TryGetProperty(category, out var found) && found.ValueKind == JsonValueKind.Object ? found : null;

    private static Dictionary<string, string> Named(PactMessage request, string category, IReadOnlyDictionary<string, JsonElement> values)
    {
        var named = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var one in Of(request, category)?.EnumerateObject() ?? default)
        {
            if (PactPath.Parse(one.Name).Steps is [{ Name: { } name }, ..] && Text(one.Value, values) is { } text)
            {
                named[name] = text;
            }
        }

        return named;
    }

    private static Dictionary<string, string> Replaced(IReadOnlyDictionary<string, string> examples, Dictionary<string, string> values) =>
        examples.ToDictionary(one => one.Key, one => values.GetValueOrDefault(one.Key) ?? one.Value, StringComparer.OrdinalIgnoreCase);

    private static Dictionary<string, IReadOnlyList<string>> Replaced(IReadOnlyDictionary<string, IReadOnlyList<string>> examples, Dictionary<string, string> values) =>
        examples.ToDictionary(one => one.Key, one => values.TryGetValue(one.Key, out var value) ? [value] : one.Value, StringComparer.Ordinal);

    private static PactBody Replaced(PactBody body, JsonElement generators, IReadOnlyDictionary<string, JsonElement> values)
    {
        if (body.Content.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return body;
        }

        var content = JsonNode.Parse(body.Content.GetRawText())!;
        foreach (var one in generators.EnumerateObject())
        {
            if (PactPath.Parse(one.Name).Steps is { Count: > 0 } steps && Value(one.Value, values) is { } value)
            {
                Put(content, steps, value);
            }
        }

        return body with { Content = JsonSerializer.SerializeToElement(content, MatchingJson.Default.JsonNode) };
    }

    private static void Put(JsonNode at, IReadOnlyList<PactStep> steps, JsonElement value)
    {
        for (var i = 0; i < steps.Count - 1; i++)
        {
            if (Child(at, steps[i]) is not { } child)
            {
                return;
            }

            at = child;
        }

        var put = JsonNode.Parse(value.GetRawText());
        if (steps[^1].Name is { } name && at is JsonObject members && members.ContainsKey(name))
        {
            members[name] = put;
        }
        else if (steps[^1].Index is { } index && at is JsonArray items && index < items.Count)
        {
            items[index] = put;
        }
    }

    private static JsonNode? Child(JsonNode at, PactStep step) =>
        step.Name is { } name ? (at as JsonObject)?[name] : step.Index is { } index && at is JsonArray items && index < items.Count ? items[index] : null;

    private static string? Text(JsonElement generator, IReadOnlyDictionary<string, JsonElement> values) => Value(generator, values) is { } value ? PactValues.Text(value) : null;

    /// <summary>What an expression such as <c>/users/${id}</c> comes to; null if it is of another generator, or the provider did not tell of it.</summary>
    private static JsonElement? Value(JsonElement generator, IReadOnlyDictionary<string, JsonElement> values)
    {
        if (generator.ValueKind != JsonValueKind.Object || !generator.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "ProviderState"
            || !generator.TryGetProperty("expression", out var told) || told.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var expression = told.GetString()!;
        if (values.TryGetValue(expression, out var whole) || (Place().Match(expression) is { Success: true } only && only.Length == expression.Length && values.TryGetValue(only.Groups[1].Value, out whole)))
        {
            return whole;
        }

        var isWhole = true;
        var text = Place().Replace(expression, place =>
        {
            if (values.TryGetValue(place.Groups[1].Value, out var value))
            {
                return PactValues.Text(value);
            }

            isWhole = false;
            return "";
        });
        return isWhole && text != expression ? JsonSerializer.SerializeToElement(text, MatchingJson.Default.String) : null;
    }

    [GeneratedRegex(@"\$\{([^}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
