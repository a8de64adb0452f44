using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Server.Connectors.Files;

/// <summary>Names of files made from messages. The values in them are encoded already (<see cref="Templates.ChannelEscapes.FileName"/>): a slash is the template's own.</summary>
internal static class FileNames
{
    private const int PartBytesMax = 200;
    private const int PartsMax = 16;

    /// <summary>The name as a path that stays below its folder, or null if none can be made: a part of it is empty, or there are too many.</summary>
    public static string? Of(string rendered)
    {
        var parts = rendered.Trim().Split('/');
        return parts.Length <= PartsMax && parts.All(part => part.Length > 0) ? string.Join('/', parts.Select(Part)) : null;
    }

    private static string Part(string part)
    {
        // A leading dot would hide the file, or name this folder or the one above; control characters can come from the template only.
        var visible = part[0] == '.' ? "%2E" + part[1..] : part;
        visible = string.Concat(visible.Select(c => char.IsControl(c) || c == '\\' ? $"%{(int)c:X2}" : c.ToString()));
        return Encoding.UTF8.GetByteCount(visible) <= PartBytesMax ? visible : Shorten(visible);
    }

    // Too long for file systems: the beginning, a hash of all of it, and the extension.
    private static string Shorten(string part)
    {
        var extension = Path.GetExtension(part) is { Length: <= 16 } known ? known : "";
        var kept = new StringBuilder();
        var bytes = 0;
        foreach (var rune in part.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > PartBytesMax - 80)
            {
                break;
            }

            kept.Append(rune);
        }

        return $"{kept}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(part)))[..32]}{extension}";
    }
}
