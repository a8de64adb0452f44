using System.Text.Json;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;
using Utf8Text = System.Text.Unicode.Utf8;

namespace Trunkline.Server.Api.Events;

/// <summary>
/// Checks JSON (RFC 8259) in place, without building anything: valid UTF-8, depth at most <see cref="DepthMax"/>, no lone
/// surrogates (which no reader further down could turn into text), one value and nothing after it.
/// </summary>
internal static class JsonText
{
    /// <summary>Levels of nesting a payload may have; leaves room for the envelopes it is shown in (readers default to 64).</summary>
    public const int DepthMax = 60;

    // One above our own bound, so that ours is met first and names itself.
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = DepthMax + 4 };

    /// <summary>The bytes without a byte order mark, checked to be UTF-8.</summary>
    public static ReadOnlyMemory<byte> Utf8(ReadOnlyMemory<byte> bytes)
    {
        if (!Utf8Text.IsValid(bytes.Span))
        {
            throw new ProblemException(ErrorCodes.JsonNotUtf8, "The body is not valid UTF-8.");
        }

        return bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
    }

    /// <summary>True if the bytes are one JSON value the API could show; for what is stored, which may be anything.</summary>
    public static bool IsValue(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8Text.IsValid(bytes))
        {
            return false;
        }

        try
        {
            CheckValue(bytes, 0);
            return true;
        }
        catch (ProblemException)
        {
            // Not JSON is one of the two answers here.
            return false;
        }
    }

    /// <summary>Refuses what is not one JSON value.</summary>
    /// <param name="bytes">The document.</param>
    /// <param name="line">Zero-based line it starts at, for the error.</param>
    public static void CheckValue(ReadOnlySpan<byte> bytes, long line)
    {
        var reader = new Utf8JsonReader(bytes, ReaderOptions);
        try
        {
            reader.Read();
            SkipValue(ref reader);
            reader.Read();
        }
        catch (JsonException broken)
        {
            throw Broken(broken, line);
        }
    }

    /// <summary>Moves from the first token of a value to its last, checking what the reader does not.</summary>
    public static void SkipValue(ref Utf8JsonReader reader)
    {
        var outer = reader.CurrentDepth;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth - outer >= DepthMax:
                    throw new ProblemException(ErrorCodes.JsonTooDeep, $"The JSON is nested deeper than {DepthMax} levels at byte {reader.TokenStartIndex + 1}.");
                case JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped:
                    CheckEscapes(reader.ValueSpan, reader.TokenStartIndex);
                    break;
            }
        }
        while ((reader.CurrentDepth > outer || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) && reader.Read());
    }

    /// <summary>The problem of a document the reader refused. Its own text may quote the document, so only the place is told.</summary>
    public static ProblemException Broken(JsonException broken, long line) => new(
        ErrorCodes.JsonInvalid,
        FormattableString.Invariant($"The JSON is broken at line {line + broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}."),
        broken);

    private static void CheckEscapes(ReadOnlySpan<byte> text, long start)
    {
        for (var i = text.IndexOf((byte)'\\'); i >= 0 && i < text.Length; i++)
        {
            if (text[i] != (byte)'\\')
            {
                continue;
            }

            if (text[++i] != (byte)'u' || Unit(text, i + 1) is < 0xD800 or > 0xDFFF)
            {
                continue;
            }

            var paired = Unit(text, i + 1) < 0xDC00 && i + 6 < text.Length && text[i + 5] == (byte)'\\' && text[i + 6] == (byte)'u'
                && Unit(text, i + 7) is >= 0xDC00 and <= 0xDFFF;
            if (!paired)
            {
                throw new ProblemException(ErrorCodes.JsonNotUtf8, $"The string at byte {start + 1} holds a lone surrogate.");
            }

            i += 10;
        }
    }

    // The reader has checked that four hex digits follow.
    private static int Unit(ReadOnlySpan<byte> text, int at) =>
        System.Buffers.Text.Utf8Parser.TryParse(text.Slice(at, 4), out ushort unit, out _, 'x') ? unit : 0;
}
