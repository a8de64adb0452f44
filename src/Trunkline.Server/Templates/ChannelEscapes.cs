using System.Text;
using System.Text.Encodings.Web;

namespace Trunkline.Server.Templates;

/// <summary>How values are escaped in the text of a channel, so that what a message says cannot link, mention or format. Thread-safe.</summary>
internal sealed class ChannelEscapes : TextEncoder
{
    private readonly Dictionary<int, string> _escapes;

    private ChannelEscapes(Dictionary<int, string> escapes) => _escapes = escapes;

    /// <summary>Slack's <c>mrkdwn</c>: three characters make links and mentions; for others there is no escape.</summary>
    public static ChannelEscapes Slack { get; } = new(new Dictionary<int, string> { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;" });

    /// <summary>The Markdown of an Adaptive Card.</summary>
    public static ChannelEscapes Markdown { get; } = new("\\`*_[]()#~<>!|".ToDictionary(c => (int)c, c => "\\" + c));

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => 5;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => _escapes.ContainsKey(unicodeScalar);

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        for (var i = 0; i < textLength; i++)
        {
            if (_escapes.ContainsKey(text[i]))
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
        if (!_escapes.TryGetValue(unicodeScalar, out var escape))
        {
            return new Rune(unicodeScalar).TryEncodeToUtf16(into, out numberOfCharactersWritten);
        }

        numberOfCharactersWritten = escape.TryCopyTo(into) ? escape.Length : 0;
        return numberOfCharactersWritten > 0;
    }
}
