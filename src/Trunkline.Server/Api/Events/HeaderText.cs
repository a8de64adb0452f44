using System.Buffers;
using System.Globalization;
using System.Text;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;
using Utf8Text = System.Text.Unicode.Utf8;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// Reads text from an HTTP header as CloudEvents' HTTP binding writes it (3.1.3.2): a quoted string is unquoted, then
/// percent-encoded bytes are decoded, and the result must be UTF-8.
/// </summary>
internal static class HeaderText
{
    private static readonly SearchValues<char> Special = SearchValues.Create("%\"");

    public static byte[] Decode(string header, string value)
    {
        if (!value.AsSpan().ContainsAny(Special))
        {
            return Encoding.UTF8.GetBytes(value);
        }

        var text = value is ['"', .., '"'] && value.Length > 1 ? Unquote(value.AsSpan(1, value.Length - 2)) : value;
        var source = Encoding.UTF8.GetBytes(text);
        var target = new byte[source.Length];
        var length = 0;
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] != (byte)'%')
            {
                target[length++] = source[i];
            }
            else if (i + 2 < source.Length && byte.TryParse(source.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var decoded))
            {
                target[length++] = decoded;
                i += 2;
            }
            else
            {
                throw new ProblemException(ErrorCodes.RequestHeaderInvalid, $"{header}: '%' is not followed by two hex digits; encode a percent sign as %25.");
            }
        }

        return Utf8Text.IsValid(target.AsSpan(0, length))
            ? target[..length]
            : throw new ProblemException(ErrorCodes.RequestHeaderInvalid, $"{header}: the percent-encoded bytes are not valid UTF-8.");
    }

    private static string Unquote(ReadOnlySpan<char> quoted)
    {
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            text.Append(quoted[i] == '\\' && i + 1 < quoted.Length ? quoted[++i] : quoted[i]);
        }

        return text.ToString();
    }
}
