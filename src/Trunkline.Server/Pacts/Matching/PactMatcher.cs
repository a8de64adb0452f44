using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>One matcher of a rule.</summary>
/// <param name="Match">Its kind, as pacts call it.</param>
/// <param name="Json">All it says.</param>
internal readonly record struct PactMatcher(string Match, JsonElement Json)
{
    /// <summary>The fewest items; null for no bound.</summary>
    public int? Min => Number("min");

    /// <summary>The most items; null for no bound.</summary>
    public int? Max => Number("max");

    /// <summary>True if a list only has to hold what its first item is like.</summary>
    public bool IsLike => Match is "type";

    /// <summary>True if it says nothing of what lies below its place.</summary>
    public bool IsForItsPlaceOnly => Match is "values" or "contentType" or "arrayContains" or "eachKey" or "eachValue" or "regex" or "include" or "notEmpty";

    /// <summary>What it says under a name.</summary>
    public string? Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Reads a matcher; one without a kind is known by what it says.</summary>
    public static PactMatcher Read(JsonElement json)
    {
        var named = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("match", out var match) && match.ValueKind == JsonValueKind.String ? match.GetString()! : null;
        named ??= json.ValueKind != JsonValueKind.Object ? "equality"
            : json.TryGetProperty("regex", out _) ? "regex"
            : json.TryGetProperty("min", out _) || json.TryGetProperty("max", out _) ? "type"
            : json.TryGetProperty("timestamp", out _) ? "timestamp"
            : json.TryGetProperty("date", out _) ? "date"
            : json.TryGetProperty("time", out _) ? "time"
            : "equality";
        return new PactMatcher(named, json);
    }

    private int? Number(string name) => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}

/// <summary>The matchers of one place.</summary>
/// <param name="All">They.</param>
/// <param name="IsAny">True if one that fits is enough; else all must.</param>
internal sealed record PactRule(IReadOnlyList<PactMatcher> All, bool IsAny)
{
    /// <summary>Reads what a pact says of a place: one matcher, or a list of them.</summary>
    public static PactRule Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("matchers", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            var isAny = json.TryGetProperty("combine", out var combine) && combine.ValueKind == JsonValueKind.String && combine.GetString() == "OR";
            return new PactRule([.. list.EnumerateArray().Select(PactMatcher.Read)], isAny);
        }

        return new PactRule([PactMatcher.Read(json)], false);
    }
}
