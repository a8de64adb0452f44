using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Trunkline.Server.Schemas.Json.Checks;

namespace Trunkline.Server.Schemas.Json.Formats;

/// <summary>What the values of <c>format</c> mean, where formats are checked. A format that is not named here accepts everything, as the specification asks.</summary>
internal static class FormatRules
{
    private static readonly FrozenDictionary<string, Func<string, bool>> s_rules = new Dictionary<string, Func<string, bool>>
    {
        ["date-time"] = TimeFormats.IsDateTime,
        ["date"] = TimeFormats.IsDate,
        ["time"] = TimeFormats.IsTime,
        ["duration"] = TimeFormats.IsDuration,
        ["email"] = text => IsEmail(text, international: false),
        ["idn-email"] = text => IsEmail(text, international: true),
        ["hostname"] = AddressFormats.IsHostName,
        ["ipv4"] = IsIpv4,
        ["ipv6"] = text => !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal) && !text.Contains('/', StringComparison.Ordinal)
            && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && HasFullIpv4End(text),
        ["uri"] = text => AddressFormats.IsUri(text, relative: false, international: false),
        ["uri-reference"] = text => AddressFormats.IsUri(text, relative: true, international: false),
        ["iri"] = text => AddressFormats.IsUri(text, relative: false, international: true),
        ["iri-reference"] = text => AddressFormats.IsUri(text, relative: true, international: true),
        ["uuid"] = text => text.Length == 36 && Guid.TryParseExact(text, "D", out _),
        ["json-pointer"] = IsPointer,
        ["relative-json-pointer"] = IsRelativePointer,
        ["regex"] = text => SchemaPattern.Read(text, out _) is not null,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The rule of a format; null if there is none.</summary>
    public static Func<string, bool>? Find(string format) => s_rules.GetValueOrDefault(format);

    private static bool IsEmail(string text, bool international)
    {
        var at = text.LastIndexOf('@');
        if (at is < 1 or > 64 || (!international && !System.Text.Ascii.IsValid(text)))
        {
            return false;
        }

        var (local, host) = (text[..at], text[(at + 1)..]);
        var hostIsRight = host.StartsWith('[') && host.EndsWith(']')
            ? IsIpv4(host[1..^1]) || (host.StartsWith("[IPv6:", StringComparison.Ordinal) && IPAddress.TryParse(host[6..^1], out _))
            : international || AddressFormats.IsHostName(host);
        return hostIsRight && host.Length > 0 && (IsQuoted(local) || IsDotted(local));
    }

    private static bool IsQuoted(string local) => local is ['"', _, .., '"'] && !local.AsSpan(1, local.Length - 2).Contains('"');

    private static bool IsDotted(string local) =>
        !local.StartsWith('.') && !local.EndsWith('.') && !local.Contains("..", StringComparison.Ordinal)
        && local.All(c => c > 0x7f || char.IsAsciiLetterOrDigit(c) || ".!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal));

    private static bool IsIpv4(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4 && parts.All(part => part.Length is >= 1 and <= 3 && (part.Length == 1 || part[0] != '0') && part.All(char.IsAsciiDigit)
            && int.Parse(part, CultureInfo.InvariantCulture) <= 255);
    }

    private static bool HasFullIpv4End(string text) => !text.Contains('.', StringComparison.Ordinal) || IsIpv4(text[(text.LastIndexOf(':') + 1)..]);

    private static bool IsPointer(string text)
    {
        if (text.Length > 0 && text[0] != '/')
        {
            return false;
        }

        for (var at = text.IndexOf('~', StringComparison.Ordinal); at >= 0; at = text.IndexOf('~', at + 1))
        {
            if (at + 1 == text.Length || text[at + 1] is not ('0' or '1'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsRelativePointer(string text)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        return digits > 0 && (digits == 1 || text[0] != '0') && (text[digits..] == "#" || IsPointer(text[digits..]));
    }
}
