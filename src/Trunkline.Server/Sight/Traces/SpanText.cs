using System.Buffers;

namespace Trunkline.Server.Sight.Traces;

/// <summary>Makes texts of others fit to be kept and shown.</summary>
internal static class SpanText
{
    /// <summary>Characters of a name at most.</summary>
    public const int NameMax = 200;

    /// <summary>Characters of an attribute's value at most.</summary>
    public const int ValueMax = 500;

    // Signs that steer a terminal, and those that make text run backwards and so look like another.
    private static readonly SearchValues<char> Unfit = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7f, 0x21)).Concat([0x200e, 0x200f, 0x2028, 0x2029, 0xfeff])
            .Concat(Enumerable.Range(0x202a, 5)).Concat(Enumerable.Range(0x2066, 4)).Select(c => (char)c),
    ]);

    /// <summary>The text without what steers terminals or turns the direction of reading, cut to a length.</summary>
    public static string Clean(string text, int max)
    {
        var cut = text.Length <= max ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[max - 2]) ? max - 2 : max - 1), "…");
        return cut.AsSpan().ContainsAny(Unfit) ? string.Create(cut.Length, cut, static (to, from) => from.AsSpan().ReplaceAny(to, Unfit, '\ufffd')) : cut;
    }

    /// <summary>The name a service goes by.</summary>
    public static string ServiceOf(string? told) => string.IsNullOrWhiteSpace(told) ? "unknown" : Clean(told.Trim(), NameMax);

    /// <summary>True for attributes that hold what users wrote, or secrets: these are not kept.</summary>
    public static bool IsContent(string name) =>
        name.StartsWith("gen_ai.", StringComparison.Ordinal)
            ? name.Contains("messages", StringComparison.Ordinal) || name.Contains("prompt", StringComparison.Ordinal) || name.Contains("completion", StringComparison.Ordinal)
              || name.Contains("instructions", StringComparison.Ordinal) || name.Contains(".arguments", StringComparison.Ordinal) || name.EndsWith(".result", StringComparison.Ordinal)
            : name.Contains(".header.", StringComparison.Ordinal) || name is "db.statement" or "db.query.text" or "url.query" or "http.url" or "url.full" or "http.target";
}
