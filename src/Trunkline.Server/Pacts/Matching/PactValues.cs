using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>Matchers against one value. A pattern must fit the whole of it, and has a second at most.</summary>
internal static partial class PactValues
{
    private const int ShownMax = 40;

    private static readonly TimeSpan PatternMax = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with a value under a rule; null if it fits.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="expected">The example.</param>
    /// <param name="actual">What came.</param>
    /// <param name="isText">True if everything is text there, as in headers, parameters and XML: numbers are what reads as such.</param>
    public static string? Check(PactRule rule, JsonElement expected, JsonElement actual, bool isText = false)
    {
        string? first = null;
        foreach (var matcher in rule.All)
        {
            var wrong = Check(matcher, expected, actual, isText);
            if (wrong is null == rule.IsAny)
            {
                return wrong;
            }

            first ??= wrong;
        }

        return first;
    }

    /// <summary>Whether two values are the same, numbers by what they are worth.</summary>
    public static bool AreEqual(JsonElement a, JsonElement b) => a.ValueKind == JsonValueKind.Number && b.ValueKind == JsonValueKind.Number
        ? a.GetRawText() == b.GetRawText() || (decimal.TryParse(a.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var one) && decimal.TryParse(b.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var other) && one == other)
        : JsonElement.DeepEquals(a, b);

    /// <summary>A value in words, cut short.</summary>
    public static string Tell(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => string.Create(CultureInfo.InvariantCulture, $"a list of {value.GetArrayLength()}"),
            JsonValueKind.Undefined => "nothing",
            _ => value.GetRawText(),
        };
        return text.Length <= ShownMax ? text : text[..ShownMax] + "…";
    }

    /// <summary>A value as text.</summary>
    public static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string? Check(PactMatcher matcher, JsonElement expected, JsonElement actual, bool isText)
    {
        var fits = matcher.Match switch
        {
            "equality" => AreEqual(expected, actual),
            "regex" => actual.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False && IsMatch(matcher.Text("regex") ?? "", Text(actual)),
            "type" => isText || IsSameType(expected, actual),
            "include" => matcher.Text("value") is { } part && actual.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) && Text(actual).Contains(part, StringComparison.Ordinal),
            "number" => IsNumber(actual, isText, _ => true),
            "integer" => IsNumber(actual, isText, text => !text.AsSpan().ContainsAny('.', 'e', 'E')),
            "decimal" => IsNumber(actual, isText, text => text.AsSpan().ContainsAny('.', 'e', 'E')),
            "boolean" => actual.ValueKind is JsonValueKind.True or JsonValueKind.False || (isText && Text(actual) is "true" or "false"),
            "null" => actual.ValueKind == JsonValueKind.Null,
            "date" => IsDate(matcher, actual, "date", "yyyy-MM-dd"),
            "time" => IsDate(matcher, actual, "time", "HH:mm:ss"),
            "timestamp" or "datetime" => IsDate(matcher, actual, matcher.Match, "yyyy-MM-dd'T'HH:mm:ssXXX"),
            "statusCode" => IsStatus(matcher, actual),
            "notEmpty" => actual.ValueKind switch
            {
                JsonValueKind.String => actual.GetString()!.Length > 0,
                JsonValueKind.Array => actual.GetArrayLength() > 0,
                JsonValueKind.Object => actual.EnumerateObject().Any(),
                JsonValueKind.Null or JsonValueKind.Undefined => false,
                _ => true,
            },
            "semver" => actual.ValueKind == JsonValueKind.String && Semver().IsMatch(actual.GetString()!),
            "values" or "eachKey" or "eachValue" or "arrayContains" => IsSameType(expected, actual),
            _ => false,
        };
        return fits ? null : $"{Wanted(matcher, expected)} expected, {Tell(actual)} came";
    }

    private static string Wanted(PactMatcher matcher, JsonElement expected) => matcher.Match switch
    {
        "equality" => Tell(expected),
        "type" => $"a value like {Tell(expected)}",
        "regex" => $"text that fits /{matcher.Text("regex")}/",
        "include" => $"text with '{matcher.Text("value")}'",
        "date" or "time" or "timestamp" or "datetime" => $"a {matcher.Match} as {matcher.Text("format") ?? matcher.Text(matcher.Match) ?? "ISO 8601"}",
        "number" or "integer" or "decimal" or "boolean" or "null" or "semver" or "notEmpty" or "statusCode" or "values" or "eachKey" or "eachValue" or "arrayContains" => matcher.Match,
        _ => $"what matcher '{matcher.Match}', which is not known here, takes is",
    };

    private static bool IsMatch(string pattern, string text)
    {
        try
        {
            return Regex.IsMatch(text, $@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, PatternMax);
        }
        catch (Exception failure) when (failure is ArgumentException or RegexMatchTimeoutException)
        {
            // A pattern that is none, or that runs away, fits nothing; the mismatch shows it.
            return false;
        }
    }

    private static bool IsSameType(JsonElement expected, JsonElement actual) => expected.ValueKind == actual.ValueKind
        || (expected.ValueKind is JsonValueKind.True or JsonValueKind.False && actual.ValueKind is JsonValueKind.True or JsonValueKind.False);

    private static bool IsNumber(JsonElement actual, bool isText, Func<string, bool> fits) => actual.ValueKind switch
    {
        JsonValueKind.Number => fits(actual.GetRawText()),
        JsonValueKind.String when isText => double.TryParse(actual.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out _) && fits(actual.GetString()!),
        _ => false,
    };

    private static bool IsDate(PactMatcher matcher, JsonElement actual, string name, string usual) =>
        actual.ValueKind == JsonValueKind.String && PactDates.Fits(matcher.Text("format") ?? matcher.Text(name) ?? usual, actual.GetString()!);

    private static bool IsStatus(PactMatcher matcher, JsonElement actual)
    {
        if (actual.ValueKind != JsonValueKind.Number || !actual.TryGetInt32(out var status) || !matcher.Json.TryGetProperty("status", out var wanted))
        {
            return false;
        }

        return wanted.ValueKind == JsonValueKind.Array ? wanted.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.Number && one.TryGetInt32(out var code) && code == status) : Text(wanted) switch
        {
            "info" => status is >= 100 and < 200,
            "success" => status is >= 200 and < 300,
            "redirect" => status is >= 300 and < 400,
            "clientError" => status is >= 400 and < 500,
            "serverError" => status is >= 500 and < 600,
            "nonError" => status < 400,
            "error" => status >= 400,
            _ => false,
        };
    }

    [GeneratedRegex(@"\A(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Semver();
}
