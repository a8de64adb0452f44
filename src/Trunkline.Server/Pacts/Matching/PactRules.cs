using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>The matching rules of one side of an interaction, by what they are about. Immutable.</summary>
internal sealed class PactRules
{
    /// <summary>No rules.</summary>
    public static readonly PactRules None = new([]);

    private readonly Dictionary<string, List<(PactPath Path, PactRule Rule)>> _categories;

    private PactRules(Dictionary<string, List<(PactPath Path, PactRule Rule)>> categories) => _categories = categories;

    /// <summary>Reads <c>matchingRules</c> of any version: paths like <c>$.body.a</c> up to version 2, categories after it.</summary>
    public static PactRules Read(JsonElement side)
    {
        if (side.ValueKind != JsonValueKind.Object || !side.TryGetProperty("matchingRules", out var rules) || rules.ValueKind != JsonValueKind.Object)
        {
            return None;
        }

        var categories = new Dictionary<string, List<(PactPath, PactRule)>>(StringComparer.Ordinal);
        foreach (var one in rules.EnumerateObject())
        {
            if (one.Name.StartsWith('$'))
            {
                var path = PactPath.Parse(one.Name);
                var category = path.Steps.Count > 0 ? path.Steps[0].Name ?? "body" : "body";
                Add(Category(category), path.Steps.Count > 0 ? Rest(path) : path, one.Value);
            }
            else if (one.Value.ValueKind == JsonValueKind.Object && one.Value.TryGetProperty("matchers", out _))
            {
                Add(Category(one.Name), PactPath.Parse("$"), one.Value);
            }
            else if (one.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (var rule in one.Value.EnumerateObject())
                {
                    Add(Category(one.Name), PactPath.Parse(rule.Name), rule.Value);
                }
            }
        }

        return new PactRules(categories);

        void Add(string category, PactPath path, JsonElement rule)
        {
            if (!categories.TryGetValue(category, out var list))
            {
                categories.Add(category, list = []);
            }

            list.Add((path, PactRule.Read(rule)));
        }
    }

    /// <summary>Rules for what a variant of a list holds: paths from the root of its items.</summary>
    public static PactRules OfBody(JsonElement rules)
    {
        var body = new List<(PactPath, PactRule)>();
        if (rules.ValueKind == JsonValueKind.Object)
        {
            body.AddRange(rules.EnumerateObject().Select(one => (PactPath.Parse(one.Name), PactRule.Read(one.Value))));
        }

        return new PactRules(new(StringComparer.Ordinal) { ["body"] = body });
    }

    /// <summary>The rule that fits a place best, with whether it is the place's own; one that came down from above has left what holds for its place only.</summary>
    public (PactRule Rule, bool IsOwn)? Find(string category, IReadOnlyList<PactStep> place, Func<PactPath, IReadOnlyList<PactStep>, (double Weight, bool IsOwn)>? fit = null)
    {
        if (!_categories.TryGetValue(category, out var rules))
        {
            return null;
        }

        var (best, weight, isOwn) = ((PactRule?)null, 0.0, false);
        foreach (var (path, rule) in rules)
        {
            var fits = fit is null ? path.Fit(place) : fit(path, place);
            if (fits.Weight > weight)
            {
                (best, weight, isOwn) = (rule, fits.Weight, fits.IsOwn);
            }
        }

        if (best is null)
        {
            return null;
        }

        var all = isOwn ? best.All : [.. best.All.Where(one => !one.IsForItsPlaceOnly)];
        return all.Count == 0 ? null : (best with { All = all }, isOwn);
    }

    /// <summary>The rule of a name that is compared without case, such as that of a header.</summary>
    public PactRule? FindName(string category, string name) =>
        _categories.GetValueOrDefault(category)?.Find(one => one.Path.Steps is [{ Name: { } own }, ..] && own.Equals(name, StringComparison.OrdinalIgnoreCase)).Rule;

    /// <summary>True if any members of a place are matched by a rule for all of them.</summary>
    public bool HasAnyBelow(string category, IReadOnlyList<PactStep> place) =>
        _categories.TryGetValue(category, out var rules) && rules.Exists(one => one.Path.Steps.Count == place.Count + 1 && one.Path.Steps[^1].IsAny && one.Path.Fit([.. place, new PactStep("")]).Weight > 0);

    private static string Category(string name) => name switch
    {
        "headers" => "header",
        "content" or "contents" => "body",
        _ => name,
    };

    private static PactPath Rest(PactPath path) => PactPath.Of([.. path.Steps.Skip(1)]);
}
