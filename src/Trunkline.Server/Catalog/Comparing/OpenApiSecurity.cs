using System.Text.Json.Nodes;

namespace Trunkline.Server.Catalog.Comparing;

/// <summary>What operations ask for before they do something.</summary>
internal static class OpenApiSecurity
{
    /// <summary>The alternatives that are asked for; null if nothing is needed.</summary>
    public static JsonArray? Asked(JsonNode? security) =>
        security is JsonArray { Count: > 0 } alternatives && alternatives.All(one => one is JsonObject { Count: > 0 }) ? alternatives : null;

    /// <summary>True if whoever had enough before has enough now.</summary>
    public static bool Passes(JsonArray? before, JsonArray? after) =>
        after is null || (before is not null && before.OfType<JsonObject>().All(had => after.OfType<JsonObject>().Any(need => IsWithin(need, had))));

    private static bool IsWithin(JsonObject need, JsonObject had) => need.All(scheme =>
        had.ContainsKey(scheme.Key) && Scopes(scheme.Value).All(Scopes(had[scheme.Key]).Contains));

    private static IEnumerable<string?> Scopes(JsonNode? scopes) => (scopes as JsonArray ?? []).Select(scope => scope?.ToString());
}
