using System.Globalization;
using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>Compares requests and answers with what a pact expects of them.</summary>
internal static class PactHttp
{
    /// <summary>Where an answer differs from what is expected.</summary>
    public static IReadOnlyList<PactMismatch> Response(PactMessage expected, int? status, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body)
    {
        var wrong = new List<PactMismatch>();
        if (expected.Status is { } wanted)
        {
            var (example, came) = (Number(wanted), Number(status ?? 0));
            var problem = expected.Rules.Find("status", []) is var (rule, _) ? PactValues.Check(rule, example, came)
                : wanted == status ? null : string.Create(CultureInfo.InvariantCulture, $"{wanted} expected, {status} came");
            Add(wrong, "status", problem);
        }

        wrong.AddRange(PactHeaders.Compare(expected.Rules, expected.Headers, headers));
        wrong.AddRange(PactBodyMatch.Compare(expected.Rules, expected.Body, body, PactHeaders.ContentType(headers), allowsMore: true));
        return wrong;
    }

    /// <summary>Where a request differs from what is expected.</summary>
    public static IReadOnlyList<PactMismatch> Request(PactMessage expected, PactMessage actual, ReadOnlyMemory<byte> body, int version)
    {
        var wrong = new List<PactMismatch>();
        if (!string.Equals(expected.Method, actual.Method, StringComparison.OrdinalIgnoreCase))
        {
            Add(wrong, "method", $"{expected.Method} expected, {actual.Method} came");
        }

        if (expected.Path is { } path)
        {
            var (example, came) = (Text(path), Text(actual.Path ?? ""));
            Add(wrong, "path", expected.Rules.Find("path", []) is var (rule, _) ? PactValues.Check(rule, example, came, isText: true) : path == actual.Path ? null : $"{PactValues.Tell(example)} expected, {PactValues.Tell(came)} came");
        }

        if (version == 1)
        {
            Add(wrong, "query", Decoded(expected.QueryText) == Decoded(actual.QueryText) ? null : "another query came");
        }
        else if (expected.Query is not null)
        {
            wrong.AddRange(Query(expected.Rules, "query", expected.Query, actual.Query ?? Parameters("")));
        }

        wrong.AddRange(PactHeaders.Compare(expected.Rules, expected.Headers, actual.Headers));
        wrong.AddRange(PactBodyMatch.Compare(expected.Rules, expected.Body, body, PactHeaders.ContentType(actual.Headers), allowsMore: false));
        return wrong;
    }

    /// <summary>Where parameters differ: those that are expected, each with its values in order, and no others.</summary>
    public static IReadOnlyList<PactMismatch> Query(PactRules rules, string category, IReadOnlyDictionary<string, IReadOnlyList<string>> expected, IReadOnlyDictionary<string, IReadOnlyList<string>> actual)
    {
        var wrong = new List<PactMismatch>();
        foreach (var (name, wanted) in expected)
        {
            if (!actual.TryGetValue(name, out var came))
            {
                Add(wrong, category, $"parameter '{name}' is missing");
                continue;
            }

            var isLike = rules.FindName(category, name) is { } of && of.All.Any(one => one.IsLike);
            if (wanted.Count != came.Count && !isLike)
            {
                Add(wrong, category, string.Create(CultureInfo.InvariantCulture, $"parameter '{name}' is expected {wanted.Count} times and came {came.Count} times"));
            }

            for (var i = 0; i < came.Count && wanted.Count > 0 && (isLike || i < wanted.Count); i++)
            {
                var (example, value) = (Text(wanted[i < wanted.Count ? i : 0]), Text(came[i]));
                var rule = rules.Find(category, [new PactStep(name), new PactStep(null, i)])?.Rule ?? rules.FindName(category, name);
                Add(wrong, $"{category} {name}", rule is not null ? PactValues.Check(rule, example, value, isText: true) : PactValues.AreEqual(example, value) ? null : $"{PactValues.Tell(example)} expected, {PactValues.Tell(value)} came");
            }
        }

        foreach (var name in actual.Keys.Where(name => !expected.ContainsKey(name)))
        {
            Add(wrong, category, $"parameter '{name}' is not expected");
        }

        return wrong;
    }

    /// <summary>The parameters of a query as text.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters(string query)
    {
        var parameters = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decoded(at < 0 ? pair : pair[..at])!;
            parameters[name] = [.. parameters.GetValueOrDefault(name) ?? [], at < 0 ? "" : Decoded(pair[(at + 1)..])!];
        }

        return parameters;
    }

    /// <summary>Parameters as a pact has them: one text, or values by name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>>? Query(JsonElement query) => query.ValueKind switch
    {
        JsonValueKind.String => Parameters(query.GetString()!),
        JsonValueKind.Object => query.EnumerateObject().ToDictionary(
            one => one.Name,
            one => (IReadOnlyList<string>)(one.Value.ValueKind == JsonValueKind.Array ? [.. one.Value.EnumerateArray().Select(PactValues.Text)] : [PactValues.Text(one.Value)]),
            StringComparer.Ordinal),
        _ => null,
    };

    /// <summary>Headers as a pact has them: texts, or lists of them.</summary>
    public static IReadOnlyDictionary<string, string> Headers(JsonElement side) => side.ValueKind == JsonValueKind.Object && side.TryGetProperty("headers", out var headers) && headers.ValueKind == JsonValueKind.Object
        ? headers.EnumerateObject().ToDictionary(
            one => one.Name,
            one => one.Value.ValueKind == JsonValueKind.Array ? string.Join(", ", one.Value.EnumerateArray().Select(PactValues.Text)) : PactValues.Text(one.Value),
            StringComparer.OrdinalIgnoreCase)
        : new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    private static string? Decoded(string? text) => text is null ? null : Uri.UnescapeDataString(text.Replace('+', ' '));

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, MatchingJson.Default.String);

    private static JsonElement Number(int number) => JsonSerializer.SerializeToElement(number, MatchingJson.Default.Int32);

    private static void Add(List<PactMismatch> wrong, string where, string? what)
    {
        if (what is not null)
        {
            wrong.Add(new PactMismatch(where, what));
        }
    }
}
