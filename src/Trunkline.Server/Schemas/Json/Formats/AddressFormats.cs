using System.Text.RegularExpressions;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Formats;

/// <summary>Host names and URIs.</summary>
internal static partial class AddressFormats
{
    private const int HostMax = 253;
    private const int LabelMax = 63;

    /// <summary>A host name of RFC 1123.</summary>
    public static bool IsHostName(string text) =>
        text.Length is > 0 and <= HostMax && Array.TrueForAll(text.Split('.'), label => label.Length is > 0 and <= LabelMax
            && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && (label.Length < 4 || label[2..4] != "--" || label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase)));

    /// <summary>A URI or, if international, an IRI.</summary>
    public static bool IsUri(string text, bool relative, bool international)
    {
        if (!(international ? Characters().IsMatch(text) : System.Text.Ascii.IsValid(text) && Characters().IsMatch(text)))
        {
            return false;
        }

        var parts = UriReference.Parse(text);
        if (parts.Scheme is null ? !relative || parts.Path.Split('/')[0].Contains(':', StringComparison.Ordinal) : !SchemeName().IsMatch(parts.Scheme))
        {
            return false;
        }

        return !parts.Path.AsSpan().ContainsAny("[]") && parts.Query?.AsSpan().ContainsAny("[]") != true && parts.Fragment?.AsSpan().ContainsAny("[]#") != true
            && (parts.Authority is null || Authority().IsMatch(parts.Authority));
    }

    [GeneratedRegex("^(?:%[0-9A-Fa-f]{2}|[^\\x00-\\x20\\x7f\"<>\\\\^`{|}%])*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Characters();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.\-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SchemeName();

    [GeneratedRegex(@"^(?:[^@\[\]]*@)?(?:\[(?:[0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[^\[\]]+)\]|[^@:\[\]]*)(?::[0-9]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Authority();
}
