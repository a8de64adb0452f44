using System.Runtime.InteropServices;
using System.Text;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Connectors.Files;

/// <summary>A line found at the beginning of some bytes.</summary>
/// <param name="Length">Its bytes, without what ends it.</param>
/// <param name="Consumed">Bytes up to the next line.</param>
/// <param name="More">Whether it goes on: it was longer than a line may be.</param>
internal readonly record struct CutLine(int Length, int Consumed, bool More);

/// <summary>Cuts the bytes of a text file into lines, in its encoding. Immutable.</summary>
internal sealed class TextLines
{
    private readonly Encoding? _encoding;
    private readonly char _end;
    private readonly byte[] _mark;
    private readonly int _unit;

    private TextLines(Encoding? encoding, int unit, char end, byte[] mark) => (_encoding, _unit, _end, _mark) = (encoding, unit, end, mark);

    public static TextLines Of(FileEncoding encoding) => encoding switch
    {
        FileEncoding.Utf16Le => new TextLines(Encoding.Unicode, 2, '\n', [0xFF, 0xFE]),
        FileEncoding.Utf16Be => new TextLines(Encoding.BigEndianUnicode, 2, '\u0A00', [0xFE, 0xFF]),
        FileEncoding.Latin1 => new TextLines(Encoding.Latin1, 1, '\n', []),
        FileEncoding.Windows1252 => new TextLines(CodePagesEncodingProvider.Instance.GetEncoding(1252), 1, '\n', []),
        _ => new TextLines(null, 1, '\n', [0xEF, 0xBB, 0xBF]),
    };

    /// <summary>Bytes of the byte order mark a file begins with; 0 if it has none.</summary>
    public int MarkBytes(ReadOnlySpan<byte> beginning) => _mark.Length > 0 && beginning.StartsWith(_mark) ? _mark.Length : 0;

    /// <summary>The first line; null if its end is not there yet.</summary>
    /// <param name="bytes">Bytes from the beginning of a line.</param>
    /// <param name="lengthMax">The longest line; what is longer comes in pieces.</param>
    /// <param name="isLast">Whether nothing follows any more, so that the rest is a line too.</param>
    public CutLine? Cut(ReadOnlySpan<byte> bytes, int lengthMax, bool isLast)
    {
        var window = bytes[..Math.Min(bytes.Length, lengthMax + _unit)];
        if (FindEnd(window) is >= 0 and var end)
        {
            return new CutLine(WithoutReturn(bytes[..end]), end + _unit, false);
        }

        if (bytes.Length > lengthMax)
        {
            var cut = Boundary(bytes, lengthMax);
            return new CutLine(cut, cut, true);
        }

        return isLast && bytes.Length > 0 ? new CutLine(bytes.Length, bytes.Length, false) : null;
    }

    /// <summary>The line in UTF-8: as it is where the file is UTF-8.</summary>
    public byte[] ToUtf8(ReadOnlySpan<byte> line) => _encoding is null ? line.ToArray() : Encoding.UTF8.GetBytes(_encoding.GetString(line));

    private int FindEnd(ReadOnlySpan<byte> bytes) => _unit == 1
        ? bytes.IndexOf((byte)_end)
        : MemoryMarshal.Cast<byte, char>(bytes[..(bytes.Length & ~1)]).IndexOf(_end) is >= 0 and var at ? at * 2 : -1;

    private int WithoutReturn(ReadOnlySpan<byte> line) =>
        line.Length >= _unit && (_unit == 1 ? line[^1] == '\r' : MemoryMarshal.Cast<byte, char>(line)[^1] == (_end == '\n' ? '\r' : '\u0D00')) ? line.Length - _unit : line.Length;

    /// <summary>At most so many bytes, no character cut in two.</summary>
    private int Boundary(ReadOnlySpan<byte> bytes, int lengthMax)
    {
        var cut = lengthMax - (lengthMax % _unit);
        if (_encoding is null)
        {
            // Back over the bytes that continue a character; more than three are none of UTF-8.
            for (var back = 0; back < 3 && cut > 1 && (bytes[cut] & 0xC0) == 0x80; back++)
            {
                cut--;
            }
        }
        else if (_unit == 2 && cut > 2 && char.IsHighSurrogate(_encoding.GetChars(bytes[(cut - 2)..cut].ToArray())[0]))
        {
            cut -= 2;
        }

        return cut;
    }
}
