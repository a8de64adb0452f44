using System.Text;
using System.Text.Encodings.Web;

namespace Trunkline.Server.Templates;

/// <summary>How values are escaped in the text of a channel, so that what a message says cannot link, mention or format. Thread-safe.</summary>
internal sealed class ChannelEscapes : TextEncoder
{
    private readonly Func<int, string?> _escapeOf;

    private ChannelEscapes(Func<int, string?> escapeOf) => _escapeOf = escapeOf;

    /// <summary>Slack's <c>mrkdwn</c>: three characters make links and mentions; for others there is no escape.</summary>
    public static ChannelEscapes Slack { get; } = new(new Dictionary<int, string> { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;" }.GetValueOrDefault);

    /// <summary>The Markdown of an Adaptive Card.</summary>
    public static ChannelEscapes Markdown { get; } = new("\\`*_[]()#~<>!|".ToDictionary(c => (int)c, c => "\\" + c).GetValueOrDefault);

    /// <summary>A line of a file: what ends lines, or steers a terminal, is written out, so that a message cannot make lines of its own.</summary>
    public static ChannelEscapes Line { get; } = new(InLine);

    /// <summary>A part of a file's name: all but letters, digits and <c>-_.</c> percent-encoded, so that different values stay different.</summary>
    public static ChannelEscapes FileName { get; } = new(InFileName);

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => 12;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => _escapeOf(unicodeScalar) is not null;

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        for (var i = 0; i < textLength; i++)
        {
            // Half of a pair: the scalar of both decides, when it is asked for.
            if (char.IsSurrogate(text[i]) || _escapeOf(text[i]) is not null)
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var into = new Span<char>(buffer, bufferLength);
        if (_escapeOf(unicodeScalar) is not { } escape)
        {
            return new Rune(unicodeScalar).TryEncodeToUtf16(into, out numberOfCharactersWritten);
        }

        numberOfCharactersWritten = escape.TryCopyTo(into) ? escape.Length : 0;
        return numberOfCharactersWritten > 0;
    }

    private static string? InLine(int scalar) => scalar switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => null,
        < ' ' or (>= 0x7F and < 0xA0) or 0x2028 or 0x2029 => FormattableString.Invariant($"\\u{scalar:x4}"),
        _ => null,
    };

    private static string? InFileName(int scalar)
    {
        if (scalar is '-' or '_' or '.' || Rune.IsLetterOrDigit(new Rune(scalar)))
        {
            return null;
        }

        Span<byte> utf8 = stackalloc byte[4];
        return string.Concat(utf8[..new Rune(scalar).EncodeToUtf8(utf8)].ToArray().Select(b => FormattableString.Invariant($"%{b:X2}")));
    }
}
