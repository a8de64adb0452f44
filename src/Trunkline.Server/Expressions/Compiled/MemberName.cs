using System.IO.Hashing;
using System.Text;

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>A member's name as an expression writes it. Immutable.</summary>
internal sealed class MemberName
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private MemberName(string text)
    {
        Utf8 = Strict.GetBytes(text);
        Hash = HashOf(Utf8);
        var written = new JsonBuffer();
        JsonEscapes.Write(text, written);
        written.Add((byte)':');
        Written = written.ToArray();
    }

    /// <summary>The bytes.</summary>
    public byte[] Utf8 { get; }

    /// <summary><see cref="HashOf"/> the bytes.</summary>
    public ulong Hash { get; }

    /// <summary>As JSON, with the colon.</summary>
    public byte[] Written { get; }

    /// <summary>
    /// Null for what an engine orders or treats apart: names like numbers come first, <c>__proto__</c> sets the prototype; and for
    /// lone surrogates, which have no bytes.
    /// </summary>
    public static MemberName? Of(string text)
    {
        try
        {
            return (text.Length > 0 && char.IsAsciiDigit(text[0])) || text == "__proto__" ? null : new MemberName(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The hash names are told apart by first.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> utf8) => XxHash3.HashToUInt64(utf8);

    /// <summary>True for a name in a message that an engine orders or treats apart.</summary>
    public static bool IsUnusual(ReadOnlySpan<byte> utf8) =>
        utf8.Length > 0 && (char.IsAsciiDigit((char)utf8[0]) || utf8.SequenceEqual("__proto__"u8));
}
