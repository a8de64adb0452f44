using System.Globalization;
using System.Security.Cryptography;

namespace Trunkline.Server.Connectors.Files;

/// <summary>
/// Where the reading of a file stands, as the text that is stored: <c>IDENTITY.GENERATION:OFFSET:HEAD:HASH:NAME</c>. HEAD is how many of the file's first bytes the
/// hash is made of: a file that begins otherwise now was written anew. Frozen.
/// </summary>
/// <param name="Part">The file: its identity, and how often it was written anew.</param>
/// <param name="Offset">The byte the next line begins at.</param>
/// <param name="HeadBytes">Bytes of the hash: those of the first 1,024 that were read.</param>
/// <param name="Hash">16 hex digits of their SHA-256.</param>
/// <param name="Name">The name it was found by first: the messages' key.</param>
internal sealed record TailPosition(string Part, long Offset, int HeadBytes, string Hash, string Name)
{
    /// <summary>The most first bytes a file is told by.</summary>
    public const int HeadBytesMax = 1024;

    /// <summary>The longest name, in characters: what a position has room for.</summary>
    public const int NameLengthMax = 512;

    /// <summary>How often the file was written anew.</summary>
    public int Generation => int.Parse(Part.AsSpan(Part.LastIndexOf('.') + 1), CultureInfo.InvariantCulture);

    /// <summary>The file's identity as text.</summary>
    public string Identity => Part[..Part.LastIndexOf('.')];

    public static string PartOf(FileIdentity identity, int generation) => string.Create(CultureInfo.InvariantCulture, $"{identity}.{generation}");

    public static string HashOf(ReadOnlySpan<byte> head) => Convert.ToHexStringLower(SHA256.HashData(head).AsSpan(0, 8));

    public static TailPosition Parse(string text)
    {
        var parts = text.Split(':', 5);
        return new TailPosition(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture), parts[3], parts[4]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Part}:{Offset}:{HeadBytes}:{Hash}:{Name}");
}
