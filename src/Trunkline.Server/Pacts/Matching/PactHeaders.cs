using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>
/// Compares headers: names without case, lists item by item without the blanks after commas, media types without the order of their parameters. Headers nobody expects are fine.
/// </summary>
internal static class PactHeaders
{
    /// <summary>Where headers differ.</summary>
    public static IEnumerable<PactMismatch> Compare(PactRules rules, IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string> actual, string category = "header")
    {
        foreach (var (name, wanted) in expected)
        {
            if (!actual.TryGetValue(name, out var came))
            {
                yield return new PactMismatch($"{category} {name}", "it is missing");
                continue;
            }

            if (rules.FindName(category, name) is { } rule)
            {
                if (PactValues.Check(rule, Json(wanted), Json(came), isText: true) is { } wrong)
                {
                    yield return new PactMismatch($"{category} {name}", wrong);
                }
            }
            else if (!(IsMedia(name) ? FitsMedia(wanted, came) : Items(wanted).SequenceEqual(Items(came), StringComparer.Ordinal)))
            {
                yield return new PactMismatch($"{category} {name}", $"{PactValues.Tell(Json(wanted))} expected, {PactValues.Tell(Json(came))} came");
            }
        }
    }

    /// <summary>The content type among headers.</summary>
    public static string? ContentType(IReadOnlyDictionary<string, string> headers) => headers.TryGetValue("content-type", out var type) ? type : null;

    private static bool IsMedia(string name) => name.Equals("content-type", StringComparison.OrdinalIgnoreCase) || name.Equals("accept", StringComparison.OrdinalIgnoreCase) || name.Equals("contentType", StringComparison.Ordinal);

    /// <summary>Whether each media type is as expected; parameters nobody expects are fine.</summary>
    private static bool FitsMedia(string wanted, string came)
    {
        var (all, others) = (Items(wanted), Items(came));
        return all.Count == others.Count && all.Zip(others).All(pair =>
        {
            var (one, other) = (Parts(pair.First), Parts(pair.Second));
            return one.Type == other.Type && one.Parameters.All(parameter => other.Parameters.GetValueOrDefault(parameter.Key) is { } value
                && value.Equals(parameter.Value, parameter.Key == "charset" ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
        });
    }

    private static (string Type, Dictionary<string, string> Parameters) Parts(string media)
    {
        var parts = media.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.Skip(1))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            parameters[at < 0 ? part : part[..at]] = at < 0 ? "" : part[(at + 1)..];
        }

        return (parts.Length > 0 ? parts[0] : "", parameters);
    }

    private static List<string> Items(string value) => [.. value.Split(',', StringSplitOptions.TrimEntries)];

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text, MatchingJson.Default.String);
}
