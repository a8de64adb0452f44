using System.Text;
using System.Text.Json;

namespace Trunkline.Server.Pacts.Matching;

/// <summary>Compares a body that came with what a pact expects of it.</summary>
internal static class PactBodyMatch
{
    /// <summary>Where it differs.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="expected">What the pact expects.</param>
    /// <param name="actual">What came.</param>
    /// <param name="contentType">Its content type; null if not told.</param>
    /// <param name="allowsMore">Whether members the pact does not speak of are fine.</param>
    public static IReadOnlyList<PactMismatch> Compare(PactRules rules, PactBody expected, ReadOnlyMemory<byte> actual, string? contentType, bool allowsMore)
    {
        if (!expected.IsTold)
        {
            return [];
        }

        if (expected.IsEmpty || actual.IsEmpty)
        {
            return expected.IsEmpty && actual.IsEmpty ? [] : Wrong(expected.IsEmpty ? "no body expected, one came" : "a body expected, none came");
        }

        if (rules.Find("body", [])?.Rule.All.FirstOrDefault(one => one.Match == "contentType") is { Match: not null } type)
        {
            return type.Text("value") is { } wanted && contentType is not null && IsOf(wanted, contentType) ? [] : Wrong($"a body of type {type.Text("value")} expected, {contentType ?? "one of no type"} came");
        }

        var kind = PactMedia.KindOf(expected.ContentType, expected.Content);
        if (contentType is not null && PactMedia.KindOf(contentType) is var came && came != kind && expected.ContentType is not null)
        {
            return Wrong($"a body of type {expected.ContentType} expected, {contentType} came");
        }

        return kind switch
        {
            PactMediaKind.Json => Json(rules, expected, actual, allowsMore),
            PactMediaKind.Xml => PactXmlBody.Compare(rules, allowsMore, Encoding.UTF8.GetString(expected.Bytes() ?? []), Encoding.UTF8.GetString(actual.Span)),
            PactMediaKind.Form => PactHttp.Query(rules, "body", Form(expected.Bytes() ?? []), Form(actual.Span)),
            PactMediaKind.Text => Text(rules, expected, actual),
            _ => actual.Span.SequenceEqual(expected.Bytes()) ? [] : Wrong("other bytes came"),
        };
    }

    private static bool IsOf(string wanted, string came) => wanted.Split(';')[0].Trim().Equals(came.Split(';')[0].Trim(), StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<PactMismatch> Json(PactRules rules, PactBody expected, ReadOnlyMemory<byte> actual, bool allowsMore)
    {
        var wanted = expected.Content.ValueKind == JsonValueKind.String ? PactMedia.Json(Encoding.UTF8.GetString(expected.Bytes() ?? [])) ?? expected.Content : expected.Content;
        return PactMedia.Json(Encoding.UTF8.GetString(actual.Span)) is { } came ? PactJsonBody.Compare(rules, allowsMore, wanted, came) : Wrong("JSON expected, what came is none");
    }

    private static IReadOnlyList<PactMismatch> Text(PactRules rules, PactBody expected, ReadOnlyMemory<byte> actual)
    {
        var (wanted, came) = (AsJson(Encoding.UTF8.GetString(expected.Bytes() ?? [])), AsJson(Encoding.UTF8.GetString(actual.Span)));
        var wrong = rules.Find("body", []) is var (rule, _) ? PactValues.Check(rule, wanted, came, isText: true) : PactValues.AreEqual(wanted, came) ? null : $"{PactValues.Tell(wanted)} expected, {PactValues.Tell(came)} came";
        return wrong is null ? [] : Wrong(wrong);
    }

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> Form(ReadOnlySpan<byte> body) => PactHttp.Parameters(Encoding.UTF8.GetString(body));

    private static JsonElement AsJson(string text) => JsonSerializer.SerializeToElement(text, MatchingJson.Default.String);

    private static IReadOnlyList<PactMismatch> Wrong(string what) => [new("body", what)];
}
