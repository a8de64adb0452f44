using System.Globalization;
using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>Compares JSON with what a pact expects of it.</summary>
/// <param name="rules">The rules.</param>
/// <param name="allowsMore">Whether members the pact does not speak of are fine: in what a provider answers they are.</param>
internal sealed class PactJsonBody(PactRules rules, bool allowsMore)
{
    private const string Category = "body";
    private const int MismatchesMax = 50;

    private readonly List<PactMismatch> _wrong = [];
    private readonly List<PactStep> _place = [];

    /// <summary>Where it differs.</summary>
    public static IReadOnlyList<PactMismatch> Compare(PactRules rules, bool allowsMore, JsonElement expected, JsonElement actual)
    {
        var body = new PactJsonBody(rules, allowsMore);
        body.Value(expected, actual);
        return body._wrong;
    }

    private void Value(JsonElement expected, JsonElement actual)
    {
        if (_wrong.Count >= MismatchesMax)
        {
            return;
        }

        var found = rules.Find(Category, _place);
        if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            Members(found, expected, actual);
        }
        else if (expected.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array)
        {
            Items(found, expected, actual);
        }
        else if (found is var (rule, _))
        {
            Note(PactValues.Check(rule, expected, actual));
        }
        else if (!PactValues.AreEqual(expected, actual))
        {
            Note($"{PactValues.Tell(expected)} expected, {PactValues.Tell(actual)} came");
        }
    }

    private void Members((PactRule Rule, bool IsOwn)? found, JsonElement expected, JsonElement actual)
    {
        var own = found is { IsOwn: true } ? found.Value.Rule.All : [];
        if (own.Any(one => one.Match is "values" or "eachKey" or "eachValue"))
        {
            Map(own, expected, actual);
            return;
        }

        if (own.FirstOrDefault(one => one.Match is not ("type" or "equality" or "notEmpty")) is { Match: not null } other)
        {
            Note(PactValues.Check(new PactRule([other], false), expected, actual));
            return;
        }

        foreach (var member in expected.EnumerateObject())
        {
            if (actual.TryGetProperty(member.Name, out var value))
            {
                In(new PactStep(member.Name), member.Value, value);
            }
            else
            {
                Note($"'{member.Name}' is missing");
            }
        }

        if (!allowsMore)
        {
            Others(expected, actual);
        }
    }

    /// <summary>Members the example has not: a rule for all members allows them, if they are like one it has.</summary>
    private void Others(JsonElement expected, JsonElement actual)
    {
        var like = rules.HasAnyBelow(Category, _place) ? expected.EnumerateObject().FirstOrDefault().Value : default;
        foreach (var member in actual.EnumerateObject().Where(one => !expected.TryGetProperty(one.Name, out _)))
        {
            if (like.ValueKind != JsonValueKind.Undefined)
            {
                In(new PactStep(member.Name), like, member.Value);
            }
            else
            {
                Note($"'{member.Name}' is not expected");
            }
        }
    }

    /// <summary>An object whose names are data.</summary>
    private void Map(IReadOnlyList<PactMatcher> own, JsonElement expected, JsonElement actual)
    {
        var example = expected.EnumerateObject().FirstOrDefault();
        foreach (var member in actual.EnumerateObject())
        {
            _place.Add(new PactStep(member.Name));
            foreach (var matcher in own)
            {
                Each(matcher, member, example, expected);
            }

            _place.RemoveAt(_place.Count - 1);
        }
    }

    private void Each(PactMatcher matcher, JsonProperty member, JsonProperty example, JsonElement expected)
    {
        var like = expected.TryGetProperty(member.Name, out var same) ? same : example.Value;
        if (matcher.Match == "values" && like.ValueKind != JsonValueKind.Undefined)
        {
            Value(like, member.Value);
        }
        else if (matcher.Match == "eachKey")
        {
            var name = JsonSerializer.SerializeToElement(member.Name, MatchingJson.Default.String);
            foreach (var wrong in Inner(matcher).Select(rule => PactValues.Check(rule, name, name)).OfType<string>())
            {
                Note($"the name '{member.Name}': {wrong}");
            }
        }
        else if (matcher.Match == "eachValue" && like.ValueKind != JsonValueKind.Undefined)
        {
            foreach (var rule in Inner(matcher))
            {
                if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && rule.All.All(one => one.IsLike))
                {
                    Value(like, member.Value);
                }
                else
                {
                    Note(PactValues.Check(rule, like, member.Value));
                }
            }
        }
    }

    private static IEnumerable<PactRule> Inner(PactMatcher matcher) =>
        matcher.Json.TryGetProperty("rules", out var inner) && inner.ValueKind == JsonValueKind.Array ? inner.EnumerateArray().Select(one => new PactRule([PactMatcher.Read(one)], false)) : [];

    private void Items((PactRule Rule, bool IsOwn)? found, JsonElement expected, JsonElement actual)
    {
        var all = found?.Rule.All ?? [];
        if (found is { IsOwn: true } && all.FirstOrDefault(one => one.Match == "arrayContains") is { Match: not null } contains)
        {
            Contains(contains, expected, actual);
            return;
        }

        var (wanted, came) = (expected.GetArrayLength(), actual.GetArrayLength());
        var isLike = all.Any(one => one.IsLike || one.Match is "eachValue" or "notEmpty");
        if (found is { IsOwn: true } && all.FirstOrDefault(one => !one.IsLike && one.Match is not ("equality" or "notEmpty" or "eachValue")) is { Match: not null } other)
        {
            Note(PactValues.Check(new PactRule([other], false), expected, actual));
            return;
        }

        if (!isLike)
        {
            if (wanted != came)
            {
                Note(string.Create(CultureInfo.InvariantCulture, $"a list of {wanted} expected, one of {came} came"));
            }
        }
        else if (found!.Value.IsOwn && Bounds(all, came) is { } wrong)
        {
            Note(wrong);
        }

        for (var i = 0; i < came && wanted > 0 && (isLike || i < wanted); i++)
        {
            In(new PactStep(null, i), expected[i < wanted ? i : 0], actual[i]);
        }
    }

    private static string? Bounds(IReadOnlyList<PactMatcher> all, int came)
    {
        var (min, max) = (all.Max(one => one.Min) ?? (all.Any(one => one.Match == "notEmpty") ? 1 : null), all.Min(one => one.Max));
        return came < min ? string.Create(CultureInfo.InvariantCulture, $"at least {min} items expected, {came} came")
            : came > max ? string.Create(CultureInfo.InvariantCulture, $"at most {max} items expected, {came} came")
            : null;
    }

    /// <summary>A list that has to hold, somewhere, one item like each of some.</summary>
    private void Contains(PactMatcher matcher, JsonElement expected, JsonElement actual)
    {
        if (!matcher.Json.TryGetProperty("variants", out var variants) || variants.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        foreach (var variant in variants.EnumerateArray())
        {
            var index = variant.TryGetProperty("index", out var at) && at.TryGetInt32(out var number) ? number : 0;
            var own = variant.TryGetProperty("rules", out var inner) ? PactRules.OfBody(inner) : PactRules.None;
            if (index < expected.GetArrayLength() && !actual.EnumerateArray().Any(item => Compare(own, allowsMore, expected[index], item).Count == 0))
            {
                Note(string.Create(CultureInfo.InvariantCulture, $"no item is like variant {index}"));
            }
        }
    }

    private void In(PactStep step, JsonElement expected, JsonElement actual)
    {
        _place.Add(step);
        Value(expected, actual);
        _place.RemoveAt(_place.Count - 1);
    }

    private void Note(string? wrong)
    {
        if (wrong is not null && _wrong.Count < MismatchesMax)
        {
            _wrong.Add(new PactMismatch("body " + PactPath.Tell(_place), wrong));
        }
    }
}
