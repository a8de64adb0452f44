using System.Buffers;
using System.Globalization;
using System.Text;

namespace Trunkline.Server.Expressions;

/// <summary>
/// Escapes of JSON text, both ways. Unlike the base class library it keeps lone surrogates: they are read from and written as
/// <c>\udXXX</c> (well-formed JSON.stringify, ECMA-262 25.5.2.3).
/// </summary>
internal static class JsonEscapes
{
    private static readonly SearchValues<char> NeedsEscape = SearchValues.Create(
        "\"\\" + string.Concat(Enumerable.Range(0, 0x20).Select(c => (char)c)) + string.Concat(Enumerable.Range(0xd800, 0x800).Select(c => (char)c)));

    /// <summary>The text of the inside of a JSON string; the escapes must be valid.</summary>
    public static string Unescape(ReadOnlySpan<byte> raw)
    {
        var text = new StringBuilder(raw.Length);
        while (raw.IndexOf((byte)'\\') is >= 0 and var backslash)
        {
            text.Append(Encoding.UTF8.GetString(raw[..backslash]));
            var code = raw[backslash + 1];
            raw = raw[(backslash + 2)..];
            if (code == (byte)'u')
            {
                text.Append((char)ushort.Parse(raw[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                raw = raw[4..];
                continue;
            }

            text.Append(code switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                _ => (char)code,
            });
        }

        return text.Append(Encoding.UTF8.GetString(raw)).ToString();
    }

    /// <summary>Writes a JSON string with its quotes.</summary>
    public static void Write(string text, JsonBuffer into)
    {
        into.Add((byte)'"');
        var rest = text.AsSpan();
        while (rest.IndexOfAny(NeedsEscape) is >= 0 and var at)
        {
            into.AddText(rest[..at]);
            rest = rest[at..];
            if (rest.Length > 1 && char.IsSurrogatePair(rest[0], rest[1]))
            {
                into.AddText(rest[..2]);
                rest = rest[2..];
                continue;
            }

            WriteEscape(rest[0], into);
            rest = rest[1..];
        }

        into.AddText(rest);
        into.Add((byte)'"');
    }

    private static void WriteEscape(char c, JsonBuffer into)
    {
        var span = into.Room(6);
        span[0] = (byte)'\\';
        var letter = c switch { '"' => '"', '\\' => '\\', '\b' => 'b', '\f' => 'f', '\n' => 'n', '\r' => 'r', '\t' => 't', _ => 'u' };
        span[1] = (byte)letter;
        if (letter != 'u')
        {
            into.Advance(2);
            return;
        }

        ((ushort)c).TryFormat(span[2..], out _, "x4", CultureInfo.InvariantCulture);
        into.Advance(6);
    }
}
