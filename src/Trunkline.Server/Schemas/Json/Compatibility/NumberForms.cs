using System.Text;
using System.Text.RegularExpressions;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compatibility;

/// <summary>1 and 1.0 are equal, so whoever may write the one may write the other; but draft 4 takes only the one for an integer.</summary>
internal static partial class NumberForms
{
    /// <summary>A value with all its whole numbers written with a fraction; null if it has none.</summary>
    public static JsonIndex? WithFractions(JsonIndex values, int token)
    {
        var text = values.Json(token);
        var other = StringOrNumber().Replace(text, found => found.Value[0] == '"' || found.Value.AsSpan().ContainsAny(".eE") ? found.Value : found.Value + ".0");
        return other == text ? null : JsonIndex.Parse(Encoding.UTF8.GetBytes(other), out _);
    }

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?
        """)]
    private static partial Regex StringOrNumber();
}
